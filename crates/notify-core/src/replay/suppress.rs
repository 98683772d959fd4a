//! Exclusions that would spare the most mails.

use super::about::is_whole;
use super::report::Suppression;
use super::tally::precise;
use super::traffic::Ranked;
use crate::spec::{Excludable, Exclude};

/// So many names are proposed in one line.
const MOST_NAMES: usize = 5;
/// A name that spares less than this part of the first one's mails is not worth its place.
const WORTH: u64 = 4;
/// A line that spares less than this share of a notification's mails is no remedy.
const LEAST_SHARE: f64 = 0.01;

/// The exclusions that would spare the most mails, the best first: each as the line that the file
/// takes, with what it excludes already.
pub(super) fn propose(
    exclude: &Exclude,
    names: Option<&[Ranked<'_>; 3]>,
    mails: u64,
) -> Vec<Suppression> {
    let Some([rules, resources, accounts]) = names else { return Vec::new() };
    let ranked = |kind: &str| match kind {
        "config_rules" => Some(rules),
        "resources" => Some(resources),
        "accounts" => Some(accounts),
        _ => None,
    };
    let one = |kind: &Excludable| one(exclude, kind, ranked(&kind.kind)?, mails);
    let mut list: Vec<Suppression> = exclude.kinds().iter().filter_map(one).collect();
    list.sort_by_key(|suppression| std::cmp::Reverse(suppression.mails));
    list
}

fn one(
    exclude: &Exclude,
    kind: &Excludable,
    ranked: &Ranked<'_>,
    mails: u64,
) -> Option<Suppression> {
    let most = ranked.names.first()?.0;
    // Without any mail left, the notification had better be switched off.
    let others = ranked.names.len().saturating_sub(1);
    // What came once says nothing of what will come.
    let worth = |(count, _): &&(u64, &str)| *count > 1 && count.saturating_mul(WORTH) >= most;
    let (mut best, mut values, mut spared) = (exclude.clone(), Vec::new(), 0);
    for (count, name) in ranked.names.iter().take(others).take_while(worth) {
        if values.len() == MOST_NAMES {
            break;
        }
        // What EventBridge cannot say, or the file would refuse, is no proposal.
        let more = is_whole(name).then(|| best.with(&kind.key, name));
        if let Some(Ok(more)) = more {
            best = more;
            values.push((*name).to_owned());
            spared += count;
        }
    }
    let share = precise(spared) / precise(mails.max(1));
    (share >= LEAST_SHARE).then(|| Suppression {
        field: kind.key.clone(),
        line: best.line(),
        values,
        mails: spared,
        share,
    })
}
