//! The word that was meant.

/// The word that was probably meant; none where two are equally near.
///
/// A distance takes as long as both lengths multiplied: it is asked for only where the lengths do
/// not differ too much already.
pub(crate) fn nearest<'w>(text: &str, words: &[&'w str]) -> Option<&'w str> {
    let text = text.to_lowercase();
    let length = text.chars().count();
    let distance = |word: &&'w str| {
        let most = 1 + word.chars().count() / 4;
        let lower = word.to_lowercase();
        if length.abs_diff(lower.chars().count()) > most {
            return None;
        }
        let distance = strsim::damerau_levenshtein(&text, &lower);
        (distance <= most).then_some((distance, *word))
    };
    let mut near: Vec<(usize, &str)> = words.iter().filter_map(distance).collect();
    near.sort_unstable();
    match near[..] {
        [(one, _), (other, _), ..] if one == other => None,
        [(_, word), ..] => Some(word),
        [] => None,
    }
}
