//! Every operation that is called has its rights written down.

use notify_core::iam::OPERATIONS;
use std::collections::BTreeSet;
use std::path::Path;

/// The operations that a source file names: quoted, as `service:Operation`.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let quoted = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    quoted.flat_map(|line| line.split('"').skip(1).step_by(2)).filter(|text| {
        text.split_once(':').is_some_and(|(service, operation)| {
            let plain = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric());
            plain(service) && plain(operation) && operation.starts_with(|c: char| c.is_uppercase())
        })
    })
}

#[test]
fn the_table_of_rights_has_every_operation_and_no_other() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut called = BTreeSet::new();
    for file in std::fs::read_dir(folder).expect("the sources") {
        let path = file.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("a source file");
        called.extend(named(&text).map(str::to_owned));
    }
    let table: BTreeSet<String> = OPERATIONS.iter().map(|row| row.name.to_owned()).collect();
    assert!(called.len() > 25, "{called:?}");
    let missing: Vec<_> = called.difference(&table).collect();
    assert!(missing.is_empty(), "no row in `notify_core::iam`: {missing:?}");
    let idle: Vec<_> = table.difference(&called).collect();
    assert!(idle.is_empty(), "nobody calls what `notify_core::iam` allows: {idle:?}");
}
