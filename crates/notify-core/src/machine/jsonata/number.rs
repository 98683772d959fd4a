//! Numbers as JavaScript writes them, which is how `JSONata` does.

/// The number of digits that `JSONata` keeps.
const DIGITS: i32 = 15;

/// A number's text; `None` for one that has none in JSON.
pub(super) fn text(number: f64) -> Option<String> {
    if !number.is_finite() {
        return None;
    }
    // Rounded to fifteen digits, then written as short as it can be.
    let places = usize::try_from(DIGITS - 1).unwrap_or_default();
    let rounded: f64 = format!("{number:.places$e}").parse().unwrap_or(number);
    if rounded == 0.0 {
        return Some("0".to_owned());
    }
    let written = format!("{:e}", rounded.abs());
    let (mantissa, exponent) = written.split_once('e').unwrap_or((&written, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let sign = if rounded < 0.0 { "-" } else { "" };
    if (-6..21).contains(&exponent) {
        return Some(format!("{sign}{}", rounded.abs()));
    }
    let plus = if exponent < 0 { "" } else { "+" };
    Some(format!("{sign}{mantissa}e{plus}{exponent}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_javascript_does() {
        for (number, want) in [
            (80.0, "80"),
            (-1.5, "-1.5"),
            (0.1 + 0.2, "0.3"),
            (-0.0, "0"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.5e-7, "1.5e-7"),
            (0.000_001, "0.000001"),
            (123_456_789_012_345_680.0, "123456789012346000"),
            (1_768_469_405_741.0, "1768469405741"),
        ] {
            assert_eq!(text(number).as_deref(), Some(want));
        }
        assert_eq!(text(f64::INFINITY), None);
        assert_eq!(text(f64::NAN), None);
    }
}
