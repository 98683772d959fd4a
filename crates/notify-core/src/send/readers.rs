//! Who is told, and who is not yet.

use crate::aws::Protocol;
use crate::state::{Resource, ResourceKey, State, Subscription, SubscriptionStatus};
use std::collections::{BTreeMap, BTreeSet};

/// Somebody whom the file names, at one topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The topic.
    pub topic: ResourceKey,
    /// How messages travel.
    pub protocol: Protocol,
    /// Where to.
    pub endpoint: String,
    /// How it stands.
    pub standing: Standing,
}

/// How somebody stands to a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Mail flows.
    Confirmed,
    /// The link in the mail has not been followed.
    Pending,
    /// They ended it themselves.
    Left,
    /// The topic does not know them: they were never invited, or did not answer in two days.
    NotInvited,
    /// There is no such topic.
    NoTopic,
}

impl Standing {
    /// A word for it in JSON output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Pending => "pending",
            Self::Left => "left",
            Self::NotInvited => "not_invited",
            Self::NoTopic => "no_topic",
        }
    }

    /// Whether waiting is of no use: somebody must do something else first.
    pub fn is_hopeless(self) -> bool {
        matches!(self, Self::Left | Self::NotInvited | Self::NoTopic)
    }
}

/// The topics that somebody of the file is subscribed to.
pub fn topics_of(desired: &State) -> BTreeSet<ResourceKey> {
    subscriptions(desired).map(|wanted| wanted.topic.clone()).collect()
}

/// How everybody of the file stands, given each topic's subscriptions; a topic that has none
/// is nowhere.
///
/// ```
/// # use notify_core::{aws::{Protocol, Region, TopicName}, send::{Standing, readers}};
/// # use notify_core::state::{Resource, ResourceKey, State, Subscription, Want};
/// # use std::collections::BTreeMap;
/// let topic = ResourceKey::topic(&Region::us_east_1(), &TopicName::parse("alerts")?);
/// let ops = Subscription {
///     topic: topic.clone(),
///     protocol: Protocol::Email,
///     endpoint: "ops@example.com".to_owned(),
///     status: Want::Keep,
///     arn: Want::Keep,
///     filter: Want::Keep,
/// };
/// let key = ResourceKey::subscription(&topic, ops.protocol, &ops.endpoint);
/// let desired = State::from([(key, Resource::Subscription(ops))]);
/// let found = BTreeMap::from([(topic, Some(Vec::new()))]);
/// assert_eq!(readers(&desired, &found)[0].standing, Standing::NotInvited);
/// # Ok::<(), notify_core::aws::NameError>(())
/// ```
pub fn readers(
    desired: &State,
    found: &BTreeMap<ResourceKey, Option<Vec<Subscription>>>,
) -> Vec<Reader> {
    subscriptions(desired)
        .map(|wanted| {
            let standing = match found.get(&wanted.topic) {
                None | Some(None) => Standing::NoTopic,
                Some(Some(there)) => {
                    let same = |there: &&Subscription| {
                        there.protocol == wanted.protocol && there.endpoint == wanted.endpoint
                    };
                    // Who left and was invited again is listed twice: the living entry counts.
                    let best = there.iter().filter(same).filter_map(|s| s.status.value()).max();
                    match best {
                        Some(SubscriptionStatus::Confirmed) => Standing::Confirmed,
                        Some(SubscriptionStatus::Pending) => Standing::Pending,
                        Some(SubscriptionStatus::Deleted) => Standing::Left,
                        None => Standing::NotInvited,
                    }
                }
            };
            Reader {
                topic: wanted.topic.clone(),
                protocol: wanted.protocol,
                endpoint: wanted.endpoint.clone(),
                standing,
            }
        })
        .collect()
}

fn subscriptions(desired: &State) -> impl Iterator<Item = &Subscription> {
    desired.values().filter_map(|resource| match resource {
        Resource::Subscription(subscription) => Some(subscription),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::{Region, TopicName};
    use crate::state::Want;

    fn topic(name: &str) -> ResourceKey {
        ResourceKey::topic(&Region::us_east_1(), &TopicName::parse(name).unwrap())
    }

    fn subscription(
        topic: &ResourceKey,
        endpoint: &str,
        status: Option<SubscriptionStatus>,
    ) -> Subscription {
        Subscription {
            topic: topic.clone(),
            protocol: Protocol::Email,
            endpoint: endpoint.to_owned(),
            status: status.map_or(Want::Keep, Want::Exactly),
            arn: Want::Keep,
            filter: Want::Keep,
        }
    }

    #[test]
    fn each_stands_as_the_topic_says() {
        let (here, gone) = (topic("alerts"), topic("gone"));
        let mut desired = State::new();
        for (topic, endpoint) in
            [(&here, "a"), (&here, "b"), (&here, "c"), (&here, "d"), (&here, "e"), (&gone, "a")]
        {
            let key = ResourceKey::subscription(topic, Protocol::Email, endpoint);
            desired.insert(key, Resource::Subscription(subscription(topic, endpoint, None)));
        }
        assert_eq!(topics_of(&desired), BTreeSet::from([here.clone(), gone.clone()]));
        let sms = Subscription {
            protocol: Protocol::EmailJson,
            ..subscription(&here, "d", Some(SubscriptionStatus::Confirmed))
        };
        let there = vec![
            subscription(&here, "a", Some(SubscriptionStatus::Confirmed)),
            subscription(&here, "b", Some(SubscriptionStatus::Pending)),
            subscription(&here, "c", Some(SubscriptionStatus::Deleted)),
            sms,
            subscription(&here, "e", Some(SubscriptionStatus::Pending)),
            subscription(&here, "e", Some(SubscriptionStatus::Deleted)),
            subscription(&here, "other", Some(SubscriptionStatus::Pending)),
        ];
        let found = BTreeMap::from([(here, Some(there)), (gone, None)]);
        let standings: Vec<(String, &str)> = readers(&desired, &found)
            .into_iter()
            .map(|reader| (reader.endpoint, reader.standing.as_str()))
            .collect();
        let expected = [
            ("a", "confirmed"),
            ("b", "pending"),
            ("c", "left"),
            ("d", "not_invited"),
            ("e", "pending"),
            ("a", "no_topic"),
        ];
        assert_eq!(standings, expected.map(|(endpoint, word)| (endpoint.to_owned(), word)));
    }

    #[test]
    fn only_who_was_invited_can_be_waited_for() {
        let all = [
            Standing::Confirmed,
            Standing::Pending,
            Standing::Left,
            Standing::NotInvited,
            Standing::NoTopic,
        ];
        assert_eq!(all.map(Standing::is_hopeless), [false, false, true, true, true]);
    }
}
