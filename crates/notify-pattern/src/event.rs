//! Reads an event: the values at used paths, and where in its arrays each of them stands.

use super::error::EventError;
use super::matcher::Value;
use super::paths::{Paths, Step};
use super::scan::{Broken, MOST_LEVELS, Scanner, too_deep};

/// The place that lies in no array.
pub(super) const OUTSIDE: usize = 0;

/// Which arrays lie where.
///
/// A value inside an object or an array that is an element of an array stands at that element. A
/// value that is itself an element does not: it stands where the array stands.
#[derive(Debug)]
pub(super) struct Places {
    /// For each place the array that it is an element of; the first place is none.
    arrays: Vec<usize>,
    /// For each array the place at which it stands.
    parents: Vec<usize>,
}

impl Places {
    /// No arrays.
    pub(super) fn none() -> Self {
        Self { arrays: vec![0], parents: Vec::new() }
    }

    /// Forgets all arrays.
    pub(super) fn clear(&mut self) {
        self.arrays.truncate(1);
        self.parents.clear();
    }

    /// The array that a place is an element of, and the place of that array.
    pub(super) fn up(&self, place: usize) -> Option<(usize, usize)> {
        if place == OUTSIDE {
            return None;
        }
        let array = *self.arrays.get(place)?;
        Some((array, *self.parents.get(array)?))
    }

    pub(super) fn array(&mut self, place: usize) -> usize {
        self.parents.push(place);
        self.parents.len() - 1
    }

    pub(super) fn element(&mut self, array: usize) -> usize {
        self.arrays.push(array);
        self.arrays.len() - 1
    }
}

/// The values of an event by path.
#[derive(Debug)]
pub(super) struct Leaves<'e> {
    by_path: Vec<Vec<(Value<'e>, usize)>>,
    pub(super) places: Places,
}

impl<'e> Leaves<'e> {
    /// Each value at a path, and its place.
    pub(super) fn at(&self, path: usize) -> &[(Value<'e>, usize)] {
        self.by_path.get(path).map(Vec::as_slice).unwrap_or_default()
    }

    /// Reads the first object of the text; what follows it is ignored.
    pub(super) fn read(event: &'e [u8], paths: &Paths) -> Result<Self, EventError> {
        let mut reader = Reader {
            scanner: Scanner::new(event),
            paths,
            leaves: Self { by_path: vec![Vec::new(); paths.count()], places: Places::none() },
            open: Vec::new(),
        };
        match reader.event() {
            Ok(()) => Ok(reader.leaves),
            Err(broken) => Err(EventError::broken(broken, event)),
        }
    }
}

struct Reader<'e, 'p> {
    scanner: Scanner<'e>,
    paths: &'p Paths,
    leaves: Leaves<'e>,
    open: Vec<Open>,
}

/// An object or array that is not closed yet.
struct Open {
    is_empty: bool,
    /// Where it is in the tree of used paths.
    step: Option<Step>,
    /// Its place in the arrays around it.
    place: usize,
    /// The number of an array; arrays that no path runs through have none.
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object,
    Array(Option<usize>),
}

impl Reader<'_, '_> {
    fn event(&mut self) -> Result<(), Broken> {
        match self.scanner.word() {
            Some(b'{') => self.push(Kind::Object, Some(Paths::start()), OUTSIDE)?,
            Some(b'[') => {
                return Err(Broken {
                    at: self.scanner.at,
                    problem: "Event must be a JSON object, not an array".to_owned(),
                });
            }
            Some(byte) => {
                // Says what is no JSON before it says what is no object.
                match byte {
                    b'"' => self
                        .scanner
                        .string(": was expecting closing quote for a string value")
                        .map(|_| ())?,
                    b'-' | b'0'..=b'9' => self.scanner.number().map(|_| ())?,
                    _ => self.scanner.literal().map(|_| ())?,
                }
                return Err(Broken {
                    at: self.scanner.at,
                    problem: "Event must be a JSON object".to_owned(),
                });
            }
            None => return self.scanner.ended(": the event is empty"),
        }
        while let Some(open) = self.open.last_mut() {
            let is_first = std::mem::take(&mut open.is_empty);
            let (kind, step, place) = (open.kind, open.step, open.place);
            let what = if kind == Kind::Object { "Object" } else { "Array" };
            let Some(mut byte) = self.scanner.word() else {
                return self.scanner.ended(&format!(": expected close marker for {what}"));
            };
            if byte == (if kind == Kind::Object { b'}' } else { b']' }) {
                self.open.pop();
                continue;
            }
            if !is_first {
                if byte != b',' {
                    let wanted = format!("was expecting comma to separate {what} entries");
                    return self.scanner.unexpected(&wanted);
                }
                byte = self.within(what)?;
            }
            match kind {
                Kind::Object => {
                    if byte != b'"' {
                        return self
                            .scanner
                            .unexpected("was expecting double-quote to start field name");
                    }
                    let key = self.scanner.string(" in field name")?;
                    let step = step.and_then(|step| self.paths.step(step, &key));
                    if self.within(what)? != b':' {
                        return self
                            .scanner
                            .unexpected("was expecting a colon to separate field name and value");
                    }
                    let byte = self.within(what)?;
                    self.value(byte, step, place, None)?;
                }
                Kind::Array(array) => self.value(byte, step, place, array)?,
            }
        }
        Ok(())
    }

    fn within(&mut self, what: &str) -> Result<u8, Broken> {
        match self.scanner.word() {
            Some(byte) => Ok(byte),
            None => self.scanner.ended(&format!(" within/between {what} entries")),
        }
    }

    /// A value whose first byte was taken: a key's, or an element of an array.
    fn value(
        &mut self,
        first: u8,
        step: Option<Step>,
        place: usize,
        element_of: Option<usize>,
    ) -> Result<(), Broken> {
        let value = match first {
            b'{' | b'[' => {
                let place = match element_of {
                    Some(array) => self.leaves.places.element(array),
                    None => place,
                };
                let is_used_array = first == b'[' && step.is_some();
                let array = is_used_array.then(|| self.leaves.places.array(place));
                let kind = if first == b'{' { Kind::Object } else { Kind::Array(array) };
                return self.push(kind, step, place);
            }
            b'"' => Value::Text(
                self.scanner.string(": was expecting closing quote for a string value")?,
            ),
            b'-' | b'0'..=b'9' => Value::Number(self.scanner.number()?),
            _ => Value::Literal(self.scanner.literal()?),
        };
        let path = step.and_then(|step| self.paths.path(step));
        if let Some(leaves) = path.and_then(|path| self.leaves.by_path.get_mut(path)) {
            leaves.push((value, place));
        }
        Ok(())
    }

    fn push(&mut self, kind: Kind, step: Option<Step>, place: usize) -> Result<(), Broken> {
        if self.open.len() >= MOST_LEVELS {
            return Err(Broken { at: self.scanner.at, problem: too_deep() });
        }
        self.open.push(Open { is_empty: true, step, place, kind });
        Ok(())
    }
}
