//! Ctrl-C while nothing is changed: the program ends at once, and says so.

use crate::failure::INTERRUPTED;
use crate::print;

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
