//! Mails of our own through the stack's topics: shared by `digest` and `baseline`.

use super::run_plan;
use crate::failure::{ERROR, Failure};
use crate::print::{self, CHANGED, GOOD};
use crate::show::letter::{self, Letter, readers_of, unsent};
use crate::show::table::marked;
use crate::spec_file::show_path;
use crate::world::World;
use notify_core::aws::Region;
use notify_core::mail::Notification;
use notify_core::provider::Publish;
use notify_core::spec::Spec;
use notify_core::state::ResourceKey;

/// A mail to the topic of a region, which must be there.
pub(super) async fn to_topic(
    spec: &Spec,
    region: &Region,
    notification: Notification,
    world: &World,
) -> Result<Letter, Failure> {
    let topic = ResourceKey::topic(region, &spec.topic.name);
    let Some(readers) = world.readers(&topic).await? else {
        let local = if matches!(world, World::Local(_)) { " --provider local" } else { "" };
        return Err(Failure::new(
            format!("there is no topic {} in {region}; nothing was sent", spec.topic.name),
            format!("`notify-cli setup{local}` makes it"),
        ));
    };
    Ok(Letter { topic, readers, notification, sent: None })
}

/// Shows mails, and asks whether to send them.
pub(super) fn agree(letters: &[Letter], yes: bool, json: bool) -> Result<(), Failure> {
    if !json {
        for one in letters {
            print::out(&format!("{}\n", letter::human(one)));
        }
    }
    match (yes, json) {
        (true, _) => Ok(()),
        (false, true) => Err(Failure::new(
            "--json asks no question; nothing was sent",
            "--yes answers yes beforehand",
        )),
        (false, false) => run_plan::ask("Send this?", "nothing was sent"),
    }
}

/// Sends mails. Answers whether all were sent.
pub(super) async fn send(letters: &mut [Letter], world: &mut World) -> Result<bool, Failure> {
    for letter in letters.iter_mut() {
        letter.sent = Some(world.publish(&letter.topic, &letter.notification).await);
    }
    world.save()?;
    Ok(letters.iter().all(|letter| matches!(letter.sent, Some(Ok(_)))))
}

/// Says that not all were sent.
pub(super) fn not_all() -> u8 {
    print::err(
        "not everything was sent: the same command sends all of it again; --region sends that of one region",
    );
    ERROR
}

/// Says what became of mails.
pub(super) fn say(letters: &[Letter], world: &World) {
    for letter in letters {
        let Letter { topic, readers, notification: _, sent } = letter;
        let place = format!("{} in {}", topic.name, topic.place);
        print::out(&match sent {
            Some(Err(error)) => unsent(&place, error),
            Some(Ok(id)) => {
                let text = format!("{place}: sent to {} (message {id})", readers_of(*readers));
                let (style, mark) =
                    if readers.confirmed == 0 { (CHANGED, "…") } else { (GOOD, "✓") };
                marked(style, mark, &text)
            }
            None => continue,
        });
    }
    if let World::Local(session) = world {
        for path in session.written() {
            print::out(&format!("wrote {}", show_path(path)));
        }
    }
}
