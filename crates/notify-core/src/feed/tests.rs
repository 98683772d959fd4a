//! Laws that hold however the bytes come: small batches stand for large inputs.

use super::stream::Sizes;
use super::{Batch, Content, Feed, Progress, Source, StandIn, in_order};
use crate::aws::{AccountId, Region};
use proptest::prelude::*;
use std::io::{Cursor, Read};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

/// A reader that gives so many bytes at a time at most.
struct Drip<R>(R, usize);

impl<R: Read> Read for Drip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(self.1);
        self.0.read(&mut buffer[..most])
    }
}

fn stand_in() -> StandIn {
    StandIn { account: AccountId::parse("123456789012").unwrap(), region: Region::us_east_1() }
}

fn said(batch: &Batch, stand_in: &StandIn) -> Vec<String> {
    let documents = batch.documents(stand_in);
    documents
        .map(|document| match document.content {
            Content::Event(event) => {
                let json = String::from_utf8_lossy(&event.json).into_owned();
                format!("{} {:?} {json}", document.place, event.origin)
            }
            Content::NoEvent(why) => format!("{} none {why}", document.place),
            Content::Bad(bad) => format!("{} bad {bad}", document.place),
        })
        .collect()
}

const LARGE: Sizes = Sizes { batch: 1 << 20, largest: 1 << 24 };

fn read(bytes: &[u8], sizes: Sizes, drip: usize, threads: usize) -> Vec<String> {
    let source = Source::new("in", Ok(Drip(Cursor::new(bytes.to_vec()), drip)));
    let feed = Feed::with_sizes([source].into_iter(), Progress::default(), sizes);
    let stand_in = stand_in();
    let mut all = Vec::new();
    let work = || |batch: Batch| said(&batch, &stand_in);
    let threads = NonZeroUsize::new(threads).unwrap();
    let end = in_order(feed, threads, work, |lines| {
        all.extend(lines);
        ControlFlow::<()>::Continue(())
    });
    assert!(end.is_continue());
    all
}

const EVENT: &str = r#"{"version":"0","detail-type":"A","source":"b","detail":{"c":[1,"\"}"]}}"#;

/// One line of a file of lines.
fn line() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => Just(EVENT.as_bytes().to_vec()),
        1 => Just(b"".to_vec()),
        1 => Just(b" \t\r".to_vec()),
        1 => (0..EVENT.len()).prop_map(|end| EVENT.as_bytes()[..end].to_vec()),
        1 => prop::sample::select(vec![
            "{}", "[]", "7", "\"", "{", "}", "[{", "nonsense", r#"{"a":1}"#, "\u{feff}{}", "{\"Records\":[]}",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>().prop_filter("no line's end", |b| *b != b'\n'), 0..60),
    ]
}

/// A text of documents, some of several lines.
fn text() -> impl Strategy<Value = String> {
    let compliance = |n: u8, state: &str| {
        format!(
            r#"{{"configurationItemCaptureTime":"2026-10-{n:02}T00:00:00Z","resourceType":"AWS::Config::ResourceCompliance","resourceId":"T/i","configuration":{{"configRuleList":[{{"configRuleName":"r","complianceType":"{state}"}}]}}}}"#
        )
    };
    let item = (1..4_u8, prop::sample::select(vec!["COMPLIANT", "NON_COMPLIANT"]))
        .prop_map(move |(n, state)| compliance(n, state));
    let record = Just(
        r#"{"eventVersion":"1.10","eventSource":"ec2.amazonaws.com","eventName":"StopInstances","eventTime":"2026-10-02T03:04:05Z"}"#
            .to_owned(),
    );
    let pretty = Just(EVENT.replace(',', ",\n  ").replace('{', "{\n"));
    let one = prop_oneof![
        3 => Just(EVENT.to_owned()),
        2 => pretty,
        1 => record.clone(),
        1 => prop::sample::select(vec!["7", "\"a\\\\\"", "null", "[[1],{}]"]).prop_map(str::to_owned),
    ];
    let list = |one: BoxedStrategy<String>, before: &'static str, after: &'static str| {
        (prop::collection::vec(one, 0..6), prop::sample::select(vec![",", ",\n", " ,\n  "]))
            .prop_map(move |(all, between)| format!("{before}{}{after}", all.join(between)))
    };
    let document = prop_oneof![
        3 => one.clone(),
        1 => list(one.boxed(), "[", "]"),
        1 => list(record.boxed(), "{\"x\":{},\"Records\":[\n", "],\"y\":[1]}"),
        2 => list(item.boxed(), "{\"configurationItems\":[", "]}"),
    ];
    let between = prop::sample::select(vec!["", "\n", " \n\t", "\r\n", "\n\n"]);
    prop::collection::vec((document, between), 1..8).prop_map(|all| {
        all.into_iter().flat_map(|(text, between)| [text, between.to_owned()]).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn each_line_that_is_not_blank_gives_one_document(
        mut lines in prop::collection::vec(line(), 0..30),
        batch in 1..200_usize,
        drip in 1..90_usize,
        threads in 1..4_usize,
        ends in any::<bool>(),
    ) {
        lines.insert(0, EVENT.as_bytes().to_vec());
        let mut bytes = lines.join(&b'\n');
        if ends {
            bytes.push(b'\n');
        }
        let sizes = Sizes { batch: batch.max(EVENT.len() + 1), largest: 1 << 20 };
        let all = read(&bytes, sizes, drip, threads);
        let places = all
            .iter()
            .map(|said| said.split(' ').next().unwrap().to_owned())
            .collect::<Vec<_>>();
        let expected = lines.iter().enumerate().filter(|(_, line)| {
            let line = line.trim_ascii();
            !line.is_empty() && line != b"\xEF\xBB\xBF"
        });
        let expected = expected.map(|(index, _)| format!("in:{}", index + 1)).collect::<Vec<_>>();
        prop_assert_eq!(places, expected);
        prop_assert_eq!(all, read(&bytes, LARGE, usize::MAX, 1));
    }

    #[test]
    fn documents_do_not_depend_on_how_the_bytes_come(
        text in text(),
        edit in prop::option::of((any::<prop::sample::Index>(), prop::sample::select(vec![
            "", "{", "}", "[", "]", "\"", "\n", ",", ":", "\\", "x", "\n{", "\u{0}",
        ]))),
        batch in 1..80_usize,
        drip in 1..40_usize,
        threads in 1..4_usize,
    ) {
        let mut bytes = text.into_bytes();
        if let Some((at, piece)) = edit {
            let at = at.index(bytes.len() + 1);
            let end = (at + 1).min(bytes.len());
            bytes.splice(at..end, piece.bytes());
        }
        // So that the layout is told from the same bytes.
        bytes.splice(0..0, b"[\n{}]\n".iter().copied());
        let sizes = Sizes { batch: batch.max(6), largest: 1 << 20 };
        prop_assert_eq!(
            read(&bytes, sizes, drip, threads),
            read(&bytes, LARGE, usize::MAX, 1)
        );
    }

    #[test]
    fn no_bytes_make_it_fail(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        head in prop::sample::select(vec![
            &b""[..], b"{", b"[", b"[{", b"{\"Records\":[", b"\x1F\x8B\x08", b"\x28\xB5\x2F\xFD", b"{\"a\":\n",
        ]),
        batch in 1..80_usize,
        largest in 1..200_usize,
    ) {
        let bytes = [head, &bytes].concat();
        let sizes = Sizes { batch, largest: largest.max(batch) };
        let all = read(&bytes, sizes, 7, 2);
        prop_assert_eq!(all.is_empty(), false);
    }

    #[test]
    fn what_is_too_large_does_not_hide_the_rest(
        sizes in prop::collection::vec(0..400_usize, 1..12),
        batch in 1..60_usize,
        largest in 60..200_usize,
        drip in 1..90_usize,
        of_lines in any::<bool>(),
    ) {
        let documents = sizes.iter().map(|size| format!("{{\"k\":\"{}\"}}", "é".repeat(*size)));
        let documents = documents.collect::<Vec<_>>();
        let text = if of_lines { format!("{{}}\n{}", documents.join("\n")) } else { format!("[\n{{}},\n{}]", documents.join(",\n")) };
        let all = read(text.as_bytes(), Sizes { batch, largest }, drip, 1);
        let expected = documents.iter().enumerate().map(|(index, document)| {
            let place = if of_lines {
                format!("in:{}", index + 2)
            } else {
                format!("in:{} (element {})", index + 3, index + 2)
            };
            if document.len() > largest {
                format!("{place} bad has {} bytes", document.len())
            } else {
                format!("{place} bad is no event")
            }
        });
        for (said, expected) in all.iter().skip(1).zip(expected) {
            prop_assert!(said.starts_with(&expected), "{} {}", said, expected);
        }
        prop_assert_eq!(all.len(), documents.len() + 1);
    }
}

#[test]
fn reading_goes_on_behind_what_is_broken() {
    let event = format!("Event {EVENT}");
    let bad = "bad is not JSON: brackets, commas and colons do not fit in line";
    let on = "; reading goes on where the next document begins";
    for indent in ["  ", "    ", "\t", &" ".repeat(4096)] {
        let text = format!(
            "[\n{indent}{EVENT},\n\n{indent}{{\"cut\": [,\n{indent}  {{}},\n{indent}{EVENT}\n]\n{EVENT}"
        );
        let expected = [
            format!("in:2 (element 1) {event}"),
            format!("in:4 (element 2) {bad} 4{on}"),
            format!("in:6 (element 3) {event}"),
            format!("in:8 {event}"),
        ];
        assert_eq!(read(text.as_bytes(), LARGE, usize::MAX, 1), expected, "{}", indent.len());
        assert_eq!(read(text.as_bytes(), Sizes { batch: 9, largest: 9000 }, 5, 1), expected);
    }
    // The array is left where a document begins without indentation.
    let text = format!("[\n  {{]\n{EVENT}");
    assert_eq!(
        read(text.as_bytes(), LARGE, 1, 1),
        [format!("in:2 (element 1) {bad} 2{on}"), format!("in:3 {event}")]
    );
}
