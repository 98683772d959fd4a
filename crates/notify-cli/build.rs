//! The program that is handed to people aborts when it panics, so nothing ever reads the tables for
//! unwinding: they are an eighth of it, and are left out.

use std::env;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=no-unwinding.ld");
    let is = |name: &str, wanted: &str| env::var(name).is_ok_and(|value| value == wanted);
    let is_gnu_linux = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if is_gnu_linux && is_dist() {
        let folder = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
        let script = folder.join("no-unwinding.ld");
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{}", script.display());
        println!("cargo::rustc-link-arg-bins=-Wl,--no-eh-frame-hdr");
    }
}

/// Whether the profile is `dist`. Cargo tells a build script only whether a profile is like debug
/// or like release; the folder of what it builds, `PROFILE/build/PACKAGE/out`, has the profile's name.
fn is_dist() -> bool {
    let out = env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    out.ancestors().nth(3).and_then(Path::file_name).is_some_and(|name| name == "dist")
}
