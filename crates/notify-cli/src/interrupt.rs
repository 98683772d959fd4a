//! Ctrl-C while nothing is changed: the program ends at once, and says so.

use crate::failure::INTERRUPTED;
use crate::print;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// From now on Ctrl-C ends the program with its exit code, also while it works without a pause.
pub(crate) fn ends_the_program(said: &'static str) {
    let listen = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
        let Ok(runtime) = runtime else { return };
        if runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            print::err(&format!("interrupted: {said}"));
            leave();
        }
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
