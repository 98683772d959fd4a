//! When an event happened, found without reading all of it.

use jiff::Timestamp;
use memchr::memchr2;

/// The time of an event: its first `time` at the top. `None` if there is none that can be read.
///
/// `EventBridge` writes the envelope before the detail, so little is read of such events. No
/// memory is taken, and what is behind the time is not looked at.
pub(super) fn time_of(event: &[u8]) -> Option<Timestamp> {
    let mut cursor = Cursor { text: event, at: 0 };
    cursor.take(b'{')?;
    loop {
        let key = cursor.string()?;
        cursor.take(b':')?;
        if is_time(key) {
            let value = cursor.string()?;
            return usable(std::str::from_utf8(value).ok()?.parse().ok()?);
        }
        cursor.skip()?;
        cursor.take(b',')?;
    }
}

fn usable(at: Timestamp) -> Option<Timestamp> {
    second(at).map(|_| at)
}

/// The seconds since 1970, where they fit into 32 bits: until 2106. Any other time is none of AWS.
pub(super) fn second(at: Timestamp) -> Option<u32> {
    u32::try_from(at.as_second()).ok()
}

fn is_time(key: &[u8]) -> bool {
    if !key.contains(&b'\\') {
        return key == b"time";
    }
    let quoted = [b"\"", key, b"\""].concat();
    serde_json::from_slice::<String>(&quoted).is_ok_and(|key| key == "time")
}

struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Cursor<'t> {
    /// The next byte that is no blank; it is not taken.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.get(self.at).copied()? {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    /// The text between the quotes of a string, with its escapes.
    fn string(&mut self) -> Option<&'t [u8]> {
        self.take(b'"')?;
        let start = self.at;
        loop {
            self.at += memchr2(b'"', b'\\', self.text.get(self.at..)?)?;
            if self.text.get(self.at) == Some(&b'"') {
                let inner = self.text.get(start..self.at);
                self.at += 1;
                return inner;
            }
            self.at += 2;
        }
    }

    /// Goes past a value.
    fn skip(&mut self) -> Option<()> {
        let mut open = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => {
                    open += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    open = open.checked_sub(1)?;
                    self.at += 1;
                }
                b',' | b':' if open > 0 => self.at += 1,
                b',' | b':' => return None,
                _ => {
                    let rest = self.text.get(self.at..)?;
                    let is_end = |byte: &u8| b",:{}[]\" \t\r\n".contains(byte);
                    self.at += rest.iter().position(is_end).unwrap_or(rest.len());
                }
            }
            if open == 0 {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_found_wherever_it_stands() {
        let check = |event: &str, want: Option<&str>| {
            let found = time_of(event.as_bytes()).map(|time| time.to_string());
            assert_eq!(found.as_deref(), want, "{event}");
        };
        let at = Some("2026-01-02T03:04:05Z");
        check(r#"{"time":"2026-01-02T03:04:05Z","detail":{"#, at);
        check(r#" { "id" : "a\"b\\" , "time" : "2026-01-02T03:04:05Z" }"#, at);
        check(
            r#"{"detail":{"time":"x","a":[1,{"b":"}]"}],"c":-1.5e3},"time":"2026-01-02T03:04:05Z"}"#,
            at,
        );
        check(r#"{"a":null,"b":[],"c":{},"d":true,"time":"2026-01-02T03:04:05Z"}"#, at);
        check(r#"{"\u0074ime":"2026-01-02T03:04:05Z"}"#, at);
        check(r#"{"time":"2026-01-02T12:04:05+09:00"}"#, at);
        check(r#"{"time":"2026-01-02T03:04:05Z","time":"2027-01-02T03:04:05Z"}"#, at);
        check(r#"{"time":"yesterday"}"#, None);
        check(r#"{"time":1789364280}"#, None);
        check(r#"{"times":"2026-01-02T03:04:05Z"}"#, None);
        check(r#"{"detail":{"time":"2026-01-02T03:04:05Z"}}"#, None);
        check(r#"["time"]"#, None);
        for broken in
            ["", "{", "{\"", "{\"a", "{\"a\\", "{\"a\":", "{\"a\":]", "{\"a\":,", "{\"a\" 1"]
        {
            check(broken, None);
        }
    }

    #[test]
    fn depth_takes_no_stack() {
        let event = format!(
            "{{\"a\":{}{},\"time\":\"2026-01-02T03:04:05Z\"}}",
            "[".repeat(200_000),
            "]".repeat(200_000)
        );
        assert!(time_of(event.as_bytes()).is_some());
    }
}
