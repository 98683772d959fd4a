//! Exclusions that would spare the most mails.

use super::about::is_whole;
use super::report::Suppression;
use super::tally::precise;
use super::traffic::Ranked;
use crate::pattern::Pattern;

/// So many names are proposed in one line.
const MOST_NAMES: usize = 5;
/// A name that spares less than this part of the first one's mails is not worth its place.
const WORTH: u64 = 4;

/// Which exclusions a notification knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// Whether it tells of Config rules alone, which have a name and a resource.
    config: bool,
}

impl Known {
    pub(super) fn of(pattern: &str) -> Self {
        let kinds = Pattern::parse(pattern).ok().and_then(|p| p.values_at("detail-type"));
        let config = ["\"Config Rules Compliance Change\"".to_owned()];
        Self { config: kinds.is_some_and(|kinds| kinds == config) }
    }

    fn fields(self) -> [Option<&'static str>; 3] {
        let of_config = |field| self.config.then_some(field);
        [of_config("config_rules"), of_config("resources"), Some("accounts")]
    }
}

/// The exclusions that would spare the most mails, the best first.
pub(super) fn propose(
    known: Known,
    names: Option<&[Ranked<'_>; 3]>,
    mails: u64,
) -> Vec<Suppression> {
    let Some(names) = names else { return Vec::new() };
    let mut list: Vec<Suppression> = known
        .fields()
        .into_iter()
        .zip(names)
        .filter_map(|(field, ranked)| one(field?, ranked, mails))
        .collect();
    list.sort_by_key(|suppression| std::cmp::Reverse(suppression.mails));
    list
}

fn one(field: &'static str, ranked: &Ranked<'_>, mails: u64) -> Option<Suppression> {
    let most = ranked.names.first()?.0;
    // Without any mail left, the notification had better be switched off.
    let others = ranked.names.len().saturating_sub(1);
    let names: Vec<(u64, &str)> = ranked
        .names
        .iter()
        .filter(|(_, name)| is_whole(name) && !name.contains(char::is_control) && !name.is_empty())
        .take_while(|(count, _)| count.saturating_mul(WORTH) >= most)
        .take(MOST_NAMES.min(others))
        .copied()
        .collect();
    if names.is_empty() {
        return None;
    }
    let spared: u64 = names.iter().map(|(count, _)| count).sum();
    let values: Vec<String> = names.iter().map(|(_, name)| (*name).to_owned()).collect();
    let quoted: Vec<String> =
        values.iter().map(|name| toml::Value::from(name.as_str()).to_string()).collect();
    Some(Suppression {
        field,
        line: format!("exclude = {{ {field} = [{}] }}", quoted.join(", ")),
        values,
        mails: spared,
        share: precise(spared) / precise(mails.max(1)),
    })
}
