//! What a stack of 300 rules and 5,000 alarms costs beside one of a tenth of that.

use super::measure::{self, Sample, median};
use super::setup::{mebibytes, seconds};
use super::table::table;
use crate::server::Server;
use crate::{Failure, house};
use notify_proxy::Proxy;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Rules and alarms of the small stack, and of the large one.
const SIZES: [(usize, usize); 2] = [(30, 500), (300, 5000)];
/// How many times as long a plan of the large one may take, where each call takes its time as in
/// AWS: the local server sorts all alarms anew for each page, which is not ours to mend.
const MOST_TIMES: f64 = 12.0;
/// How much memory any run may take.
const MOST_BYTES: u64 = 100 << 20;
/// Alarms in one section for a web ACL.
const RULES_A_WEB_ACL: usize = 50;
/// What is run, in this order, and how often: the same words as one would type.
const RUNS: [(&[&str], usize); 4] =
    [(&["setup", "--yes"], 1), (&["plan"], 5), (&["status"], 1), (&["destroy", "--yes"], 1)];

/// Measures and prints a table; an error where a limit is not kept.
pub(super) fn run(cli: &Path, server: &Server, delay: Duration) -> Result<(), Failure> {
    let (mut rows, mut plans, mut peak) = (Vec::new(), Vec::new(), 0);
    let proxy = Proxy::start(server.address())?;
    proxy.delay(delay);
    for (rules, alarms) in SIZES {
        let spec = write_spec(rules, alarms)?;
        server.reset()?;
        for (words, times) in RUNS {
            let samples: Result<Vec<Sample>, Failure> =
                (0..times).map(|_| sample(cli, &server.url(), &spec, words)).collect();
            let sample = median(&samples?).ok_or("nothing was measured")?;
            let mut delayed = "–".to_owned();
            if words == ["plan"] {
                let far = self::sample(cli, &proxy.url(), &spec, words)?.wall;
                plans.push((sample.wall.as_secs_f64(), far.as_secs_f64()));
                delayed = seconds(far);
            }
            peak = peak.max(sample.peak.unwrap_or_default());
            rows.push(vec![
                format!("{rules} rules, {alarms} alarms"),
                words[0].to_owned(),
                seconds(sample.wall),
                delayed,
                mebibytes(sample.peak),
            ]);
        }
        eprintln!("{rules} rules, {alarms} alarms: done");
    }
    let heading = format!("+{} ms", delay.as_millis());
    print!("{}", table(&["stack", "run", "local", &heading, "memory"], &rows));
    let [small, large] = plans[..] else { return Err("no plan was measured".into()) };
    let (local, delayed) = (large.0 / small.0, large.1 / small.1);
    println!("plan, ten times as much: {local:.1} times as long, {delayed:.1} with {heading}");
    if delayed > MOST_TIMES {
        return Err(format!("a plan may take {MOST_TIMES} times as long at most").into());
    }
    if peak > MOST_BYTES {
        return Err(format!("a run may take {} at most", mebibytes(Some(MOST_BYTES))).into());
    }
    Ok(())
}

/// One run; `status` ends with 2, because nobody has confirmed.
fn sample(cli: &Path, endpoint: &str, spec: &Path, words: &[&str]) -> Result<Sample, Failure> {
    let mut command = Command::new(cli);
    command.args(words).args(["--endpoint-url", endpoint, "--config"]).arg(spec);
    house::seal(&mut command, endpoint);
    command.stderr(Stdio::null());
    measure::run_to(&mut command, if words == ["status"] { 2 } else { 0 })
}

/// Half of the alarms watch web ACLs, half a function each.
fn write_spec(rules: usize, alarms: usize) -> Result<PathBuf, Failure> {
    let mut text = r#"stack = "large"
regions = ["ap-northeast-1"]

[topic]
name = "large"

[[subscriptions]]
protocol = "email"
endpoint = "ops@example.com"
"#
    .to_owned();
    for number in 0..rules {
        write!(
            text,
            r#"
[[events]]
name = "large-rule-{number}"
description = "Config rule {number} turned non-compliant"
pattern = '{{"source": ["aws.config"], "detail": {{"configRuleName": ["rule-{number}"]}}}}'
message = """
The rule <rule> of the account <account> is not complied with.
Look at it today.
"""
paths = {{ rule = "$.detail.configRuleName", account = "$.account" }}
"#
        )?;
    }
    for first in (0..alarms / 2).step_by(RULES_A_WEB_ACL) {
        let last = (first + RULES_A_WEB_ACL).min(alarms / 2);
        let names: Vec<String> = (first..last).map(|rule| format!("\"rule-{rule:04}\"")).collect();
        write!(
            text,
            r#"
[[alarms]]
name = "large-waf-{first}"
description = "Requests that a WAF rule blocked"
preset = "waf-blocked"
web_acl = "waf-{first}"
rules = [{}]
"#,
            names.join(", ")
        )?;
    }
    for number in alarms / 2..alarms {
        write!(
            text,
            r#"
[[alarms]]
name = "large-errors-{number}"
description = "Errors of the function {number}"
namespace = "AWS/Lambda"
metric = "Errors"
dimensions = {{ FunctionName = "function-{number}" }}
statistic = "Sum"
period = "5m"
threshold = 1
comparison = ">="
"#
        )?;
    }
    let folder = house::target().join("bench");
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("large-{rules}-{alarms}.toml"));
    fs::write(&file, text)?;
    Ok(file)
}
