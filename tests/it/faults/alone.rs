//! What needs no rounds: a big stack that AWS throttles, and a clock that is wrong.

use crate::cases::Case;
use crate::matrix::{said, start};
use crate::program::{Program, spec_with};
use jiff::{SignedDuration, Timestamp, ToSpan};
use notify_proxy::Fate;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// So many alarms a second are taken, as AWS takes them.
const A_SECOND: u32 = 3;
/// So many are made.
const ALARMS: usize = 45;

/// Both.
pub(crate) fn cases(microburst: SocketAddr) -> Vec<Case<'static>> {
    let mut cases = vec![Case {
        group: "throttled to 3 a second",
        name: format!("{ALARMS} alarms"),
        check: Box::new(move |_| throttled(microburst)),
    }];
    for hours in [-1, 1] {
        cases.push(Case {
            group: "a wrong clock",
            name: format!("AWS's is {hours} h ahead"),
            check: Box::new(move |_| wrong_clock(hours, microburst)),
        });
    }
    cases.push(Case {
        group: "a wrong clock",
        name: "and AWS does not say what time it is".to_owned(),
        check: Box::new(move |_| no_clock(microburst)),
    });
    cases
}

/// It gets through at the rate that AWS sets, and says how far it is and how long it will take.
fn throttled(microburst: SocketAddr) -> Result<(), String> {
    let program = Program::in_fresh_account();
    let (_folder, file) = spec_with(1, ALARMS);
    let proxy = start(&program);
    let every = Duration::from_secs(1) / A_SECOND;
    let mut next = Instant::now();
    proxy.judge(move |call| {
        if call.operation != "PutMetricAlarm" {
            return None;
        }
        let now = Instant::now();
        if now < next {
            return Some(Fate::Detour(microburst, "throttled"));
        }
        next = now + every;
        None
    });
    let begun = Instant::now();
    let output = program.through(&proxy).run(&file, &["setup", "--yes"]);
    let took = begun.elapsed();
    let all = said(&output);
    let rate = every * u32::try_from(ALARMS - 1).unwrap_or_default();
    if output.status.code() != Some(0) {
        return Err(all);
    }
    if took < rate || took > rate * 3 {
        return Err(format!("it took {took:?}, and the rate allows {rate:?}:\n{all}"));
    }
    let lines = String::from_utf8_lossy(&output.stderr).into_owned();
    let of = format!(" of {}", ALARMS + 4);
    let timed = lines.lines().filter(|line| line.contains(&of) && line.contains(" to go")).count();
    if timed < 3 {
        return Err(format!("{timed} lines tell how long it will take:\n{all}"));
    }
    if lines.contains('\u{1b}') || lines.contains('\r') {
        return Err(format!("it is no terminal:\n{lines:?}"));
    }
    Ok(())
}

/// AWS refuses what was signed more than five minutes before or after its own time.
fn refuse_by_clock(proxy: &notify_proxy::Proxy, ahead: SignedDuration, microburst: SocketAddr) {
    proxy.judge(move |call| {
        let at = |minutes: i64| {
            let time = Timestamp::now() + ahead + minutes.minutes();
            time.strftime("%Y%m%dT%H%M%SZ").to_string()
        };
        let in_time = call.signed_at > at(-5) && call.signed_at < at(5);
        (!in_time).then_some(Fate::Detour(microburst, "skewed"))
    });
}

/// The SDK learns AWS's time from an answer, and signs by that.
fn wrong_clock(hours: i64, microburst: SocketAddr) -> Result<(), String> {
    let program = Program::in_fresh_account();
    let (_folder, file) = spec_with(1, 3);
    let proxy = start(&program);
    let ahead = SignedDuration::from_hours(hours);
    let there = Timestamp::now() + ahead;
    proxy.date_answers(&there.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
    refuse_by_clock(&proxy, ahead, microburst);
    let through = program.through(&proxy);
    for (words, code) in [(&["setup", "--yes"][..], 0), (&["plan", "--detailed-exitcode"], 0)] {
        let output = through.run(&file, words);
        if output.status.code() != Some(code) {
            return Err(format!("{words:?}: {}", said(&output)));
        }
    }
    let refused = proxy.calls().iter().filter(|call| is_off(&call.signed_at)).count();
    // Each client learns it by one refusal, and others may be under way meanwhile.
    if refused == 0 { Err("the clock was not wrong".to_owned()) } else { Ok(()) }
}

/// Whether it was signed by AWS's time, which is not ours.
fn is_off(signed_at: &str) -> bool {
    let ours = Timestamp::now().strftime("%Y%m%dT%H").to_string();
    !signed_at.starts_with(&ours)
}

/// Where that cannot be learned, it is said what is wrong.
fn no_clock(microburst: SocketAddr) -> Result<(), String> {
    let program = Program::in_fresh_account();
    let (_folder, file) = spec_with(1, 3);
    let proxy = start(&program);
    proxy.date_answers("no date");
    refuse_by_clock(&proxy, SignedDuration::from_hours(1), microburst);
    let output = program.through(&proxy).run(&file, &["setup", "--yes"]);
    let all = said(&output);
    let says = ["the clock of this machine seems to be wrong", "nothing was changed"];
    if output.status.code() == Some(1) && says.iter().all(|says| all.contains(says)) {
        Ok(())
    } else {
        Err(all)
    }
}
