//! Runs the corpus: inputs that were interesting once.

use std::fs;
use std::path::Path;

#[test]
fn every_input_of_the_corpus_keeps_the_promises() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (name, target) in notify_fuzz::TARGETS {
        let folder = fs::read_dir(corpus.join(name)).expect("a folder for each target");
        let mut count = 0;
        for entry in folder {
            let path = entry.expect("an entry").path();
            let data = fs::read(&path).expect("a file");
            let kept = std::panic::catch_unwind(|| target(&data));
            assert!(kept.is_ok(), "{}", path.display());
            count += 1;
        }
        assert!(count >= 5, "{name} has a corpus of {count}");
    }
}
