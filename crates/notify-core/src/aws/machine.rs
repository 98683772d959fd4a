//! The name of a stack's state machine.

use super::{StackName, fingerprint};

/// The name of a stack's state machine; such names have 80 characters at most. One with a dot, as a
/// stack's name may have, would write no logs
/// ([CreateStateMachine](https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html)).
pub(crate) fn machine_name(stack: &StackName) -> String {
    let text = stack.as_str();
    if text.contains('.') {
        let number = fingerprint(0, text) >> 32;
        return format!("notify-{}-{number:08x}", text.replace('.', "_"));
    }
    format!("notify-{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_named_after_its_stack() {
        let name = |of: &str| machine_name(&StackName::parse(of).unwrap());
        assert_eq!(name("security"), "notify-security");
        assert_eq!(name("a_b-C9"), "notify-a_b-C9");
        let dotted = name("my.shop");
        assert!(dotted.starts_with("notify-my_shop-"), "{dotted}");
        assert_ne!(dotted, name("my-shop"));
        assert_ne!(dotted, name("my_shop"));
        let longest = "s".repeat(64);
        assert_eq!(name(&longest), format!("notify-{longest}"));
        assert_eq!(name(&longest.replacen('s', ".", 1)).len(), 80);
    }
}
