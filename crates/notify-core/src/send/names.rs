//! What temporary things are called.

use crate::aws::{NameError, QueueName, RuleName, StackName, fingerprint};
use crate::state::{MARK, queue_prefix};

/// One run: what it makes and sends can be told from that of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run(pub u32);

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// How much of a stack's name fits into a rule's name of 64 characters.
const OF_A_RULE: usize = 50;

/// The name of the temporary rule of a notification: always the same, so that two at once get
/// into each other's way instead of mailing twice.
pub(super) fn rule_name(stack: &StackName, notification: &str) -> Result<RuleName, NameError> {
    let number = number(stack, notification);
    RuleName::parse(&format!("{}{number}", rule_prefix(stack)))
}

/// What all temporary rules of a stack begin with.
pub(crate) fn rule_prefix(stack: &StackName) -> String {
    format!("{}{MARK}", start(stack.as_str()))
}

/// The name of the temporary queue of a run. A name that was used cannot be used again for a
/// minute ([DeleteQueue](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html)),
/// so each run has its own.
pub(super) fn queue_name(
    stack: &StackName,
    notification: &str,
    run: Run,
) -> Result<QueueName, NameError> {
    let number = number(stack, notification);
    QueueName::parse(&format!("{}{number}-{run}", queue_prefix(stack)))
}

/// The whole stack's name counts: two long ones may begin alike.
fn number(stack: &StackName, notification: &str) -> String {
    let wide = fingerprint(0, &format!("{stack}/{notification}"));
    format!("{:08x}", (wide >> 32) ^ (wide & 0xffff_ffff))
}

/// Names are ASCII.
fn start(text: &str) -> &str {
    text.get(..OF_A_RULE).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(name: &str) -> StackName {
        StackName::parse(name).unwrap()
    }

    #[test]
    fn the_longest_names_fit_and_stay_different() {
        let (long, other) = (stack(&"a.".repeat(32)), stack(&format!("{}b", "a.".repeat(31))));
        let names = [&long, &other].map(|stack| rule_name(stack, "n").unwrap());
        assert_eq!(names[0].as_str().len(), 64);
        assert_ne!(names[0], names[1]);
        let queue = queue_name(&long, "n", Run(0)).unwrap();
        assert_eq!(queue.as_str().len(), 80);
        assert!(!queue.as_str().contains('.'));
        assert!(queue.as_str().starts_with(&queue_prefix(&long)));
    }

    #[test]
    fn a_name_says_whose_it_is() {
        let security = stack("security");
        let rule = rule_name(&security, "root-sign-in").unwrap();
        assert_eq!(rule.as_str(), rule_name(&security, "root-sign-in").unwrap().as_str());
        assert!(rule.as_str().starts_with("security-send-"), "{rule}");
        assert_eq!(rule.as_str().len(), "security-send-".len() + 8);
        assert_ne!(rule, rule_name(&security, "root-sign-im").unwrap());
        let queue = queue_name(&security, "root-sign-in", Run(0xab)).unwrap();
        assert_eq!(queue.as_str(), format!("{rule}-000000ab"));
    }
}
