//! The dimensions of a metric.

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Names and values of a metric's dimensions: a set to CloudWatch, which keeps their order and
/// shows it in mails. So it is kept here, and makes no difference.
#[derive(Debug, Clone, Default)]
pub struct Dimensions(Vec<(String, String)>);

impl Dimensions {
    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find_map(|(other, value)| (other == name).then_some(value))
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The same names with other values.
    #[must_use]
    pub fn map_values(&self, value: impl Fn(&str) -> String) -> Self {
        self.iter().map(|(name, old)| (name.to_owned(), value(old))).collect()
    }

    /// All but the one of a name.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        self.0.iter().filter(|(other, _)| other != name).cloned().collect()
    }

    fn sorted(&self) -> Vec<&(String, String)> {
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorted.sort_unstable();
        sorted
    }
}

impl PartialEq for Dimensions {
    fn eq(&self, other: &Self) -> bool {
        self.sorted() == other.sorted()
    }
}

impl Eq for Dimensions {}

impl FromIterator<(String, String)> for Dimensions {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(from: I) -> Self {
        Self(from.into_iter().collect())
    }
}

impl Serialize for Dimensions {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Dimensions {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Dimensions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("names and values of dimensions")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Dimensions, A::Error> {
                let mut list = Vec::new();
                while let Some(entry) = from.next_entry()? {
                    list.push(entry);
                }
                Ok(Dimensions(list))
            }
        }
        from.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(list: &[(&str, &str)]) -> Dimensions {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn order_is_kept_and_makes_no_difference() {
        let one = of(&[("WebACL", "a"), ("Rule", "b")]);
        assert_eq!(one, of(&[("Rule", "b"), ("WebACL", "a")]));
        assert_ne!(one, of(&[("Rule", "a"), ("WebACL", "b")]));
        assert_ne!(one, of(&[("WebACL", "a")]));
        let text = r#"{"WebACL":"a","Rule":"b"}"#;
        assert_eq!(serde_json::to_string(&one).unwrap(), text);
        let read: Dimensions = serde_json::from_str(text).unwrap();
        assert_eq!(read.iter().collect::<Vec<_>>(), [("WebACL", "a"), ("Rule", "b")]);
        assert_eq!(one.without("WebACL").iter().collect::<Vec<_>>(), [("Rule", "b")]);
        assert_eq!(one.map_values(|v| v.repeat(2)).get("Rule"), Some("bb"));
        assert_eq!(one.get("rule"), None);
    }
}
