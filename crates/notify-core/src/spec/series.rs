//! Series of values in the notation of `promtool test rules`.

/// Values, one a period; `None` is silence.
pub type Series = Vec<Option<f64>>;

/// The most values of a series: more than a year of five-minute periods.
const MOST_VALUES: usize = 110_000;

/// Reads values with blanks between them: a number, `_` for silence, `_x3` for silence three
/// times, `1x4` for 1 and four more, `0+2x3` for 0 and three more that each add 2.
pub(super) fn parse(text: &str) -> Result<Series, String> {
    let mut series = Series::new();
    for word in text.split_whitespace() {
        let (first, step, count) =
            item(word).ok_or_else(|| format!("`{word}` is no value of a series"))?;
        if count > MOST_VALUES - series.len() {
            return Err(format!("the series has more than {MOST_VALUES} values"));
        }
        let mut value = first;
        for _ in 0..count {
            if value.is_some_and(|value| !value.is_finite()) {
                return Err(format!("`{word}` grows beyond all numbers"));
            }
            series.push(value);
            value = value.map(|value| value + step);
        }
    }
    if series.is_empty() {
        return Err("the series is empty".to_owned());
    }
    Ok(series)
}

/// The first value of a word, what each further one adds, and how many there are.
fn item(word: &str) -> Option<(Option<f64>, f64, usize)> {
    let (value, times) = match word.split_once('x') {
        Some((value, times)) => (value, Some(times.parse::<usize>().ok()?)),
        None => (word, None),
    };
    if value == "_" {
        return Some((None, 0.0, times.unwrap_or(1)));
    }
    let more = times.unwrap_or(0).checked_add(1)?;
    // A sign behind the first character adds; one behind an `e` belongs to the number.
    let sign = value
        .char_indices()
        .skip(1)
        .find(|(at, c)| matches!(c, '+' | '-') && !value[..*at].ends_with(['e', 'E']));
    match sign {
        Some((at, _)) if times.is_some() => {
            Some((Some(number(&value[..at])?), number(&value[at..])?, more))
        }
        Some(_) => None,
        None => Some((Some(number(value)?), 0.0, more)),
    }
}

/// A plain number: `inf` and `nan` are words that Rust would read, too.
fn number(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    text.parse().ok().filter(|number: &f64| plain && number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn the_notation_is_promtools() {
        let check = |text: &str, want: &[Option<f64>]| {
            assert_eq!(parse(text).as_deref(), Ok(want), "{text}");
        };
        check("0 2.5 _", &[Some(0.0), Some(2.5), None]);
        check("1x2", &[Some(1.0), Some(1.0), Some(1.0)]);
        check("1x0", &[Some(1.0)]);
        check("_x2 -1", &[None, None, Some(-1.0)]);
        check("-2+4x3", &[Some(-2.0), Some(2.0), Some(6.0), Some(10.0)]);
        check("1-2x2", &[Some(1.0), Some(-1.0), Some(-3.0)]);
        check("1e-2-1e+1x1", &[Some(0.01), Some(-9.99)]);
        check(" \n 7\t", &[Some(7.0)]);
        assert_eq!(parse("1x109999").map(|series| series.len()), Ok(110_000));
    }

    #[test]
    fn what_is_no_series_is_refused() {
        for text in [
            "",
            "  ",
            "x",
            "1x",
            "x3",
            "1+2",
            "1..2",
            "_x",
            "nan",
            "inf",
            "1x-1",
            "1x110000",
            "_x110001",
            "0 1x109999",
            "1x99999999999999999999",
            "1x18446744073709551615",
            "1e308+1e308x9",
            "é",
            "1é2x3",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
