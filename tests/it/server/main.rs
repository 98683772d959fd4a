//! What needs an AWS API: the suite on `AwsProvider`, and the whole program.
//!
//! `cargo xtask test` starts the server and says in the environment where it is. Each test has an
//! account of its own there, so they may run side by side.

mod account;
mod adoption;
mod brief;
mod budget;
mod cut_off;
mod digest;
mod first_file;
mod hostile;
mod ids;
mod machine;
mod metrics;
mod program;
mod read_back;
mod rights;
mod send;
mod transform;
mod watched;

notify_tests::conformance!(account::OnServer);
