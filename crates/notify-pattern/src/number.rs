//! Which numbers can be compared.

/// The value of a number that can be compared: its double is finite, and the double's shortest
/// decimal is the number itself. Others (9007199254740993, 1e400) equal only their own text.
pub(super) fn comparable(text: &str) -> Option<f64> {
    let value: f64 = text.parse().ok().filter(|value: &f64| value.is_finite())?;
    if !is_short(text) && decimal(text) != decimal(&format!("{value:e}")) {
        return None;
    }
    // There is one zero.
    Some(if value == 0.0 { 0.0 } else { value })
}

/// Whether a number has so few digits, and no exponent, that no other decimal of so few digits has
/// its double: then it is the double's shortest one.
fn is_short(text: &str) -> bool {
    // The sign and the point are no digits.
    const MOST: usize = 15;
    text.len() <= MOST
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'))
}

/// A decimal without what does not change its amount: digits, and the power of ten of the last
/// one.
fn decimal(text: &str) -> (String, i64) {
    let text = text.trim_start_matches('-');
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_end_matches('0');
    let dropped = i64::try_from(digits.len() - significant.len()).unwrap_or(i64::MAX);
    let shift = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
    let significant = significant.trim_start_matches('0').to_owned();
    if significant.is_empty() {
        return (significant, 0);
    }
    // An exponent beyond an i64 makes the double infinite or zero, which differs anyhow.
    let exponent: i64 = exponent.parse().unwrap_or(i64::MIN);
    (significant, exponent.saturating_sub(shift).saturating_add(dropped))
}

#[cfg(test)]
mod tests {
    use super::comparable;

    #[test]
    fn numbers_that_can_be_compared() {
        for (text, value) in [
            ("0", 0.0),
            ("-0.0", 0.0),
            ("0e999999999999999999999", 0.0),
            ("300", 300.0),
            ("300.0", 300.0),
            ("3.0e2", 300.0),
            ("3E+2", 300.0),
            ("30000e-2", 300.0),
            ("0.0003e6", 300.0),
            ("-1.5", -1.5),
            ("0.1", 0.1),
            ("9007199254740992", 9_007_199_254_740_992.0),
            ("1.7976931348623157e308", f64::MAX),
            ("5e-324", 5e-324),
        ] {
            let found = comparable(text);
            assert_eq!(found.map(f64::to_bits), Some(value.to_bits()), "{text}: {found:?}");
        }
    }

    #[test]
    fn numbers_that_are_only_text() {
        for text in [
            "9007199254740993",
            "0.1000000000000000055511151231257827",
            "1e400",
            "-1e99999999999999999999",
            "1e-99999999999999999999",
            "1e-400",
            "98765432109876543219",
        ] {
            assert_eq!(comparable(text), None, "{text}");
        }
    }
}
