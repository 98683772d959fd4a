//! `confirm`: what a reader does with the link of a confirmation mail, on the local provider.

use super::Ended;
use crate::args::{Global, ProviderName};
use crate::failure::{DONE, Failure};
use crate::local::Session;
use crate::show::plan::WIDTH;
use crate::show::table::wrap;
use crate::{print, spec_file};
use notify_core::state::SubscriptionStatus;
use serde_json::json;

/// Follows the link of a confirmation mail on the local provider, so that mail flows
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The address that was invited
    address: String,
}

pub(crate) fn run(args: &Args, global: &Global) -> Ended {
    let address = &args.address;
    if global.provider == ProviderName::Aws {
        return Err(Failure::new(
            "only the local provider's readers can be confirmed here",
            "add --provider local; in a real account the reader follows the link in the mail",
        ));
    }
    let folder = spec_file::read(global.config.as_deref())?.folder();
    let mut session = Session::open(&folder)?;
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
            SubscriptionStatus::Pending if subscription.endpoint == *address => {
                confirmed.push((region.as_str(), topic));
            }
            SubscriptionStatus::Confirmed if subscription.endpoint == *address => already = true,
            SubscriptionStatus::Deleted if subscription.endpoint == *address => left = true,
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
        let document = json!({"version": 1, "address": address, "confirmed": topics});
        print::out(&print::json(&document));
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
