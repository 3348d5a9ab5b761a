//! Words of eleven bits: the English list, words as bits and back, and the words nearest to a mistyped one.

pub(crate) mod bits;
mod english;

pub(crate) use english::{WORDS, english, place_in};

/// More would not help.
const MOST: usize = 5;

/// No word of a list has as many characters, and none is near what has more.
const LONGEST: usize = 16;

/// The words of `list` that are nearest to `word`, nearest first, at most five, none too far to be meant.
pub(crate) fn nearest<'a>(word: &str, list: impl Iterator<Item = &'a str>) -> Vec<String> {
    let length = word.chars().take(LONGEST + 1).count();
    if length > LONGEST {
        return Vec::new();
    }
    let list: Vec<&str> = list.collect();
    // BIP-39 words are told apart by their first four letters.
    let mut begun = list.iter().filter(|candidate| length >= 4 && candidate.starts_with(word));
    if let (Some(only), None) = (begun.next(), begun.next()) {
        return vec![(*only).to_owned()];
    }
    let farthest = if length <= 3 { 1 } else { 2 };
    let mut near: Vec<(usize, &str)> = Vec::new();
    for candidate in list {
        let prefix = length >= 3 && candidate.starts_with(word);
        let distance = if prefix { 1 } else { strsim::osa_distance(word, candidate) };
        if distance <= farthest {
            let place = near.partition_point(|other| *other < (distance, candidate));
            near.insert(place, (distance, candidate));
            near.truncate(MOST);
        }
    }
    near.into_iter().map(|(_, word)| word.to_owned()).collect()
}
