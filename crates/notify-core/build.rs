//! Lists the presets that are embedded, so that adding one is adding a file.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

#[expect(clippy::disallowed_methods, reason = "the crate is pure, its build reads one folder of it")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=presets");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("presets");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let name = entry?.file_name().into_string().map_err(|_| "a preset's name is no text")?;
        names.extend(name.strip_suffix(".toml").map(str::to_owned));
    }
    names.sort();
    let mut code = format!("[(&str, &str); {}] = [\n", names.len());
    for name in names {
        let path = folder.join(format!("{name}.toml"));
        writeln!(code, "    ({name:?}, include_str!({path:?})),")?;
    }
    let code = format!("/// The embedded presets: their names, in order, with their files.\nstatic EMBEDDED: {code}];\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("presets.rs"), code)?;
    Ok(())
}
