//! Tables with a tab between cells, for `cargo xtask bench replay` to align, and the bars.

use crate::agree::Agreement;
use crate::built::Built;
use crate::engines::RIVAL;
use crate::measure::Matching;
use crate::rules::Sort;
use crate::side::Sides;
use std::fmt::Write as _;
use std::time::Duration;

/// How much of the speed of two processes two threads reach at least, in percent.
const LEAST_OF_TWO: f64 = 90.0;

/// How many bytes and lines were matched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) bytes: usize,
    pub(crate) events: usize,
}

/// When, where and with what it was measured.
#[derive(Debug, Clone)]
pub(crate) struct Circumstances {
    pub(crate) date: String,
    pub(crate) machine: String,
    pub(crate) rounds: usize,
    pub(crate) size: Size,
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
pub(crate) fn report(
    circumstances: &Circumstances,
    scans: &[(&str, Duration)],
    rows: &[Row],
) -> String {
    let Circumstances { date, machine, rounds, size } = circumstances;
    let mut out = format!(
        "Measured on {date} on {machine}: {} events of {} bytes on average in memory, one thread, \
         CPU time, the best of {rounds} rounds. `notify` reads what the rules need; \
         `--strict` validates every byte.\n\n",
        grouped(&size.events.to_string()),
        grouped(&(size.bytes / size.events.max(1)).to_string()),
    );
    speeds(&mut out, *size, scans, rows);
    out.push('\n');
    for line in growth(rows) {
        let _ = writeln!(out, "{line}");
    }
    out.push('\n');
    costs(&mut out, rows);
    out.push('\n');
    agreement(&mut out, rows);
    out
}

/// What the program has to reach; each line is something that it does not.
pub(crate) fn missed(rows: &[Row]) -> Vec<String> {
    let mut missed = Vec::new();
    for row in rows {
        let name = row.name();
        let least = if row.sort == Sort::Exact { 4.0 } else { 3.0 };
        for (mode, time, least) in
            [("", row.matching.needed, least), (", --strict", row.matching.full, 1.0)]
        {
            let times = row.times(time);
            if times < least {
                missed.push(format!(
                    "{name}{mode}: {times:.2} times {RIVAL}'s events a second, not {least}"
                ));
            }
        }
        let threads = row.threads();
        if threads < LEAST_OF_TWO {
            missed.push(format!(
                "{name}: two threads reach {threads:.1} % of two processes, not {LEAST_OF_TWO}"
            ));
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
    out.push_str("rules\tengine\tns an event\tthousand events/s\tMB/s\ttimes quamina\n");
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
    out.push_str("rules\tmatches\ttwo threads\tbuilt in\tquamina's\tmemory\tquamina's\tcompared\n");
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

fn agreement(out: &mut String, rows: &[Row]) {
    if rows.iter().all(|row| row.matching.agreement.differences.is_empty()) {
        out.push_str("Each rule that was compared matched as many events with both.\n");
    }
    let mut left_out = |why: &str, count: fn(&Agreement) -> usize| {
        let rules: Vec<String> = rows
            .iter()
            .map(|row| (count(&row.matching.agreement), row.name()))
            .filter(|(count, _)| *count > 0)
            .map(|(count, name)| format!("{} of {name}", grouped(&count.to_string())))
            .collect();
        if !rules.is_empty() {
            let _ = writeln!(out, "Not compared: {}. {why}", rules.join(", "));
        }
    };
    left_out(
        "The crate takes the lower end of a range that excludes it (`\">\"`, then `\"<=\"`).",
        |agreement| agreement.known,
    );
    left_out("The crate refuses these rules.", |agreement| agreement.refused);
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

fn mebibytes(kibibytes: Option<u64>) -> String {
    kibibytes.map_or_else(
        || "–".to_owned(),
        |kibibytes| {
            let tenths = (kibibytes * 10 + 512) / 1024;
            format!("{}.{} MiB", tenths / 10, tenths % 10)
        },
    )
}

fn ratio(over: Duration, under: Duration) -> f64 {
    over.div_duration_f64(under)
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

    /// A rule set with times in milliseconds: of ours, ours in full, the rival, two threads and
    /// two processes.
    fn row(sort: Sort, rules: usize, times: [u64; 5]) -> Row {
        let [needed, full, rival, threads, processes] = times.map(Duration::from_millis);
        let agreement = Agreement { compared: rules, ..Agreement::default() };
        let built = Built { time: Duration::from_micros(1250), kibibytes: Some(1700) };
        Row {
            sort,
            rules,
            matching: Matching { needed, full, rival, matches: 1234, agreement },
            sides: Sides { threads, processes },
            ours: built,
            rival: Built { kibibytes: None, ..built },
        }
    }

    #[test]
    fn bars_are_reached_or_missed() {
        let reached = [
            row(Sort::Exact, 5, [100, 400, 400, 100, 90]),
            row(Sort::Exact, 5000, [250, 1000, 1000, 100, 90]),
            row(Sort::Mixed, 5, [100, 300, 300, 100, 90]),
            row(Sort::Mixed, 5000, [500, 1500, 1500, 100, 90]),
        ];
        assert_eq!(missed(&reached), Vec::<String>::new());
        let not = [
            row(Sort::Exact, 5, [100, 400, 399, 100, 89]),
            row(Sort::Exact, 5000, [251, 1, 2000, 1, 1]),
            row(Sort::Mixed, 5, [100, 1, 299, 1, 1]),
            row(Sort::Mixed, 5000, [501, 1, 3000, 1, 1]),
        ];
        assert_eq!(
            missed(&not),
            [
                "exact 5: 3.99 times quamina 0.7.0's events a second, not 4",
                "exact 5, --strict: 1.00 times quamina 0.7.0's events a second, not 1",
                "exact 5: two threads reach 89.0 % of two processes, not 90",
                "mixed 5: 2.99 times quamina 0.7.0's events a second, not 3",
                "from exact 5 to exact 5,000: 2.51 times the cost, not 2.5",
                "from mixed 5 to mixed 5,000: 5.01 times the cost, not 5",
            ]
        );
    }

    #[test]
    fn figures_are_told() {
        let mut rows = [
            row(Sort::Mixed, 5, [100, 300, 300, 100, 95]),
            row(Sort::Mixed, 5000, [200, 400, 3000, 100, 90]),
        ];
        rows[1].matching.agreement =
            Agreement { compared: 4499, refused: 1, known: 500, ..Agreement::default() };
        let circumstances = Circumstances {
            date: "2026-05-04".to_owned(),
            machine: "2 cores (x)".to_owned(),
            rounds: 5,
            size: Size { bytes: 337_000_000, events: 200_000 },
        };
        let scans = [("lines", Duration::from_millis(10))];
        let said = report(&circumstances, &scans, &rows);
        let expected = "\
Measured on 2026-05-04 on 2 cores (x): 200,000 events of 1,685 bytes on average in memory, one \
thread, CPU time, the best of 5 rounds. `notify` reads what the rules need; `--strict` validates \
every byte.

rules\tengine\tns an event\tthousand events/s\tMB/s\ttimes quamina
none\tlines\t50\t20,000\t33,700\t
mixed 5\tquamina 0.7.0\t1,500\t667\t1,123\t1
mixed 5\tnotify\t500\t2,000\t3,370\t3.0
mixed 5\tnotify --strict\t1,500\t667\t1,123\t1.0
mixed 5,000\tquamina 0.7.0\t15,000\t67\t112\t1
mixed 5,000\tnotify\t1,000\t1,000\t1,685\t15.0
mixed 5,000\tnotify --strict\t2,000\t500\t842\t7.5

From mixed 5 to mixed 5,000 rules an event costs 2.00 times as much (1.33 with --strict, 10.00 \
with quamina 0.7.0).

rules\tmatches\ttwo threads\tbuilt in\tquamina's\tmemory\tquamina's\tcompared
mixed 5\t1,234\t95 %\t1.2 ms\t1.2 ms\t1.7 MiB\t–\t5
mixed 5,000\t1,234\t90 %\t1.2 ms\t1.2 ms\t1.7 MiB\t–\t4,499

Each rule that was compared matched as many events with both.
Not compared: 500 of mixed 5,000. The crate takes the lower end of a range that excludes it \
(`\">\"`, then `\"<=\"`).
Not compared: 1 of mixed 5,000. The crate refuses these rules.
";
        assert_eq!(said, expected);
    }

    #[test]
    fn thousands_are_grouped() {
        let all = ["5", "500", "5000", "41116", "1234567"].map(grouped);
        assert_eq!(all, ["5", "500", "5,000", "41,116", "1,234,567"]);
    }
}
