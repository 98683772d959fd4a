//! Tables with a tab between cells, for `cargo xtask bench replay` to align, and the bars.

use crate::built::Built;
use crate::engines::RIVAL;
use crate::measure::Matching;
use crate::rules::Sort;
use crate::side::Sides;
use std::fmt::Write as _;
use std::time::Duration;

/// How many bytes and lines were matched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) bytes: usize,
    pub(crate) events: usize,
}

/// All that was measured of a rule set.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) sort: Sort,
    pub(crate) rules: usize,
    pub(crate) matching: Matching,
    pub(crate) sides: Sides,
    pub(crate) ours: Built,
    pub(crate) rival: Built,
}

impl Row {
    fn name(&self) -> String {
        format!("{} {}", self.sort, grouped(&self.rules.to_string()))
    }

    /// How many times as many events as the rival in the same time.
    fn times(&self, ours: Duration) -> f64 {
        ratio(self.matching.rival, ours)
    }

    fn threads(&self) -> f64 {
        100.0 * ratio(self.sides.processes, self.sides.threads)
    }
}

/// Everything, as it goes into the README.
pub(crate) fn report(size: Size, scans: &[(&str, Duration)], rows: &[Row]) -> String {
    let mut out = String::new();
    speeds(&mut out, size, scans, rows);
    out.push('\n');
    for line in growth(rows) {
        let _ = writeln!(out, "{line}");
    }
    out.push('\n');
    costs(&mut out, rows);
    out.push('\n');
    for line in rows.iter().filter_map(left_out) {
        let _ = writeln!(out, "{line}");
    }
    out
}

/// What the program has to reach; each line one that it does not.
pub(crate) fn missed(rows: &[Row]) -> Vec<String> {
    let mut missed = Vec::new();
    for row in rows {
        let Matching { needed, full, .. } = row.matching;
        let (name, times) = (row.name(), row.times(needed));
        let least = if row.sort == Sort::Exact { 4.0 } else { 3.0 };
        if times < least {
            missed.push(format!("{name}: {times:.2} times {RIVAL}'s events a second, not {least}"));
        }
        let times = row.times(full);
        if times < 1.0 {
            missed.push(format!("{name}, --strict: {times:.2} times {RIVAL}'s events a second"));
        }
        if row.threads() < 90.0 {
            missed
                .push(format!("{name}: two threads reach {:.0} % of two processes", row.threads()));
        }
    }
    for sort in Sort::ALL {
        let most = if sort == Sort::Exact { 2.5 } else { 5.0 };
        if let Some((few, many)) = ends(rows, sort) {
            let growth = ratio(many.matching.needed, few.matching.needed);
            if growth > most {
                let (few, many) = (few.name(), many.name());
                missed
                    .push(format!("from {few} to {many}: {growth:.2} times the cost, not {most}"));
            }
        }
    }
    missed
}

fn speeds(out: &mut String, size: Size, scans: &[(&str, Duration)], rows: &[Row]) {
    out.push_str("rules\tengine\tns an event\tthousand events/s\tMB/s\ttimes\n");
    let mut line = |rules: &str, engine: &str, time: Duration, times: &str| {
        let seconds = time.as_secs_f64();
        let figures = [
            seconds * 1e9 / float(size.events),
            float(size.events) / seconds / 1e3,
            float(size.bytes) / seconds / 1e6,
        ];
        let [nanos, thousands, megabytes] = figures.map(|figure| grouped(&format!("{figure:.0}")));
        let _ = writeln!(out, "{rules}\t{engine}\t{nanos}\t{thousands}\t{megabytes}\t{times}");
    };
    for (name, time) in scans {
        line("none", name, *time, "");
    }
    for row in rows {
        let Matching { needed, full, rival, .. } = row.matching;
        let name = row.name();
        line(&name, RIVAL, rival, "1");
        line(&name, "notify", needed, &format!("{:.1}", row.times(needed)));
        line(&name, "notify --strict", full, &format!("{:.1}", row.times(full)));
    }
}

fn growth(rows: &[Row]) -> Vec<String> {
    let line = |sort| {
        let (few, many) = ends(rows, sort)?;
        let [ours, strict, rival] =
            [|m: &Matching| m.needed, |m: &Matching| m.full, |m: &Matching| m.rival]
                .map(|time| ratio(time(&many.matching), time(&few.matching)));
        Some(format!(
            "From {} to {} rules an event costs {ours:.2} times as much ({strict:.2} with \
             --strict, {rival:.2} with {RIVAL}).",
            few.name(),
            many.name(),
        ))
    };
    Sort::ALL.into_iter().filter_map(line).collect()
}

/// The smallest and the largest set.
fn ends(rows: &[Row], sort: Sort) -> Option<(&Row, &Row)> {
    let mut of_sort = rows.iter().filter(|row| row.sort == sort);
    of_sort.next().zip(of_sort.next_back())
}

fn costs(out: &mut String, rows: &[Row]) {
    let _ =
        writeln!(out, "rules\tmatches\ttwo threads\tbuilt in\t{RIVAL}\tmemory\t{RIVAL}\tcompared");
    for row in rows {
        let Row { matching, ours, rival, .. } = row;
        let _ = writeln!(
            out,
            "{}\t{}\t{:.0} %\t{}\t{}\t{}\t{}\t{}",
            row.name(),
            grouped(&matching.matches.to_string()),
            row.threads(),
            milliseconds(ours.time),
            milliseconds(rival.time),
            mebibytes(ours.kibibytes),
            mebibytes(rival.kibibytes),
            grouped(&matching.agreement.compared.to_string()),
        );
    }
}

fn left_out(row: &Row) -> Option<String> {
    let agreement = &row.matching.agreement;
    let (refused, known) = (agreement.refused, agreement.known);
    (refused + known > 0).then(|| {
        format!(
            "{}: {known} rules not compared, since {RIVAL} takes the lower end of a range that \
             excludes it; {refused} that it refuses.",
            row.name(),
        )
    })
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

fn mebibytes(kibibytes: Option<u64>) -> String {
    kibibytes.map_or_else(
        || "–".to_owned(),
        |kibibytes| {
            let tenths = kibibytes * 10 / 1024;
            format!("{}.{} MiB", tenths / 10, tenths % 10)
        },
    )
}

fn ratio(over: Duration, under: Duration) -> f64 {
    over.as_secs_f64() / under.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
fn float(count: usize) -> f64 {
    count as f64
}

/// `12345` as `12,345`.
fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        let all = ["5", "500", "5000", "41116", "1234567"].map(grouped);
        assert_eq!(all, ["5", "500", "5,000", "41,116", "1,234,567"]);
    }
}
