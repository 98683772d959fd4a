//! Ctrl-C: while nothing is changed the program ends at once, and says so; while something is, what
//! is under way ends first.

use crate::failure::INTERRUPTED;
use crate::print;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// From now on Ctrl-C ends the program with its exit code, also while it works without a pause.
pub(crate) fn ends_the_program(said: &'static str) {
    listen(move || {
        print::err(&format!("interrupted: {said}"));
        leave();
    });
}

/// Ctrl-C in a command that changes something.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// Whether changes have begun. It is locked while the program ends because they have not, so
    /// that none begins meanwhile.
    changing: Mutex<bool>,
    came: AtomicBool,
    wake: Notify,
}

impl Interrupt {
    /// From now on Ctrl-C ends the program, also at a question. Once changes have
    /// [begun](Self::begin) it is noted, and ends the program only when it comes again.
    pub(crate) fn watch() -> Self {
        let interrupt = Self::default();
        let shared = Arc::clone(&interrupt.0);
        listen(move || shared.heard());
        interrupt
    }

    /// Changes begin: what is under way is to end first.
    pub(crate) fn begin(&self) {
        *self.0.changing.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    /// Whether it came while there were changes.
    pub(crate) fn came(&self) -> bool {
        self.0.came.load(Ordering::Relaxed)
    }

    /// Waits until it comes.
    pub(crate) async fn wait(&self) {
        let woken = self.0.wake.notified();
        if !self.came() {
            woken.await;
        }
    }
}

impl Shared {
    fn heard(&self) {
        let changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if !*changing {
            print::err("interrupted: nothing was changed");
            leave();
        }
        if self.came.swap(true, Ordering::Relaxed) {
            // For whoever cannot wait for a call that hangs. Nothing is lost: the next run does
            // the rest.
            leave();
        }
        print::err("stopping: what is under way ends first (Ctrl-C again: at once)");
        self.wake.notify_waiters();
    }
}

/// Hears every Ctrl-C in a thread of its own: the program's may be busy, or wait at a question.
fn listen(mut heard: impl FnMut() + Send + 'static) {
    let listen = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            while tokio::signal::ctrl_c().await.is_ok() {
                heard();
            }
        });
    };
    // Where there is no thread to be had, the system's own way remains.
    drop(std::thread::Builder::new().name("interrupt".to_owned()).spawn(listen));
}

#[expect(clippy::exit, reason = "the work that is under way has no place to be asked at")]
fn leave() {
    std::process::exit(i32::from(INTERRUPTED));
}

/// Whether the person has pressed Ctrl-C.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    pressed: AtomicBool,
    woken: Notify,
}

impl Stop {
    /// From now on the first Ctrl-C asks for the end, as `said`, and the second one is the end.
    pub(crate) fn on_ctrl_c(said: &'static str) -> Arc<Self> {
        let stop = Arc::new(Self::default());
        let listening = Arc::clone(&stop);
        tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                listening.pressed.store(true, Ordering::Relaxed);
                listening.woken.notify_waiters();
                print::err(said);
                if tokio::signal::ctrl_c().await.is_ok() {
                    leave();
                }
            }
        });
        stop
    }

    pub(crate) fn is_pressed(&self) -> bool {
        self.pressed.load(Ordering::Relaxed)
    }

    /// Waits, and no longer than until Ctrl-C.
    pub(crate) async fn rest(&self, how_long: Duration) {
        let woken = self.woken.notified();
        if !self.is_pressed() {
            // The time being over and being woken are the same here.
            drop(tokio::time::timeout(how_long, woken).await);
        }
    }
}
