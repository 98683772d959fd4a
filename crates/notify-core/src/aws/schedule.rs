//! When a scheduled rule runs.

use super::names::{NameError, name};
use serde::{Deserialize, Serialize};

name!(
    /// A schedule of an EventBridge rule, `cron(0 0 1 * ? *)` or `rate(30 days)`, in UTC
    /// ([expressions](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html)).
    ///
    /// ```
    /// # use notify_core::aws::Schedule;
    /// assert!(Schedule::parse("cron(0 0 1 * ? *)").is_ok());
    /// let refused = Schedule::parse("cron(0 0 1 * * *)").unwrap_err();
    /// assert_eq!(refused.help, "write `?` in place of one of the two");
    /// ```
    Schedule,
    check
);

impl Schedule {
    /// At the beginning of each month.
    pub fn monthly() -> Self {
        Self::parse(MONTHLY).unwrap_or_else(|_| unreachable!("a schedule"))
    }

    /// The minutes between two runs of a `rate`; `None` for a `cron`.
    pub(crate) fn minutes(&self) -> Option<u64> {
        let (number, unit) = inside(self.as_str(), "rate")?.split_once(' ')?;
        let unit = UNITS.iter().find(|(one, many, _)| *one == unit || *many == unit)?;
        number.parse::<u64>().ok()?.checked_mul(unit.2)
    }
}

const MONTHLY: &str = "cron(0 0 1 * ? *)";
/// What `ScheduleExpression` holds at most.
const MOST_CHARACTERS: usize = 256;
/// A unit alone, several of it, and its minutes.
const UNITS: [(&str, &str, u64); 3] =
    [("minute", "minutes", 1), ("hour", "hours", 60), ("day", "days", 1_440)];
const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/// Digits of a number of a field: nothing longer is one, and none of these overflows.
const MOST_DIGITS: usize = 4;

/// A field of a `cron` expression.
struct Field {
    name: &'static str,
    low: u32,
    high: u32,
    /// Words for its values, beginning with the lowest.
    words: &'static [&'static str],
    /// What it takes beside values, lists, ranges and `*`.
    also: &'static str,
}

const FIELDS: [Field; 6] = [
    Field { name: "minutes", low: 0, high: 59, words: &[], also: "/" },
    Field { name: "hours", low: 0, high: 23, words: &[], also: "/" },
    Field { name: "day-of-month", low: 1, high: 31, words: &[], also: "?/LW" },
    Field { name: "month", low: 1, high: 12, words: &MONTHS, also: "/" },
    Field { name: "day-of-week", low: 1, high: 7, words: &DAYS, also: "?L#" },
    Field { name: "year", low: 1970, high: 2199, words: &[], also: "/" },
];

fn check(text: &str) -> Result<(), NameError> {
    let example = "write one such as \"cron(0 0 1 * ? *)\" or \"rate(30 days)\"";
    if text.len() > MOST_CHARACTERS {
        return Err(NameError::new(
            format!("a schedule has {} characters", text.chars().count()),
            format!("AWS takes {MOST_CHARACTERS} at most: {example}"),
        ));
    }
    if let Some(rate) = inside(text, "rate") {
        return check_rate(text, rate);
    }
    if let Some(fields) = inside(text, "cron") {
        return check_cron(text, fields);
    }
    Err(NameError::new(format!("`{text}` is no schedule"), example))
}

/// What stands in the brackets of `kind(…)`.
fn inside<'t>(text: &'t str, kind: &str) -> Option<&'t str> {
    text.strip_prefix(kind)?.strip_prefix('(')?.strip_suffix(')')
}

fn check_rate(text: &str, rate: &str) -> Result<(), NameError> {
    let refuse = |help: String| Err(NameError::new(format!("`{text}` is no rate"), help));
    let example = "write a whole number and a unit: \"rate(1 day)\", \"rate(30 days)\"";
    let Some((number, unit)) = rate.split_once(' ') else { return refuse(example.to_owned()) };
    let is_number = !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
        && !number.starts_with('0');
    let (true, Some((one, many, _))) =
        (is_number, UNITS.iter().find(|(one, many, _)| *one == unit || *many == unit))
    else {
        return refuse(example.to_owned());
    };
    // EventBridge refuses "1 days" and "2 day".
    let right = if number == "1" { one } else { many };
    if *right != unit {
        return refuse(format!("write \"rate({number} {right})\""));
    }
    Ok(())
}

fn check_cron(text: &str, inside: &str) -> Result<(), NameError> {
    let refuse =
        |help: String| Err(NameError::new(format!("`{text}` is no cron expression"), help));
    let values: Vec<&str> = inside.split_ascii_whitespace().collect();
    let Ok(values) = <[&str; 6]>::try_from(values) else {
        let names: Vec<&str> = FIELDS.iter().map(|field| field.name).collect();
        return refuse(format!("it has six fields: {}", names.join(", ")));
    };
    for (field, value) in FIELDS.iter().zip(values) {
        if let Some(part) = value.split(',').find(|part| !field.takes(part)) {
            let words = match field.words {
                [first, .., last] => format!(" or {first} to {last}"),
                _ => String::new(),
            };
            return refuse(format!(
                "`{part}` is no value of the field {}: {} to {}{words}, with `, - * {}`",
                field.name,
                field.low,
                field.high,
                field.also.chars().map(String::from).collect::<Vec<_>>().join(" ")
            ));
        }
    }
    let [_, _, day, _, week_day, _] = values;
    match (day == "?", week_day == "?") {
        (false, false) => Err(NameError::new(
            format!("`{text}` names both a day of the month and one of the week"),
            "write `?` in place of one of the two",
        )),
        (true, true) => Err(NameError::new(
            format!("`{text}` names neither a day of the month nor one of the week"),
            "write a day or `*` in place of one `?`",
        )),
        _ => Ok(()),
    }
}

impl Field {
    /// Whether one entry of a list is right.
    fn takes(&self, part: &str) -> bool {
        if part == "*" {
            return true;
        }
        let may = |mark: char| self.also.contains(mark);
        if may('?') && part == "?" || may('L') && part == "L" || may('W') && part == "LW" {
            return true;
        }
        if let (true, Some((from, step))) = (may('/'), part.split_once('/')) {
            let from_is_right = from == "*" || self.is_range(from) || self.value(from).is_some();
            return from_is_right && number(step).is_some_and(|step| step > 0);
        }
        if let (true, Some((day, which))) = (may('#'), part.split_once('#')) {
            let which = number(which).is_some_and(|which| (1..=5).contains(&which));
            return which && self.value(day).is_some();
        }
        if let (true, Some(day)) = (may('W'), part.strip_suffix('W')) {
            return self.value(day).is_some();
        }
        // The last Friday is `6L` or `FRIL`; a day of the month has no such form.
        if let (true, Some(day)) = (may('#'), part.strip_suffix('L')) {
            return self.value(day).is_some();
        }
        self.is_range(part) || self.value(part).is_some()
    }

    fn is_range(&self, part: &str) -> bool {
        part.split_once('-').is_some_and(|(from, to)| {
            matches!((self.value(from), self.value(to)), (Some(from), Some(to)) if from <= to)
        })
    }

    fn value(&self, text: &str) -> Option<u32> {
        let word = self.words.iter().position(|word| word.eq_ignore_ascii_case(text));
        let word = word.and_then(|at| Some(self.low + u32::try_from(at).ok()?));
        word.or_else(|| number(text)).filter(|value| (self.low..=self.high).contains(value))
    }
}

fn number(text: &str) -> Option<u32> {
    let plain = (1..=MOST_DIGITS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_those_that_eventbridge_takes() {
        for good in [
            "rate(1 minute)",
            "rate(5 minutes)",
            "rate(1 hour)",
            "rate(1 day)",
            "rate(30 days)",
            "cron(0 0 1 * ? *)",
            "cron(0 0 L * ? *)",
            "cron(0 0 LW * ? *)",
            "cron(0 0 3W * ? *)",
            "cron(0/15 8-17 ? * MON-FRI *)",
            "cron(*/5 * * * ? *)",
            "cron(1-30/10 0 1 * ? *)",
            "cron(0 0 ? * 3#2 *)",
            "cron(0 0 ? * 6L *)",
            "cron(0 0 ? * friL *)",
            "cron(0 0 ? * L *)",
            "cron(0 0 1,15 JAN,jul ? 2026-2199)",
            "cron(0  0 31 12 ? 1970/2)",
        ] {
            assert!(Schedule::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "monthly",
            "cron()",
            "rate()",
            "rate(days)",
            "rate(0 days)",
            "rate(01 days)",
            "rate(1 days)",
            "rate(2 day)",
            "rate(2  days)",
            "rate(-1 days)",
            "rate(1 week)",
            "rate(1 day",
            "at(2026-01-01T00:00:00)",
            "cron(0 0 1 * *)",
            "cron(0 0 1 * ? * *)",
            "cron(60 0 1 * ? *)",
            "cron(0 24 1 * ? *)",
            "cron(0 0 0 * ? *)",
            "cron(0 0 32 * ? *)",
            "cron(0 0 1 13 ? *)",
            "cron(0 0 1 FOO ? *)",
            "cron(0 0 ? * 0 *)",
            "cron(0 0 ? * 8 *)",
            "cron(0 0 ? * 3#6 *)",
            "cron(0 0 ? * 3#0 *)",
            "cron(0 0 1L * ? *)",
            "cron(0 0 1 * ? 1969)",
            "cron(0 0 1 * ? 2200)",
            "cron(0 0 1 * ? 99999)",
            "cron(0 ? 1 * ? *)",
            "cron(0 L 1 * ? *)",
            "cron(0 3W 1 * ? *)",
            "cron(0 0 ? * 3/2 *)",
            "cron(0/0 0 1 * ? *)",
            "cron(5-1 0 1 * ? *)",
            "cron(0, 0 1 * ? *)",
            "cron(0 0 1 * * *)",
            "cron(0 0 ? * ? *)",
        ] {
            assert!(Schedule::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_refusal_says_what_to_write() {
        for (text, problem, help) in [
            ("rate(1 days)", "`rate(1 days)` is no rate", "write \"rate(1 day)\""),
            (
                "cron(0 0 1 * *)",
                "`cron(0 0 1 * *)` is no cron expression",
                "it has six fields: minutes, hours, day-of-month, month, day-of-week, year",
            ),
            (
                "cron(0 0 1 13 ? *)",
                "`cron(0 0 1 13 ? *)` is no cron expression",
                "`13` is no value of the field month: 1 to 12 or JAN to DEC, with `, - * /`",
            ),
            (
                "cron(0 0 ? * ? *)",
                "`cron(0 0 ? * ? *)` names neither a day of the month nor one of the week",
                "write a day or `*` in place of one `?`",
            ),
        ] {
            let refused = Schedule::parse(text).expect_err("a refusal");
            assert_eq!((refused.problem.as_str(), refused.help.as_str()), (problem, help));
        }
        let long = format!("rate({} days)", "9".repeat(300));
        assert!(Schedule::parse(&long).is_err_and(|e| e.help.starts_with("AWS takes 256 at most")));
    }

    #[test]
    fn a_rate_says_how_often() {
        for (text, minutes) in [
            ("rate(1 minute)", Some(1)),
            ("rate(2 hours)", Some(120)),
            ("rate(30 days)", Some(43_200)),
            ("rate(99999999999999999999 days)", None),
            ("cron(0 0 1 * ? *)", None),
        ] {
            assert_eq!(Schedule::parse(text).ok().and_then(|s| s.minutes()), minutes, "{text}");
        }
        assert_eq!(Schedule::monthly().as_str(), "cron(0 0 1 * ? *)");
    }
}
