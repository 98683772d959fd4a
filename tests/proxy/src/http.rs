//! As much of HTTP/1.1 as it takes to pass whole messages on.

use std::io::{self, BufRead, Read, Write};

/// No AWS call that this project makes is nearly as large.
const MOST_BYTES: u64 = 16 << 20;

/// A request or an answer, byte for byte.
#[derive(Debug)]
pub(crate) struct Message {
    /// The first line and the headers, up to and with the empty line.
    head: Vec<u8>,
    /// What follows; chunks with their sizes, where it comes in chunks.
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// Reads the next message; `None` when the other side is done.
    pub(crate) fn read(from: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut message = Self { head: Vec::new(), body: Vec::new() };
        loop {
            let line = read_line(from, &mut message.head)?;
            if line == 0 && message.head.is_empty() {
                return Ok(None);
            }
            if line == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if message.head.ends_with(b"\r\n\r\n") {
                break;
            }
        }
        if message.header("transfer-encoding").is_some_and(|value| value.contains("chunked")) {
            read_chunks(from, &mut message.body)?;
        } else if let Some(length) = message.header("content-length") {
            let length = length.parse().map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
            read_exactly(from, length, &mut message.body)?;
        }
        Ok(Some(message))
    }

    /// An answer that says that all went well.
    pub(crate) fn of_json(json: &str) -> Self {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\n\r\n",
            json.len()
        );
        Self { head: head.into_bytes(), body: json.as_bytes().to_vec() }
    }

    /// Passes the message on.
    pub(crate) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        // One write: two small packets would wait for each other.
        to.write_all(&[self.head.as_slice(), self.body.as_slice()].concat())
    }

    /// The target of a request: the second word of its first line.
    pub(crate) fn target(&self) -> &str {
        let line = self.head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        std::str::from_utf8(line).unwrap_or_default().split(' ').nth(1).unwrap_or_default()
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.split(|byte| *byte == b'\n').skip(1);
        lines
            .filter_map(|line| std::str::from_utf8(line).ok()?.split_once(':'))
            .find_map(|(found, value)| found.eq_ignore_ascii_case(name).then(|| value.trim()))
    }
}

fn read_line(from: &mut impl BufRead, into: &mut Vec<u8>) -> io::Result<usize> {
    from.take(MOST_BYTES).read_until(b'\n', into)
}

fn read_exactly(from: &mut impl BufRead, length: u64, into: &mut Vec<u8>) -> io::Result<()> {
    if length > MOST_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let read = from.take(length).read_to_end(into)?;
    if u64::try_from(read).is_ok_and(|read| read == length) {
        Ok(())
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

fn read_chunks(from: &mut impl BufRead, into: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let start = into.len();
        read_line(from, into)?;
        let size = std::str::from_utf8(&into[start..]).unwrap_or_default();
        let size = size.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16)
            .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        if size == 0 {
            break;
        }
        read_exactly(from, size + 2, into)?;
    }
    // Trailers, up to an empty line.
    loop {
        let start = into.len();
        read_line(from, into)?;
        if into[start..].trim_ascii().is_empty() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_pass_byte_for_byte() {
        let sized = "POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
        let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
                       3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: 1\r\n\r\n";
        let bare = "HTTP/1.1 204 No Content\r\n\r\n";
        let mut from = [sized, chunked, bare].concat();
        from.push_str(sized);
        let mut from = from.as_bytes();
        for text in [sized, chunked, bare, sized] {
            let message = Message::read(&mut from).unwrap().unwrap();
            let mut out = Vec::new();
            message.write(&mut out).unwrap();
            assert_eq!(out, text.as_bytes());
        }
        assert!(Message::read(&mut from).unwrap().is_none());
    }

    #[test]
    fn a_cut_message_is_an_error() {
        for text in ["POST", "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab"] {
            assert!(Message::read(&mut text.as_bytes()).is_err(), "{text:?}");
        }
    }
}
