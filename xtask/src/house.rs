//! Where things are, and the environment that every test runs in.

use crate::server::Server;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Where everything that can be made again is.
pub(crate) fn target() -> PathBuf {
    let moved = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    moved.map_or_else(|| root().join("target"), |moved| root().join(moved))
}

/// Makes sure that a program can reach no account: what it asks goes to `endpoint`, what it
/// would find on this machine (profiles, instance metadata) is hidden.
pub(crate) fn seal(command: &mut Command, endpoint: &str) {
    for ambient in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN"] {
        command.env_remove(ambient);
    }
    command
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ACCESS_KEY_ID", "123456789012")
        .env("AWS_SECRET_ACCESS_KEY", "not-a-secret")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_REGION", "ap-northeast-1")
        .env("AWS_DEFAULT_REGION", "ap-northeast-1")
        .env("AWS_ENDPOINT_URL", endpoint);
}

/// Tells tests where the server, its Python and the built programs are.
pub(crate) fn furnish(command: &mut Command, server: &Server) {
    seal(command, &server.url());
    command
        .env("NOTIFY_TEST_ENDPOINT", server.url())
        .env("NOTIFY_TEST_PYTHON", crate::server::python())
        .env("NOTIFY_TEST_BIN_DIR", target().join("debug"));
    if let Some(microburst) = server.microburst() {
        command.env("NOTIFY_TEST_FAULTS", microburst.to_string());
    }
    if std::env::var_os("CI").is_some() {
        command.env("INSTA_UPDATE", "no");
    }
}
