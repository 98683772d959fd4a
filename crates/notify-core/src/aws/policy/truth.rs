//! Yes, no, or nobody can tell.

/// Whether something holds, as far as that can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Truth {
    /// It does not.
    No,
    /// It does.
    Yes,
    /// It cannot be told because of this.
    Unclear(String),
}

impl Truth {
    /// Whether all hold: one that does not decides, and then one that cannot be told.
    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::Yes;
        for part in parts {
            match (part, &all) {
                (Self::No, _) => return Self::No,
                (unclear @ Self::Unclear(_), Self::Yes) => all = unclear,
                _ => {}
            }
        }
        all
    }

    /// Whether one holds: one that does decides, and then one that cannot be told.
    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut any = Self::No;
        for part in parts {
            match (part, &any) {
                (Self::Yes, _) => return Self::Yes,
                (unclear @ Self::Unclear(_), Self::No) => any = unclear,
                _ => {}
            }
        }
        any
    }

    /// The opposite.
    pub(super) fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Yes => Self::No,
            unclear @ Self::Unclear(_) => unclear,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{self, No, Unclear, Yes};

    #[test]
    fn what_decides_wins_over_what_cannot_be_told() {
        let what = |text: &str| Unclear(text.to_owned());
        for (parts, all, any) in [
            (vec![], Yes, No),
            (vec![Yes, Yes], Yes, Yes),
            (vec![Yes, No], No, Yes),
            (vec![what("a"), Yes], what("a"), Yes),
            (vec![what("a"), No], No, what("a")),
            (vec![Yes, what("a"), what("b")], what("a"), Yes),
            (vec![No, what("a"), what("b")], No, what("a")),
        ] {
            assert_eq!(Truth::all(parts.clone()), all, "{parts:?}");
            assert_eq!(Truth::any(parts.clone()), any, "{parts:?}");
        }
        assert_eq!((Yes.not(), No.not(), what("a").not()), (No, Yes, what("a")));
    }
}
