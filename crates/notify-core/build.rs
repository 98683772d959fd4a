//! Embeds the presets, so that adding one is adding a file. They are packed, one by one: unpacked
//! they are half a megabyte, and most runs need a few of them.

use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::{env, fs};

#[expect(clippy::disallowed_methods, reason = "the crate is pure, its build reads a folder of it")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=presets");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("presets");
    let out = env::var("OUT_DIR")?;
    let out = Path::new(&out);
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let name = entry?.file_name().into_string().map_err(|_| "a preset's name is no text")?;
        names.extend(name.strip_suffix(".toml").map(str::to_owned));
    }
    names.sort();
    let mut code = String::from(
        "/// The embedded presets: their names, in order, with their files, packed.\n",
    );
    writeln!(code, "static EMBEDDED: [(&str, &[u8]); {}] = [", names.len())?;
    for name in names {
        let text = fs::read(folder.join(format!("{name}.toml")))?;
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&text)?;
        fs::write(out.join(format!("{name}.deflate")), packed.finish()?)?;
        let file = format!("\"/{name}.deflate\"");
        writeln!(code, "    ({name:?}, include_bytes!(concat!(env!(\"OUT_DIR\"), {file}))),")?;
    }
    code.push_str("];\n");
    fs::write(out.join("presets.rs"), code)?;
    Ok(())
}
