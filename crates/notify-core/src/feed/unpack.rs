//! Streams that are packed.

use super::document::Bad;
use super::progress::{Counted, OfSource};
use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, BufReader, Chain, Cursor, ErrorKind, Read};

/// The largest window of a zstd frame, as a power of two: 32 MiB. All levels but `--ultra -21`,
/// `--ultra -22` and `--long` stay below; what they pack would take 64 MiB to 2 GiB to unpack.
const MOST_ZSTD_WINDOW: u32 = 25;

const BUFFER: usize = 128 * 1024;

/// The first bytes of other ways to pack, whose files are easily taken for one that is read.
const OTHERS: [(&[u8], &str); 6] = [
    (b"BZh", "bzip2"),
    (b"\xFD7zXZ\0", "xz"),
    (b"PK\x03\x04", "zip"),
    (b"\x04\x22\x4D\x18", "lz4"),
    (b"PAR1", "parquet"),
    (b"7z\xBC\xAF\x27\x1C", "7z"),
];

/// How many bytes tell how a stream is packed.
const MAGIC: u64 = 6;

type Raw = Chain<Cursor<Vec<u8>>, Counted<Box<dyn Read + Send>>>;

/// A stream, unpacked.
pub(super) enum Unpacked {
    Plain(Raw),
    /// Nothing behind its last member.
    Gzip(Option<Box<GzDecoder<BufReader<Raw>>>>),
    Zstd(Box<zstd::Decoder<'static, BufReader<Raw>>>),
}

impl Unpacked {
    /// Looks at the first bytes.
    pub(super) fn new(mut reader: Counted<Box<dyn Read + Send>>) -> Result<Self, Bad> {
        let mut head = Vec::new();
        (&mut reader)
            .take(MAGIC)
            .read_to_end(&mut head)
            .map_err(|error| Bad::Read(text(&error)))?;
        if let Some((_, name)) = OTHERS.iter().find(|(magic, _)| head.starts_with(magic)) {
            return Err(Bad::PackedOtherwise(name));
        }
        let gzip = head.starts_with(b"\x1F\x8B");
        let zstd = is_zstd(&head);
        let raw = Cursor::new(head).chain(reader);
        if gzip {
            let buffered = BufReader::with_capacity(BUFFER, raw);
            return Ok(Self::Gzip(Some(Box::new(GzDecoder::new(buffered)))));
        }
        if zstd {
            let mut decoder = zstd::Decoder::with_buffer(BufReader::with_capacity(BUFFER, raw))
                .map_err(|error| Bad::Zstd(error.to_string()))?;
            decoder
                .window_log_max(MOST_ZSTD_WINDOW)
                .map_err(|error| Bad::Zstd(error.to_string()))?;
            return Ok(Self::Zstd(Box::new(decoder)));
        }
        Ok(Self::Plain(raw))
    }

    /// Reads some bytes; 0 at the end.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Bad> {
        match self {
            Self::Plain(raw) => raw.read(buffer).map_err(|error| Bad::Read(text(&error))),
            Self::Gzip(member) => read_gzip(member, buffer),
            Self::Zstd(decoder) => decoder.read(buffer).map_err(|error| zstd_error(&error)),
        }
    }
}

/// Reads a stream of members: the end of one is the beginning of the next.
fn read_gzip(
    member: &mut Option<Box<GzDecoder<BufReader<Raw>>>>,
    buffer: &mut [u8],
) -> Result<usize, Bad> {
    loop {
        let Some(decoder) = member.as_mut() else { return Ok(0) };
        let read = decoder.read(buffer).map_err(|error| gzip_error(&error))?;
        if read > 0 {
            return Ok(read);
        }
        let next = decoder.get_mut().fill_buf().map_err(|error| gzip_error(&error))?;
        match next {
            [] => return Ok(0),
            [0x1F, ..] => {}
            _ => return Err(Bad::Trail("gzip")),
        }
        *member = member.take().map(|ended| Box::new(GzDecoder::new(ended.into_inner())));
    }
}

/// A frame, or a frame to be skipped, of which sixteen magic numbers exist (RFC 8878).
fn is_zstd(head: &[u8]) -> bool {
    matches!(head, [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..])
}

fn text(error: &io::Error) -> String {
    error.to_string()
}

fn is_of_source(error: &io::Error) -> bool {
    error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<OfSource>)
}

fn gzip_error(error: &io::Error) -> Bad {
    if is_of_source(error) {
        return Bad::Read(text(error));
    }
    match (error.kind(), text(error)) {
        (ErrorKind::UnexpectedEof, _) => Bad::EndsEarly("gzip"),
        // The first header was looked at: this is what stands behind the last member.
        (_, text) if text.contains("header") => Bad::Trail("gzip"),
        (_, text) => Bad::Gzip(text),
    }
}

fn zstd_error(error: &io::Error) -> Bad {
    if is_of_source(error) {
        return Bad::Read(text(error));
    }
    match (error.kind(), text(error)) {
        (ErrorKind::UnexpectedEof, _) => Bad::EndsEarly("zstd"),
        // The first frame was looked at, too.
        (_, text) if text.contains("Unknown frame descriptor") => Bad::Trail("zstd"),
        (_, text) if text.contains("too much memory") => Bad::ZstdWindow,
        (_, text) => Bad::Zstd(text),
    }
}

impl std::fmt::Debug for Unpacked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain",
            Self::Gzip(_) => "Gzip",
            Self::Zstd(_) => "Zstd",
        })
    }
}
