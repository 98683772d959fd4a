//! Addresses of the Internet and ranges of them, as the engine reads them.

/// An address of either family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Address {
    V4(u32),
    V6(u128),
}

/// The addresses that share their first bits with another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cidr {
    address: Address,
    bits: u32,
}

impl Address {
    /// Reads an address: leading zeros are decimal, and a v6 address that stands for a v4 one
    /// (`::ffff:102:304`) is that one. A v6 address with dots in it is none, as for the engine.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        if text.contains(&b':') {
            v6(std::str::from_utf8(text).ok()?)
        } else {
            v4(text).map(Self::V4)
        }
    }
}

fn v4(text: &[u8]) -> Option<u32> {
    if text.len() > 15 {
        return None;
    }
    let (mut value, mut count) = (0, 0);
    // The part that is being read, once it has a digit.
    let mut part = None;
    for byte in text {
        match byte {
            // Fifteen digits fit.
            b'0'..=b'9' => part = Some(part.unwrap_or(0_u64) * 10 + u64::from(byte - b'0')),
            b'.' => {
                value = value << 8 | u32::from(u8::try_from(part.take()?).ok()?);
                count += 1;
            }
            _ => return None,
        }
    }
    let last = u8::try_from(part?).ok()?;
    (count == 3).then(|| value << 8 | u32::from(last))
}

fn v6(text: &str) -> Option<Address> {
    let value = match text.split_once("::") {
        Some((head, tail)) => {
            let (head, tail) = (groups(head)?, groups(tail)?);
            let missing = 8_usize.checked_sub(head.len() + tail.len()).filter(|left| *left > 0)?;
            let zeros = std::iter::repeat_n(0, missing);
            join(head.into_iter().chain(zeros).chain(tail))
        }
        None => join(Some(groups(text)?).filter(|groups| groups.len() == 8)?),
    };
    let mapped = value >> 32 == 0xffff;
    Some(match u32::try_from(value & 0xffff_ffff) {
        Ok(low) if mapped => Address::V4(low),
        _ => Address::V6(value),
    })
}

fn groups(text: &str) -> Option<Vec<u16>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let group = |part: &str| {
        let good = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        // More than four digits are fine when the first are zeros.
        good.then(|| part.trim_start_matches('0')).and_then(|digits| {
            if digits.is_empty() { Some(0) } else { u16::from_str_radix(digits, 16).ok() }
        })
    };
    // More than eight cannot be an address: the ninth is enough to see it.
    text.split(':').take(9).map(group).collect()
}

fn join(groups: impl IntoIterator<Item = u16>) -> u128 {
    groups.into_iter().fold(0, |value, group| value << 16 | u128::from(group))
}

impl Cidr {
    /// Reads a range; the error is the engine's text.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parts: Vec<&str> = text.split('/').collect();
        // The engine does not see empty parts at the end.
        while parts.len() > 1 && parts.last().is_some_and(|part| part.is_empty()) {
            parts.pop();
        }
        let &[address, bits] = parts.as_slice() else {
            return Err("Malformed CIDR, one '/' required".to_owned());
        };
        let Ok(bits) = bits.parse::<i32>() else {
            return Err("Malformed CIDR, mask bits must be an integer".to_owned());
        };
        let Ok(bits) = u32::try_from(bits) else {
            return Err("Malformed CIDR, mask bits must not be negative".to_owned());
        };
        let Some(parsed) = Address::parse(address.as_bytes()) else {
            let what = if is_formed(address) { "Invalid" } else { "Nonstandard" };
            return Err(format!("{what} IP address: {address}"));
        };
        match parsed {
            Address::V4(_) if bits > 31 => Err("IPv4 mask bits must be < 32".to_owned()),
            Address::V6(_) if bits > 127 => Err("IPv6 mask bits must be < 128".to_owned()),
            address => Ok(Self { address, bits }),
        }
    }

    /// Whether another range is as long, and of the same family.
    pub(super) fn is_as_long(&self, other: &Self) -> bool {
        let same_family = matches!(
            (self.address, other.address),
            (Address::V4(_), Address::V4(_)) | (Address::V6(_), Address::V6(_))
        );
        same_family && self.bits == other.bits
    }

    /// The first address of the range.
    pub(super) fn first(&self) -> Address {
        self.first_beside(self.address).unwrap_or(self.address)
    }

    /// The first address of the range of this length that an address of this family lies in.
    pub(super) fn first_beside(&self, other: Address) -> Option<Address> {
        match (self.address, other) {
            (Address::V4(_), Address::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - self.bits).unwrap_or(0);
                Some(Address::V4(other & mask))
            }
            (Address::V6(_), Address::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - self.bits).unwrap_or(0);
                Some(Address::V6(other & mask))
            }
            _ => None,
        }
    }

    /// Whether an address lies in the range; one of the other family never does.
    pub(super) fn contains(&self, other: Address) -> bool {
        match (self.address, other) {
            (Address::V4(one), Address::V4(other)) => {
                (one ^ other).checked_shr(32 - self.bits).unwrap_or(0) == 0
            }
            (Address::V6(one), Address::V6(other)) => {
                (one ^ other).checked_shr(128 - self.bits).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

/// Whether text has the form of an address, whatever its numbers.
fn is_formed(text: &str) -> bool {
    let mut parts = text.split('.');
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let v4 =
        parts.by_ref().take(4).filter(|part| digits(part)).count() == 4 && parts.next().is_none();
    let v6 = text.contains(':') && text.bytes().all(|b| b == b':' || b.is_ascii_hexdigit());
    v4 || v6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, wanted) in [
            ("1.2.3.4", Some(Address::V4(0x0102_0304))),
            ("010.002.003.004", Some(Address::V4(0x0a02_0304))),
            ("255.255.255.255", Some(Address::V4(u32::MAX))),
            ("256.1.1.1", None),
            ("0010.002.003.004", None), // more than 15 characters
            ("1.2.3", None),
            ("1.2.3.4.5", None),
            ("1.2.3.", None),
            ("1.2.3.+4", None),
            ("::", Some(Address::V6(0))),
            ("::1", Some(Address::V6(1))),
            ("0:0:0:0:0:0:0:1", Some(Address::V6(1))),
            ("0:0:0:0:0:0:0:00001", Some(Address::V6(1))),
            ("2001:DB8::", Some(Address::V6(0x2001_0db8 << 96))),
            ("1:2:3:4:5:6:7::", Some(Address::V6(0x0001_0002_0003_0004_0005_0006_0007_0000))),
            ("::ffff:102:304", Some(Address::V4(0x0102_0304))),
            ("::fffe:102:304", Some(Address::V6(0xfffe_0102_0304))),
            ("::ffff:1.2.3.4", None),
            ("1:2:3:4:5:6:7:8::", None),
            ("1:2:3:4:5:6:7:8:9", None),
            ("1:2:3:4:5:6:7", None),
            ("::1::", None),
            (":::", None),
            (":", None),
            ("1:", None),
            (":1:2:3:4:5:6:7", None),
            ("10000::", None),
            ("g::", None),
            ("+1::", None),
            ("fe80::1%1", None),
        ] {
            assert_eq!(Address::parse(text.as_bytes()), wanted, "{text}");
        }
    }

    #[test]
    fn ranges() {
        for (range, inside, outside) in [
            ("10.1.2.3/8", "10.255.0.1", "11.0.0.0"),
            ("10.0.0.0/31", "10.0.0.1", "10.0.0.2"),
            ("0.0.0.0/0", "255.1.2.3", "::1"),
            ("10.0.0.0/+1", "127.0.0.1", "128.0.0.0"),
            ("::/0", "ffff::1", "1.2.3.4"),
            ("2001:db8::/127", "2001:db8::1", "2001:db8::2"),
            ("2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"),
            ("::ffff:a00:1/8", "10.9.9.9", "::ffff:b00:1"),
        ] {
            let cidr = Cidr::parse(range).unwrap();
            let contains = |text: &str| cidr.contains(Address::parse(text.as_bytes()).unwrap());
            assert!(contains(inside), "{range} has {inside}");
            assert!(!contains(outside), "{range} has not {outside}");
        }
    }

    #[test]
    fn what_is_no_range() {
        for (text, problem) in [
            ("", "Malformed CIDR, one '/' required"),
            ("10.0.0.0", "Malformed CIDR, one '/' required"),
            ("10.0.0.0/", "Malformed CIDR, one '/' required"),
            ("10.0.0.0/8/8", "Malformed CIDR, one '/' required"),
            ("10.0.0.0/x", "Malformed CIDR, mask bits must be an integer"),
            ("10.0.0.0/99999999999", "Malformed CIDR, mask bits must be an integer"),
            ("10.0.0.0/-1", "Malformed CIDR, mask bits must not be negative"),
            ("10.0.0.0/32", "IPv4 mask bits must be < 32"),
            ("::/128", "IPv6 mask bits must be < 128"),
            ("/8", "Nonstandard IP address: "),
            ("host/8", "Nonstandard IP address: host"),
            ("::ffff:1.2.3.4/8", "Nonstandard IP address: ::ffff:1.2.3.4"),
            ("1.2.3.4.5/8", "Nonstandard IP address: 1.2.3.4.5"),
            ("1.2.3/8", "Nonstandard IP address: 1.2.3"),
            ("256.1.1.1/8", "Invalid IP address: 256.1.1.1"),
            (":::/8", "Invalid IP address: :::"),
        ] {
            assert_eq!(Cidr::parse(text), Err(problem.to_owned()), "{text}");
        }
    }
}
