//! Events out of files, as callers get them.

#![expect(clippy::disallowed_types, reason = "core reads no files; its tests read their cases")]

use notify_core::aws::{AccountId, Region};
use notify_core::feed::{Content, Feed, Progress, Source, StandIn, in_order};
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
                        let unread = if bad.leaves_unread() { " (unread)" } else { "" };
                        format!("{}: bad: {bad}{unread}", document.place)
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

const EVENT: &str = r#"{"version":"0","detail-type":"A","source":"b","detail":{}}"#;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

/// A frame whose content needs a window of so many bits.
fn zstd_with_window(bytes: &[u8], bits: u32) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(bits).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn lines(count: usize) -> String {
    format!("{EVENT}\n").repeat(count)
}

#[test]
fn packed_streams_are_read_to_their_end() {
    let text = lines(3);
    let expected = read(of(text.clone()), 1);
    assert_eq!(expected.len(), 3);
    let (head, tail) = text.as_bytes().split_at(70); // Members end anywhere.
    let skippable = [&b"\x5A\x2A\x4D\x18\x04\0\0\0"[..], b"note"].concat();
    for (what, packed) in [
        ("gzip", gzip(text.as_bytes())),
        ("members", [gzip(head), gzip(b""), gzip(tail)].concat()),
        ("zstd", zstd(text.as_bytes())),
        ("frames", [zstd(head), skippable.clone(), zstd(tail)].concat()),
        ("a frame to skip", [skippable.clone(), zstd(text.as_bytes())].concat()),
        ("a window of 32 MiB", zstd_with_window(text.as_bytes(), 25)),
    ] {
        assert_eq!(read(of(packed), 1), expected, "{what}");
    }
    assert_eq!(read(of(gzip(b"")), 1), ["in: bad: is empty"]);
    assert_eq!(read(of(skippable), 1), ["in: bad: is empty"]);
}

#[test]
fn what_came_before_a_damage_counts() {
    let text = lines(2);
    let event = |line| format!("in:{line}: Event: {EVENT}");
    let mut damaged = gzip(text.as_bytes());
    let crc = damaged.len() - 8;
    damaged[crc] ^= 1;
    let flipped = {
        let mut packed = zstd(lines(20_000).as_bytes());
        let middle = packed.len() - 9;
        packed[middle] ^= 0xFF;
        packed
    };
    for (packed, expected) in [
        (
            [gzip(text.as_bytes()), gzip(lines(9).as_bytes())[..14].to_vec()].concat(),
            "in:3: bad: the gzip stream ends early: what came before is counted, the rest is missing (unread)",
        ),
        (
            [gzip(text.as_bytes()), b"trail".to_vec()].concat(),
            "in:3: bad: something that is not gzip follows the gzip stream: what came before is counted (unread)",
        ),
        (
            damaged,
            "in:3: bad: the gzip stream is damaged (corrupt gzip stream does not have a matching checksum): what came before is counted (unread)",
        ),
        (
            [zstd(text.as_bytes()), zstd(lines(9).as_bytes())[..12].to_vec()].concat(),
            "in:3: bad: the zstd stream ends early: what came before is counted, the rest is missing (unread)",
        ),
        (
            [zstd(text.as_bytes()), b"trail".to_vec()].concat(),
            "in:3: bad: something that is not zstd follows the zstd stream: what came before is counted (unread)",
        ),
        (
            [zstd(text.as_bytes()), zstd_with_window(text.as_bytes(), 26)].concat(),
            "in:3: bad: the zstd stream needs a window of more than 32 MiB: unpack it first, `zstd -d --long=31` (unread)",
        ),
    ] {
        assert_eq!(read(of(packed), 1), [event(1), event(2), expected.to_owned()]);
    }
    let said = read(of(flipped), 1);
    let last = said.last().unwrap();
    assert!(last.contains("bad: the zstd stream is damaged ("), "{last}");
    // A line that is not whole is part of the damage; an array's element, too.
    let cut = gzip([text.as_bytes(), b"{\"detail-type\":"].concat().as_slice());
    let cut = &cut[..cut.len() - 8];
    assert_eq!(read(of(cut.to_vec()), 1).len(), 3);
    let cut = gzip(format!("[{EVENT},\n{EVENT},\n{{\"a\"").as_bytes());
    let said = read(of(cut[..cut.len() - 8].to_vec()), 1);
    assert_eq!(said.len(), 3);
    assert!(said[2].starts_with("in:3: bad: the gzip stream ends early"), "{}", said[2]);
}

#[test]
fn what_is_no_text_has_one_message() {
    let utf16 = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    for (bytes, expected) in [
        (b"".to_vec(), "is empty"),
        (b" \n\r\n\t".to_vec(), "is empty"),
        (b"\xEF\xBB\xBF\n".to_vec(), "is empty"),
        (b"\x89PNG\r\n\x1A\n\0\0\0".to_vec(), "is binary: it is neither text nor gzip nor zstd"),
        (b"caf\xE9 au lait".to_vec(), "is binary: it is neither text nor gzip nor zstd"),
        ([b"\xFF\xFE".to_vec(), utf16].concat(), "is UTF-16 text: save it as UTF-8"),
        (b"\xFE\xFF\0{\0}".to_vec(), "is UTF-16 text: save it as UTF-8"),
        (b"{\0\"\0a\0".to_vec(), "is UTF-16 text: save it as UTF-8"),
        (b"BZh91AY".to_vec(), "is bzip2, which is not read: give it as text, as gzip or as zstd"),
        (b"\xFD7zXZ\0".to_vec(), "is xz, which is not read: give it as text, as gzip or as zstd"),
        (b"PK\x03\x04".to_vec(), "is zip, which is not read: give it as text, as gzip or as zstd"),
        (
            b"\x04\x22\x4D\x18".to_vec(),
            "is lz4, which is not read: give it as text, as gzip or as zstd",
        ),
        (b"PAR1".to_vec(), "is parquet, which is not read: give it as text, as gzip or as zstd"),
        (
            b"7z\xBC\xAF\x27\x1C".to_vec(),
            "is 7z, which is not read: give it as text, as gzip or as zstd",
        ),
    ] {
        let unread = if expected == "is empty" { "" } else { " (unread)" };
        assert_eq!(read(of(bytes), 1), [format!("in: bad: {expected}{unread}")]);
    }
    // Text that is none of ours is told line by line.
    assert_eq!(
        read(of("2026-10-01 started\n\n[INFO] ok\n"), 1),
        [
            "in:1: bad: is not JSON: trailing characters, column 5",
            "in:3: bad: is not JSON: expected value, column 2",
        ]
    );
    // A character that is cut at the end of what is looked at is not binary.
    let long = format!("{}é", "x".repeat(1023));
    assert_eq!(read(of(long), 1), ["in:1: bad: is not JSON: expected value, column 1"]);
}

/// Fails after what it gives.
struct Failing(Cursor<Vec<u8>>);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::Error::new(io::ErrorKind::PermissionDenied, "no right to read")),
            read => Ok(read),
        }
    }
}

#[test]
fn a_source_that_fails_does_not_stop_the_next() {
    let failing = |bytes: Vec<u8>| Ok(Failing(Cursor::new(bytes)));
    let denied = io::Error::new(io::ErrorKind::PermissionDenied, "permission denied");
    let part = gzip(lines(1).as_bytes())[..15].to_vec();
    for threads in [1, 2, 4] {
        let sources = vec![
            Source::new("a", Err::<File, _>(io::Error::new(denied.kind(), denied.to_string()))),
            Source::new("b", failing(format!("{EVENT}\n{{\"cut").into_bytes())),
            Source::new("c", failing(Vec::new())),
            Source::new("d", failing(part.clone())),
            Source::new("e", failing(format!("[\n{EVENT},").into_bytes())),
            Source::new("f", Ok(Cursor::new(EVENT))),
        ];
        assert_eq!(
            read(sources, threads),
            [
                "a: bad: cannot be opened: permission denied (unread)".to_owned(),
                format!("b:1: Event: {EVENT}"),
                "b:2: bad: cannot be read any further: no right to read (unread)".to_owned(),
                "c: bad: cannot be read any further: no right to read (unread)".to_owned(),
                "d:1: bad: cannot be read any further: no right to read (unread)".to_owned(),
                format!("e:2 (element 1): Event: {EVENT}"),
                "e:2: bad: cannot be read any further: no right to read (unread)".to_owned(),
                format!("f:1: Event: {EVENT}"),
            ]
        );
    }
}

#[test]
fn a_directory_is_a_source_that_fails() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let said = read(vec![Source::new("src", File::open(folder))], 1);
    assert_eq!(said.len(), 1);
    assert!(said[0].starts_with("src: bad: cannot be"), "{}", said[0]);
}

/// Gives the same bytes again and again.
struct Endless(&'static [u8], usize);

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = &self.0[self.1..];
        let length = left.len().min(buffer.len());
        buffer[..length].copy_from_slice(&left[..length]);
        self.1 = (self.1 + length) % self.0.len();
        Ok(length)
    }
}

#[test]
fn a_line_of_100_mb_is_one_bad_line() {
    const SIZE: u64 = 100_000_000;
    let long = || Endless(&[b'x'; 8192], 0).take(SIZE - 1);
    let head = Cursor::new(format!("{EVENT}\n{{"));
    let tail = Cursor::new(format!("\n{EVENT}\n"));
    let reader = head.chain(long()).chain(tail);
    let bad = format!(
        "has {SIZE} bytes: an event has 1 MiB at most, and no more than 16 MiB are read of any document"
    );
    let expected = [
        format!("in:1: Event: {EVENT}"),
        format!("in:2: bad: {bad}"),
        format!("in:3: Event: {EVENT}"),
    ];
    assert_eq!(read(vec![Source::new("in", Ok(reader))], 2), expected);
    // At the beginning and at the end, too.
    let reader = Cursor::new("{").chain(long());
    assert_eq!(read(vec![Source::new("in", Ok(reader))], 1), [format!("in:1: bad: {bad}")]);
    // And inside of an array.
    let head = Cursor::new(format!("[{EVENT},\n\""));
    let tail = Cursor::new(format!("\",\n{EVENT}]"));
    let reader = head.chain(Endless(&[b'x'; 8192], 0).take(SIZE - 2)).chain(tail);
    let expected = [
        format!("in:1 (element 1): Event: {EVENT}"),
        format!("in:2 (element 2): bad: {bad}"),
        format!("in:3 (element 3): Event: {EVENT}"),
    ];
    assert_eq!(read(vec![Source::new("in", Ok(reader))], 1), expected);
}

#[test]
fn no_more_is_read_than_is_worked_on() {
    let lines: &[u8] = format!("{EVENT}\n").repeat(1000).leak().as_bytes();
    let values: &[u8] = format!("{EVENT},").repeat(1000).leak().as_bytes();
    for (layout, head, bytes) in [("lines", "", lines), ("values", "[", values)] {
        for threads in [1, 2, 4] {
            let progress = Progress::default();
            let source = Source::new("in", Ok(head.as_bytes().chain(Endless(bytes, 0))));
            let feed = Feed::new([source].into_iter(), progress.clone());
            let mut batches = 0;
            let work = || |batch: notify_core::feed::Batch| drop(batch);
            let end = in_order(feed, NonZeroUsize::new(threads).unwrap(), work, |()| {
                batches += 1;
                if batches == 5 { ControlFlow::Break("enough") } else { ControlFlow::Continue(()) }
            });
            assert_eq!(end, ControlFlow::Break("enough"));
            // Besides the five, each thread may have one and two results.
            let most = (5 + 3 * threads as u64) * 1024 * 1024;
            assert!(progress.bytes() <= most, "{layout}, {threads}: {}", progress.bytes());
        }
    }
}

#[test]
fn progress_counts_packed_bytes() {
    let packed = gzip(lines(1000).as_bytes());
    let size = packed.len() as u64;
    let progress = Progress::default();
    let sources = [Source::new("a", Ok(Cursor::new(packed))), Source::new("b", Ok(&b"{}"[..]))];
    let feed = Feed::new(sources.into_iter(), progress.clone());
    assert_eq!(progress.bytes(), 0);
    assert_eq!(feed.count(), 2);
    assert_eq!(progress.bytes(), size + 2);
}

#[test]
fn deep_nesting_is_no_danger() {
    const DEEP: usize = 100_000;
    let (open, close) = ("[".repeat(DEEP), "]".repeat(DEEP));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(DEEP), "}".repeat(DEEP));
    let deep = format!(r#"{{"detail":{open}{close},"pad":"{}"}}"#, "x".repeat(300));
    let said = read(of(format!("{deep}\n{objects}\n{{\"a\":{open}\n")), 1);
    assert_eq!(said.len(), 3);
    assert!(said[0].starts_with("in:1: bad: is no event: it has neither"), "{}", said[0]);
    assert!(said[1].starts_with("in:2: bad: is no event: it has neither"), "{}", said[1]);
    assert!(said[2].starts_with("in:3: bad: is not JSON: EOF while parsing"), "{}", said[2]);
    let said = read(of(format!("[{{\"a\":{open}{close}}},\n{objects},{EVENT}]{open}")), 1);
    assert_eq!(said.len(), 4, "{said:?}");
    assert!(said[2].starts_with("in:2 (element 3): Event"), "{}", said[2]);
    assert!(said[3].starts_with("in:2 (element 1): bad: the input ends"), "{}", said[3]);
}

/// The paths of an object, those of its elements included.
fn paths(value: &serde_json::Value, at: &str, all: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (key, value) in members {
                paths(value, &format!("{at}.{key}"), all);
            }
        }
        _ => all.push(at.to_owned()),
    }
}

#[test]
fn a_compliance_event_has_the_fields_of_a_real_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let real = folder.join("../../tests/cases/mail/config-compliance-event.json");
    let mut expected = Vec::new();
    let real = serde_json::from_reader::<_, serde_json::Value>(File::open(real).unwrap()).unwrap();
    paths(&real, "", &mut expected);
    for (name, element, missing) in [
        ("compliance-v1.json", 0, &["configRuleARN", "oldEvaluationResult"][..]),
        ("compliance-history.json", 2, &[]),
    ] {
        let file = File::open(folder.join("tests/cases/feed").join(name));
        let said = read(vec![Source::new("in", file)], 1);
        let json = said[element].split_once(": {").unwrap().1;
        let event = serde_json::from_str(&format!("{{{json}")).unwrap();
        let mut found = Vec::new();
        paths(&event, "", &mut found);
        let expected = expected.iter().filter(|path| !missing.iter().any(|key| path.contains(key)));
        assert_eq!(found, expected.cloned().collect::<Vec<_>>(), "{name}");
    }
}

/// Whatever a text ends with, it is one JSON string in the event.
#[test]
fn texts_of_exports_stay_what_they_are() {
    for annotation in ["plain", "say \"no\"", "\"", "a\\", "\u{1b}\n", "遮断\u{2028}"] {
        let result = serde_json::json!({"EvaluationResults": [{
            "EvaluationResultIdentifier": {"EvaluationResultQualifier": {
                "ConfigRuleName": annotation, "ResourceType": "AWS::S3::Bucket", "ResourceId": "b"}},
            "ComplianceType": "NON_COMPLIANT", "ResultRecordedTime": 1_767_323_045,
            "Annotation": annotation}]});
        let said = read(of(result.to_string()), 1);
        let [line] = said.as_slice() else { panic!("{said:?}") };
        let json = line.split_once("Compliance: ").unwrap().1;
        let event: serde_json::Value = serde_json::from_str(json).expect(json);
        assert_eq!(event["detail"]["configRuleName"], annotation);
        assert_eq!(event["detail"]["newEvaluationResult"]["annotation"], annotation);
    }
}

/// What an item may become is bounded, and an item is compared with another in one go.
#[test]
fn an_item_with_very_many_rules_is_no_event() {
    let item = |time: &str, verdict: &str, count: usize| {
        let rules: Vec<_> = (0..count)
            .map(|at| serde_json::json!({"configRuleName": format!("r{at}"), "complianceType": verdict}))
            .collect();
        serde_json::json!({"configurationItemCaptureTime": time, "configurationItemStatus": "OK",
            "resourceType": "AWS::Config::ResourceCompliance", "resourceId": "AWS::S3::Bucket/b",
            "configuration": {"configRuleList": rules}})
    };
    for (count, events) in [(10_000, 20_000), (10_001, 2)] {
        let items = [
            item("2026-10-02T00:00:00Z", "NON_COMPLIANT", count),
            item("2026-10-01T00:00:00Z", "COMPLIANT", count),
        ];
        let said = read(of(serde_json::json!({"configurationItems": items}).to_string()), 1);
        assert_eq!(said.len(), events);
        let last = said.last().unwrap();
        let is_bad = last.ends_with("it names more Config rules than an account can have");
        assert_eq!(is_bad, events == 2, "{last}");
    }
}
