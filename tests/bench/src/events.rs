//! Events as `EventBridge` delivers them, of five kinds.

use crate::Failure;
use crate::random::Random;
use crate::template::Template;

/// How many of a hundred events are of a kind, its `detail-type`, and its template.
pub(crate) const KINDS: [(u64, &str, &str); 5] = [
    (30, "Config Rules Compliance Change", include_str!("../events/compliance.json")),
    (30, "AWS API Call via CloudTrail", include_str!("../events/call.json")),
    (15, "GuardDuty Finding", include_str!("../events/finding.json")),
    (10, "AWS Health Event", include_str!("../events/health.json")),
    (15, "EC2 Instance State-change Notification", include_str!("../events/state.json")),
];

/// Hands out so many events, one a line.
pub(crate) fn generate(
    seed: u64,
    count: usize,
    mut line: impl FnMut(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut kinds = Vec::new();
    for (percent, _, template) in KINDS {
        kinds.push((percent, Template::parse(template)?));
    }
    let mut random = Random::new(seed);
    let mut text = String::new();
    for _ in 0..count {
        let mut ticket = random.below(100);
        text.clear();
        for (percent, template) in &kinds {
            match ticket.checked_sub(*percent) {
                Some(rest) => ticket = rest,
                None => {
                    template.write(&mut random, &mut text);
                    break;
                }
            }
        }
        text.push('\n');
        line(&text)?;
    }
    Ok(())
}
