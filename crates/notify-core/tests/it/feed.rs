//! Events out of files, as callers get them.

use notify_core::aws::{AccountId, Region};
use notify_core::feed::{Content, Feed, Origin, Progress, Source, StandIn, in_order};
use std::fs::File;
use std::io::{self, Cursor, Read, Write};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;

fn stand_in() -> StandIn {
    StandIn { account: AccountId::parse("999999999999").unwrap(), region: Region::us_east_1() }
}

/// What comes out of sources, one line for each document.
fn read(sources: Vec<Source>, threads: usize) -> Vec<String> {
    let stand_in = stand_in();
    let feed = Feed::new(sources.into_iter(), Progress::default());
    let mut all = Vec::new();
    let work = || {
        |batch: notify_core::feed::Batch| {
            let documents = batch.documents(&stand_in);
            documents
                .map(|document| match document.content {
                    Content::Event(event) => {
                        let json = std::str::from_utf8(&event.json).unwrap();
                        let read_only = if event.read_only { ", read only" } else { "" };
                        format!("{}: {:?}{read_only}: {json}", document.place, event.origin)
                    }
                    Content::NoEvent(why) => format!("{}: no event: {why}", document.place),
                    Content::Bad(bad) => {
                        let ends = if bad.ends_source() { " (last)" } else { "" };
                        format!("{}: bad: {bad}{ends}", document.place)
                    }
                })
                .collect::<Vec<_>>()
        }
    };
    let end = in_order(feed, NonZeroUsize::new(threads).unwrap(), work, |lines| {
        all.extend(lines);
        ControlFlow::<()>::Continue(())
    });
    assert_eq!(end, ControlFlow::Continue(()));
    all
}

fn of(bytes: impl AsRef<[u8]> + Send + 'static) -> Vec<Source> {
    vec![Source::new("in", Ok(Cursor::new(bytes)))]
}

#[test]
fn each_format_gives_its_events() {
    insta::glob!("../cases/feed", "*.{json,ndjson}", |path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        let said = read(vec![Source::new(name, File::open(path))], 1);
        assert_eq!(read(vec![Source::new(name, File::open(path))], 4), said);
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(path.parent().unwrap());
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.remove_snapshot_suffix();
        settings.bind(|| insta::assert_snapshot!(name, said.join("\n")));
    });
}
