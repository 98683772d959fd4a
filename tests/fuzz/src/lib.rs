//! What a fuzzer feeds: each function takes any bytes, and panics when a promise is broken.
//!
//! `cargo xtask fuzz` runs them for as long as it is told; the corpus beside this runs as a test.

use notify_core::spec::{Format, Level, parse};

/// A function that takes any bytes.
pub type Target = fn(&[u8]);

/// All of them by name; their corpora lie in folders of these names.
pub const TARGETS: [(&str, Target); 1] = [("spec", spec)];

/// A spec file: there is a spec exactly when there is no error, and every place is in the file.
pub fn spec(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for format in [Format::Toml, Format::Json] {
        let parsed = parse(&text, format);
        let failed = parsed.findings.iter().any(|finding| finding.level == Level::Error);
        assert_eq!(parsed.spec.is_none(), failed, "a spec, or an error");
        for finding in &parsed.findings {
            let _ = finding.location.line_and_column(&text);
            assert!(!finding.message.is_empty() && !finding.help.is_empty(), "words");
        }
    }
}
