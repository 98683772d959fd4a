//! `confirm`: what a reader does with the link of a confirmation mail.

use super::Ended;
use crate::args::{Global, ProviderName};
use crate::failure::{DONE, Failure};
use crate::local::Session;
use crate::show::plan::WIDTH;
use crate::show::table::wrap;
use crate::world::World;
use crate::{print, spec_file};
use notify_core::aws::{ConfirmationLink, Identity};
use notify_core::plan::{Request, wanted};
use notify_core::provider::{ErrorClass, Trial};
use notify_core::state::{Kind, ResourceKey, State, SubscriptionStatus};
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;

/// Confirms a subscription with the link of its mail, so that nobody can end it by one click
///
/// The link is not opened: its token goes into a signed call. Whoever opens it confirms, too, but
/// then the link below each mail ends the subscription at once, for a mail scanner as well.
///
/// A token is a secret for as long as nobody has confirmed: `notify-cli confirm -` reads the link,
/// or the whole mail, from standard input, and keeps it out of the shell's history. On a command
/// line a link goes into single quotes, because shells end a word at &.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The link, or - to read it; on the local provider also the address that was invited
    #[arg(value_name = "URL|ADDRESS|-")]
    what: String,
}

pub(crate) async fn run(args: &Args, global: &Global) -> Ended {
    let folder = spec_file::read(global.config.as_deref())?.folder();
    if args.what == "-" {
        return link(&read()?, global).await;
    }
    let is_link = args.what.contains("://") || args.what.contains("TopicArn");
    if is_link {
        return link(&args.what, global).await;
    }
    match global.provider {
        ProviderName::Local => address(&args.what, &folder, global),
        ProviderName::Aws => Err(Failure::new(
            "in a real account a reader is confirmed by the link of the mail, and not by the address",
            "copy the link, run `notify-cli confirm -` and paste it; for the local provider add --provider local",
        )),
    }
}

/// Reads a link or a mail; nothing of it is ever shown.
fn read() -> Result<String, Failure> {
    const MOST: u64 = 1 << 20;
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(MOST)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::from_error("standard input cannot be read", &error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

async fn link(text: &str, global: &Global) -> Ended {
    let link = ConfirmationLink::find(text)
        .map_err(|error| Failure::new(format!("{error}; nothing was confirmed"), error.help()))?;
    let (spec, folder) = spec_file::read(global.config.as_deref())?.checked()?;
    let mut world = World::open(global, &folder).await?;
    // No web ACL is asked: its rules have no readers of their own.
    let request = Request::destroy(world.default_region());
    let (who, desired) = wanted(&world, &spec, &request).await?;
    let topic = ours(&link, &who, &desired.state)?;
    let local = global.on_local();
    let arn = world.confirm(&topic, &link.token).await.map_err(|error| match error.class {
        ErrorClass::Invalid => {
            let address = link.endpoint.as_deref().unwrap_or("ADDRESS");
            let mut failure = Failure::new(
                "SNS does not take the link's token; nothing was confirmed",
                format!(
                    "a link is good for two days, and for its own topic: `notify-cli setup{local} --resubscribe {address}` has a new mail sent"
                ),
            );
            failure.causes.push(error.to_string());
            failure
        }
        ErrorClass::NotFound => Failure::new(
            format!("there is no topic {} in {}", topic.name, topic.place),
            format!("`notify-cli setup{local}` makes it and invites everybody"),
        ),
        _ => error.into(),
    })?;
    let address = match link.endpoint {
        Some(address) => address,
        None => {
            let there = world.subscriptions(&topic).await?.unwrap_or_default();
            let found = there.into_iter().find(|s| s.arn.value() == Some(&Some(arn.clone())));
            found.map(|found| found.endpoint).unwrap_or_default()
        }
    };
    world.save()?;
    let (region, name) = (topic.place.to_string(), &topic.name);
    if global.json {
        let confirmed = vec![json!({"region": region, "topic": name})];
        print::out(&print::json(&document(&address, &confirmed)));
        return Ok(DONE);
    }
    let who = if address.is_empty() { "the reader" } else { &address };
    let text = format!(
        "{who} receives mail of {name} in {region}; the link below the mails does not end it, only this account can"
    );
    print::out(&wrap(&print::line(&text), 0, WIDTH));
    Ok(DONE)
}

/// The topic of a link, if it is one of the file's in this account.
fn ours(link: &ConfirmationLink, who: &Identity, desired: &State) -> Result<ResourceKey, Failure> {
    let topic = ResourceKey::topic(&link.region, &link.topic);
    if link.arn.account != who.account.as_str() || link.arn.partition != who.partition {
        return Err(Failure::new(
            format!(
                "the link is for account {}, and this is {}; nothing was confirmed",
                link.arn.account, who.account
            ),
            "use the credentials of the link's account (--profile), or the link of this one",
        ));
    }
    if desired.contains_key(&topic) {
        return Ok(topic);
    }
    let known: Vec<String> = desired
        .keys()
        .filter(|key| key.kind == Kind::Topic)
        .map(|key| format!("{} in {}", key.name, key.place))
        .collect();
    Err(Failure::new(
        format!(
            "the link is for topic {} in {}, which is not in the file; nothing was confirmed",
            link.topic, link.region
        ),
        format!(
            "the file has {}: take the link of its mail, or name the other file with --config",
            known.join(", ")
        ),
    ))
}

fn document(address: &str, confirmed: &[Value]) -> Value {
    json!({
        "version": 1,
        "address": address,
        "confirmed": confirmed,
        "authenticated": true,
    })
}

fn address(address: &str, folder: &Path, global: &Global) -> Ended {
    let mut session = Session::open(folder)?;
    let cloud = session.cloud.cloud();
    let subscriptions = cloud.regions.iter().flat_map(|(region, place)| {
        place.topics.iter().flat_map(move |(topic, local)| {
            local.subscriptions.iter().map(move |subscription| (region, topic, subscription))
        })
    });
    let (mut confirmed, mut waiting) = (Vec::new(), Vec::new());
    let (mut already, mut left) = (false, false);
    for (region, topic, subscription) in subscriptions {
        let is_pending = subscription.status == SubscriptionStatus::Pending;
        match subscription.status {
            SubscriptionStatus::Pending if subscription.endpoint == address => {
                confirmed.push((region.as_str(), topic));
            }
            SubscriptionStatus::Confirmed if subscription.endpoint == address => already = true,
            SubscriptionStatus::Deleted if subscription.endpoint == address => left = true,
            _ if is_pending => waiting.push(subscription.endpoint.as_str()),
            _ => {}
        }
    }
    if confirmed.is_empty() && !already && left {
        return Err(Failure::new(
            format!("{address} has left"),
            format!(
                "`notify-cli setup --provider local --resubscribe {address}` invites them again"
            ),
        ));
    }
    if confirmed.is_empty() && !already {
        let help = if waiting.is_empty() {
            "nobody waits: `notify-cli setup --provider local` invites the file's readers"
                .to_owned()
        } else {
            waiting.sort_unstable();
            waiting.dedup();
            format!("waiting are {}", waiting.join(", "))
        };
        return Err(Failure::new(format!("{address} has not been invited"), help));
    }
    session.cloud.confirm(address);
    session.save()?;
    if global.json {
        let topics =
            confirmed.iter().map(|(region, topic)| json!({"region": region, "topic": topic}));
        let topics: Vec<_> = topics.collect();
        print::out(&print::json(&document(address, &topics)));
        return Ok(DONE);
    }
    for (region, topic) in &confirmed {
        let text = format!("{address} receives mail of {topic} in {region}");
        print::out(&wrap(&print::line(&text), 0, WIDTH));
    }
    if confirmed.is_empty() {
        print::out(&wrap(&print::line(&format!("{address} was confirmed already")), 0, WIDTH));
    }
    Ok(DONE)
}
