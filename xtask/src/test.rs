//! `cargo xtask test`: everything.

use crate::cargo::{Counts, SERVER, cargo, run as run_to_end, test};
use crate::server::Server;
use crate::{Failure, house};
use std::process::Command;

/// Runs all tests, prints their number, and fails where one failed.
pub(crate) fn run() -> Result<(), Failure> {
    let server = Server::start_with_faults()?;
    let counts = match build() {
        Ok(()) => {
            let mut counts = run_tests(&server, &["--all-targets"])?;
            counts.add(run_tests(&server, &["--doc"])?);
            counts.add(example(&server)?);
            counts
        }
        // What does not compile has failed, too.
        Err(failure) => {
            eprintln!("{failure}");
            Counts { failed: 1, ..Counts::default() }
        }
    };
    drop(server);
    counts.close()
}

/// Runs some of the workspace's tests beside a server.
pub(crate) fn run_tests(server: &Server, which: &[&str]) -> Result<Counts, Failure> {
    let mut command = cargo();
    command.args(["test", "--workspace", "--no-fail-fast"]).args(SERVER).args(which);
    house::furnish(&mut command, server);
    test(&mut command)
}

/// Builds the programs that tests start. `--examples` makes cargo choose the same features as
/// for the tests, so that nothing is built twice.
pub(crate) fn build() -> Result<(), Failure> {
    run_to_end(cargo().args(["build", "--workspace", "--bins", "--examples"]).args(SERVER))
}

/// The library's example is a complete program: it must work, twice.
fn example(server: &Server) -> Result<Counts, Failure> {
    let mut counts = Counts::default();
    server.reset()?;
    for time in ["first", "second"] {
        let mut command = Command::new(house::target().join("debug/examples/setup"));
        command.arg("examples/minimal.toml").current_dir(house::root());
        house::seal(&mut command, &server.url());
        let said = match run_to_end(&mut command) {
            Ok(()) => {
                counts.passed += 1;
                "ok".to_owned()
            }
            Err(failure) => {
                counts.failed += 1;
                failure.to_string()
            }
        };
        println!("example setup, {time} run ... {said}");
    }
    Ok(counts)
}
