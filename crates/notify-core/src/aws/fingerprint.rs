//! Short names out of long ones.

/// A number that stands for a text: FNV-1a over `salt` and the bytes. The same everywhere and for
/// ever, so that a name made of it is found again; no secret, and no proof of anything.
pub(crate) fn fingerprint(salt: u64, text: &str) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let bytes = salt.to_be_bytes().into_iter().chain(text.bytes());
    bytes.fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    /// Names in accounts were made with it: it never changes.
    #[test]
    fn it_is_the_same_for_ever() {
        assert_eq!(fingerprint(0, ""), 0xa8c7_f832_281a_39c5);
        assert_eq!(fingerprint(0, "a"), 0xe604_613a_248f_f1ac);
        assert_ne!(fingerprint(1, "a"), fingerprint(0, "a"));
    }
}
