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
    if is_gnu_linux && is_dist() && is("CARGO_CFG_TARGET_ARCH", "x86_64") {
        // What only rustc's own linker knows, which is the default on this target: functions of the
        // same code become one, and relocations take a bit instead of 24 bytes. The latter asks for
        // a C library of 2022 (glibc 2.36), and says so where it is older.
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// Whether the profile is `dist`. Cargo tells a build script only whether a profile is like debug
/// or like release; the folder of what it builds, `PROFILE/build/PACKAGE/out`, has the profile's name.
fn is_dist() -> bool {
    let out = env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    out.ancestors().nth(3).and_then(Path::file_name).is_some_and(|name| name == "dist")
}
