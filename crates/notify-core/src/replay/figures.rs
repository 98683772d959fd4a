//! Numbers as people read them.

use crate::mail::grouped;

/// A share as per cent, with one decimal where it is small.
///
/// ```
/// # use notify_core::replay::share;
/// assert_eq!(share(0.421), "42 %");
/// assert_eq!(share(0.0149), "1.5 %");
/// ```
pub fn share(part: f64) -> String {
    let percent = part * 100.0;
    if percent < 9.95 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

/// US dollars, with as many decimals as tell something.
///
/// ```
/// # use notify_core::replay::usd;
/// assert_eq!((usd(0.0), usd(0.0605), usd(12.3)), ("$0.00".into(), "$0.06".into(), "$12.30".into()));
/// assert_eq!(usd(0.0004), "< $0.01");
/// ```
pub fn usd(amount: f64) -> String {
    if amount > 0.0 && amount < 0.01 {
        return "< $0.01".to_owned();
    }
    format!("${amount:.2}")
}

pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// A positive number without decimals.
pub(super) fn rounded(value: f64) -> String {
    format!("{value:.0}").parse().map(grouped).unwrap_or_default()
}

/// With one decimal where it is small.
pub(super) fn decimal(value: f64) -> String {
    if value < 9.95 { format!("{value:.1}") } else { rounded(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_exact_as_they_tell_something() {
        for (count, want) in [
            (0, "0"),
            (1_000, "1,000"),
            (999_999, "999,999"),
            (u64::MAX, "18,446,744,073,709,551,615"),
        ] {
            assert_eq!(grouped(count), want);
        }
        for (part, want) in [(0.0, "0.0 %"), (0.0994, "9.9 %"), (0.0996, "10 %"), (1.0, "100 %")] {
            assert_eq!(share(part), want);
        }
        for (amount, want) in
            [(0.0, "$0.00"), (0.009, "< $0.01"), (0.01, "$0.01"), (1234.5, "$1234.50")]
        {
            assert_eq!(usd(amount), want);
        }
        for (value, want) in [(0.04, "0.0"), (9.94, "9.9"), (9.96, "10"), (1234.5, "1,234")] {
            assert_eq!(decimal(value), want);
        }
        assert_eq!(
            (counted(1, "mail", "mails"), counted(0, "mail", "mails")),
            ("1 mail".into(), "0 mails".into())
        );
    }
}
