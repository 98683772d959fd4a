//! What happens to a call.

use notify_proxy::Fate;
use std::net::SocketAddr;

/// A fault, by the name under which it is counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) way: Way,
    /// How often the call and its repetitions meet it.
    pub(crate) times: usize,
    /// How often a call may have been carried out that invites a reader.
    pub(crate) invitations: usize,
    /// Whether the program is given little patience, so that what hangs ends soon.
    pub(crate) impatient: bool,
}

/// Who does it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way {
    /// Microburst, by a rule of `tests/e2e/faults.yml`.
    Microburst(&'static str),
    /// Our own proxy.
    Proxy(Fate),
}

/// As long as the run lasts.
pub(crate) const EVERY_TIME: usize = usize::MAX;

const fn fault(name: &'static str, times: usize, way: Way) -> Fault {
    Fault { name, way, times, invitations: 1, impatient: false }
}

/// All of them.
pub(crate) const FAULTS: &[Fault] = &[
    fault("throttled 3 times", 3, Way::Microburst("throttled")),
    fault("HTTP 500", EVERY_TIME, Way::Microburst("internal")),
    fault("HTTP 503 once", 1, Way::Microburst("unavailable")),
    fault("HTTP 503", EVERY_TIME, Way::Microburst("unavailable")),
    fault("reset before, once", 1, Way::Microburst("reset")),
    fault("reset before", EVERY_TIME, Way::Microburst("reset")),
    Fault { invitations: 2, ..fault("reset after, once", 1, Way::Proxy(Fate::AnswerLost)) },
    Fault { invitations: 2, ..fault("reset after", EVERY_TIME, Way::Proxy(Fate::AnswerLost)) },
    fault("2 s latency", 1, Way::Microburst("slow")),
    Fault { impatient: true, ..fault("time-out", EVERY_TIME, Way::Microburst("hung")) },
    fault("access denied", EVERY_TIME, Way::Microburst("denied")),
    fault("expired credentials", EVERY_TIME, Way::Microburst("expired")),
    fault("garbage: HTML", EVERY_TIME, Way::Proxy(Fate::Garbled("<html><h1>Hello</h1></html>"))),
    fault("garbage: cut short", EVERY_TIME, Way::Microburst("truncated")),
    fault("garbage: nothing", EVERY_TIME, Way::Proxy(Fate::Garbled(""))),
];

impl Fault {
    /// What a proxy does.
    pub(crate) fn fate(&self, microburst: SocketAddr) -> Fate {
        match self.way {
            Way::Microburst(rule) => Fate::Detour(microburst, rule),
            Way::Proxy(fate) => fate,
        }
    }
}
