//! Inside of one document: where it ends, and whether it is an object around an array.

use memchr::memchr3;

/// How deep the kinds of brackets are remembered; below, their number alone is. No event that is
/// nested deeper is read by the pattern engine.
const DEEPEST: usize = 1000;

/// The keys under which services give lists.
const LISTS: [(&[u8], List); 5] = [
    (b"Records", List::Other),
    (b"Events", List::Other),
    (b"EvaluationResults", List::Other),
    (b"AggregateEvaluationResults", List::Other),
    (b"configurationItems", List::Items { of_snapshot: false }),
];

/// A key beside `configurationItems` that says that they are a snapshot.
const OF_SNAPSHOT: &[u8] = b"configSnapshotId";

/// What is in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum List {
    #[default]
    Other,
    /// Configuration items, which are understood side by side.
    Items { of_snapshot: bool },
}

/// Keys that only an event has: what else it holds is its own.
const OF_EVENTS: [&[u8]; 2] = [b"detail-type", b"detail"];

impl List {
    fn in_file(self, of_snapshot: bool) -> Self {
        match self {
            Self::Items { .. } => Self::Items { of_snapshot },
            Self::Other => Self::Other,
        }
    }
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The buffer ends.
    More,
    /// The document ends.
    Done { end: usize },
    /// It is an object around a list, which begins.
    List(List),
    /// It does not fit together.
    Broken { what: &'static str },
}

/// A document that has begun.
#[derive(Debug)]
pub(super) struct Inside {
    /// Where it begins in the buffer; 0 where its first bytes are gone.
    pub(super) start: usize,
    /// How many of its first bytes are gone.
    pub(super) dropped: u64,
    /// It is the rest of an object after its list, and no document.
    pub(super) rest: bool,
    open: Vec<u8>,
    /// Open brackets beyond [`DEEPEST`].
    deeper: u64,
    last: Last,
    /// Where the key begins that is read now, if it may name a list.
    key: Option<usize>,
    list: Option<List>,
    of_snapshot: bool,
    may_hold_list: bool,
}

/// The last thing that was no white space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Start,
    Open,
    Comma,
    Colon,
    /// Not at its end.
    String,
    Value,
    Scalar,
}

impl Inside {
    pub(super) fn new(start: usize, may_hold_list: bool) -> Self {
        Self {
            start,
            dropped: 0,
            rest: false,
            open: Vec::new(),
            deeper: 0,
            last: Last::Start,
            key: None,
            list: None,
            of_snapshot: false,
            may_hold_list,
        }
    }

    /// What follows a list in its object.
    pub(super) fn rest(start: usize) -> Self {
        Self { rest: true, open: vec![b'{'], last: Last::Value, ..Self::new(start, true) }
    }

    /// Whether it is a number or the like, which ends where something else begins.
    pub(super) fn is_scalar(&self) -> bool {
        self.open.is_empty() && self.last == Last::Scalar
    }

    pub(super) fn shift(&mut self, by: usize) {
        let gone = by.saturating_sub(self.start);
        self.dropped = self.dropped.saturating_add(u64::try_from(gone).unwrap_or(u64::MAX));
        self.start = self.start.saturating_sub(by);
        self.key = self.key.and_then(|key| key.checked_sub(by));
    }

    /// Goes on from `pos`, which ends behind what was understood.
    pub(super) fn run(&mut self, buffer: &[u8], pos: &mut usize) -> Step {
        loop {
            if self.last == Last::String {
                match self.string(buffer, pos) {
                    Ok(()) if self.open.is_empty() => return Step::Done { end: *pos },
                    Ok(()) => {}
                    Err(step) => return step,
                }
            }
            let Some(&byte) = buffer.get(*pos) else { return Step::More };
            let fits = match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' | b']' | b'}' if self.is_scalar() => {
                    return Step::Done { end: *pos };
                }
                b' ' | b'\t' | b'\r' | b'\n' => Ok(()),
                b'"' => self.begin_string(*pos),
                b'{' | b'[' => {
                    if let (b'[', Last::Colon, Some(list)) = (byte, self.last, self.list) {
                        *pos += 1;
                        return Step::List(list.in_file(self.of_snapshot));
                    }
                    self.begin(byte)
                }
                b'}' | b']' => {
                    let fits = self.end(byte);
                    if fits.is_ok() && self.open.is_empty() {
                        *pos += 1;
                        return Step::Done { end: *pos };
                    }
                    fits
                }
                b',' => self.follow(Last::Comma, matches!(self.last, Last::Value | Last::Scalar)),
                b':' => {
                    let in_object = self.is_in(b'{');
                    self.follow(Last::Colon, in_object && self.last == Last::Value)
                }
                _ => self.follow(Last::Scalar, self.last != Last::Value),
            };
            if let Err(what) = fits {
                return Step::Broken { what };
            }
            *pos += 1;
        }
    }

    /// The rest of a string; the quote that ends it is taken.
    fn string(&mut self, buffer: &[u8], pos: &mut usize) -> Result<(), Step> {
        loop {
            let left = buffer.get(*pos..).unwrap_or_default();
            let Some(found) = memchr3(b'"', b'\\', b'\n', left) else {
                *pos = buffer.len();
                return Err(Step::More);
            };
            match (left.get(found), left.get(found + 1)) {
                (Some(b'"'), _) => {
                    *pos += found + 1;
                    break;
                }
                (Some(b'\\'), None) => {
                    *pos += found;
                    return Err(Step::More);
                }
                (Some(b'\\'), Some(b'\n')) | (Some(b'\n'), _) => {
                    *pos += found;
                    return Err(Step::Broken { what: "a string does not end" });
                }
                _ => *pos += found + 2,
            }
        }
        self.last = Last::Value;
        self.list = None;
        if let Some(key) = self.key.take().and_then(|key| buffer.get(key + 1..*pos - 1)) {
            if OF_EVENTS.contains(&key) {
                self.may_hold_list = false;
            }
            self.of_snapshot |= key == OF_SNAPSHOT;
            self.list = LISTS.iter().find(|(name, _)| *name == key).map(|(_, list)| *list);
        }
        Ok(())
    }

    fn begin_string(&mut self, pos: usize) -> Result<(), &'static str> {
        let is_key = self.is_in(b'{') && matches!(self.last, Last::Open | Last::Comma);
        if matches!(self.last, Last::Value | Last::Scalar) {
            return Err("`,` or `:` is missing");
        }
        let at_first_level = self.open.len() == 1;
        self.key = (is_key && at_first_level && self.may_hold_list).then_some(pos);
        self.last = Last::String;
        Ok(())
    }

    fn begin(&mut self, bracket: u8) -> Result<(), &'static str> {
        let fits = match self.last {
            Last::Start | Last::Colon => true,
            Last::Open | Last::Comma => self.is_in(b'['),
            Last::String | Last::Value | Last::Scalar => false,
        };
        self.follow(Last::Open, fits)?;
        if self.open.len() < DEEPEST {
            self.open.push(bracket);
        } else {
            self.deeper += 1;
        }
        Ok(())
    }

    fn end(&mut self, bracket: u8) -> Result<(), &'static str> {
        let begun = if bracket == b'}' { b'{' } else { b'[' };
        let fits = self.is_in(begun) && !matches!(self.last, Last::Comma | Last::Colon);
        self.follow(Last::Value, fits)?;
        if self.deeper > 0 {
            self.deeper -= 1;
        } else {
            self.open.pop();
        }
        Ok(())
    }

    fn follow(&mut self, last: Last, fits: bool) -> Result<(), &'static str> {
        self.last = last;
        if fits { Ok(()) } else { Err("brackets, commas and colons do not fit") }
    }

    /// Whether the innermost open bracket may be this one.
    fn is_in(&self, bracket: u8) -> bool {
        self.deeper > 0 || self.open.last() == Some(&bracket)
    }
}
