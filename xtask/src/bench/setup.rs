//! `cargo xtask bench setup`: how many calls and how long for 20, 200 and 1,000 alarms, from
//! nothing and with nothing to change, on the local server and with a delay on every call, beside
//! a boto3 script that makes the same things one call after the other. Then what a large stack costs.

use super::large;
use super::measure::{self, Sample, median};
use super::table::table;
use crate::cargo::{cargo, run as run_to_end};
use crate::server::{self, Server};
use crate::{Failure, house};
use notify_proxy::Proxy;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// How much is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The sizes to measure.
    #[arg(long, value_delimiter = ',', default_values_t = [20, 200, 1000])]
    alarms: Vec<usize>,
    /// What is added to every call in the columns that are marked so, in milliseconds.
    #[arg(long, default_value_t = 50)]
    delay: u64,
    /// Measures the large stack alone: 300 rules and 5,000 alarms beside 30 and 500.
    #[arg(long)]
    large: bool,
}

/// How often a size is run on the local server, and with the delay.
fn times(alarms: usize) -> (usize, usize) {
    match alarms {
        0..=50 => (5, 3),
        _ => (3, 1),
    }
}

/// Who does the work.
#[derive(Debug, Clone, Copy)]
enum Worker<'a> {
    Cli(&'a Path),
    Boto3,
}

/// The figures of one worker in one situation.
#[derive(Debug)]
struct Figures {
    calls: usize,
    local: Sample,
    delayed: Sample,
}

/// Measures and prints the tables.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    run_to_end(cargo().args(["build", "--release", "--package", "notify-cli"]))?;
    let cli = house::target().join("release/notify-cli");
    let server = Server::start()?;
    if !args.large {
        beside_boto3(&cli, &server, args)?;
    }
    large::run(&cli, &server, Duration::from_millis(args.delay))
}

fn beside_boto3(cli: &Path, server: &Server, args: &Args) -> Result<(), Failure> {
    let delay = Duration::from_millis(args.delay);
    let mut rows = Vec::new();
    for &alarms in &args.alarms {
        let spec = write_spec(alarms)?;
        let ours = measure(server, Worker::Cli(cli), &spec, alarms, delay)?;
        let theirs = measure(server, Worker::Boto3, &spec, alarms, delay)?;
        for (run, ours, theirs) in
            [("from nothing", &ours[0], &theirs[0]), ("no change", &ours[1], &theirs[1])]
        {
            rows.push(vec![
                alarms.to_string(),
                run.to_owned(),
                ours.calls.to_string(),
                seconds(ours.local.wall),
                seconds(ours.delayed.wall),
                mebibytes(ours.local.peak),
                theirs.calls.to_string(),
                seconds(theirs.local.wall),
                seconds(theirs.delayed.wall),
                mebibytes(theirs.local.peak),
            ]);
        }
        eprintln!("{alarms} alarms: done");
    }
    let delayed = format!("+{} ms", args.delay);
    let heading = [
        "alarms",
        "run",
        "calls",
        "local",
        &delayed,
        "memory",
        "boto3 calls",
        "local",
        &delayed,
        "memory",
    ];
    print!("{}", table(&heading, &rows));
    Ok(())
}

/// The figures from nothing, and with nothing to change.
fn measure(
    server: &Server,
    worker: Worker<'_>,
    spec: &Path,
    alarms: usize,
    delay: Duration,
) -> Result<[Figures; 2], Failure> {
    let (local, delayed) = times(alarms);
    let proxy = Proxy::start(server.address())?;
    // Counted in runs of their own: the proxy itself costs a little.
    let mut calls = [0; 2];
    server.reset()?;
    for calls in &mut calls {
        measure::run(&mut command(worker, spec, alarms, &proxy.url()))?;
        *calls = proxy.take_calls().len();
    }
    let local = pairs(server, local, || command(worker, spec, alarms, &server.url()))?;
    proxy.delay(delay);
    let delayed = pairs(server, delayed, || command(worker, spec, alarms, &proxy.url()))?;
    let figures = |at: usize| Figures { calls: calls[at], local: local[at], delayed: delayed[at] };
    Ok([figures(0), figures(1)])
}

/// Medians of several runs, each from nothing and then again.
fn pairs(
    server: &Server,
    times: usize,
    command: impl Fn() -> Command,
) -> Result<[Sample; 2], Failure> {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for _ in 0..times {
        server.reset()?;
        first.push(measure::run(&mut command())?);
        second.push(measure::run(&mut command())?);
    }
    let middle = |samples: &[Sample]| median(samples).ok_or("nothing was measured");
    Ok([middle(&first)?, middle(&second)?])
}

fn command(worker: Worker<'_>, spec: &Path, alarms: usize, endpoint: &str) -> Command {
    let mut command = match worker {
        Worker::Cli(cli) => {
            let mut command = Command::new(cli);
            command.args(["setup", "--yes", "--endpoint-url", endpoint, "--config"]).arg(spec);
            command
        }
        Worker::Boto3 => {
            let mut command = Command::new(server::python());
            command.arg(house::root().join("tests/bench/setup.py"));
            command.args(["--endpoint-url", endpoint, "--alarms", &alarms.to_string()]);
            command
        }
    };
    house::seal(&mut command, endpoint);
    command.stderr(Stdio::null());
    command
}

fn write_spec(alarms: usize) -> Result<PathBuf, Failure> {
    let mut rules = String::new();
    for number in 0..alarms {
        writeln!(rules, "    \"rule-{number:04}\",")?;
    }
    let text = format!(
        r#"stack = "bench"
regions = ["ap-northeast-1"]

[topic]
name = "bench"
display_name = "AWS Config"

[[subscriptions]]
protocol = "email"
endpoint = "ops@example.com"

[[events]]
name = "bench-noncompliant"
description = "Config rules that turned non-compliant"
preset = "config-compliance"
config_rules = ["s3-bucket-public-write-prohibited", "restricted-ssh"]

[[alarms]]
name = "bench"
description = "Requests that a WAF rule blocked"
preset = "waf-blocked"
web_acl = "waf-base-001"
rules = [
{rules}]
"#
    );
    let folder = house::target().join("bench");
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{alarms}.toml"));
    fs::write(&file, text)?;
    Ok(file)
}

pub(super) fn seconds(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{} ms", time.as_millis())
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}

pub(super) fn mebibytes(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "–".to_owned(), |bytes| format!("{} MiB", bytes >> 20))
}
