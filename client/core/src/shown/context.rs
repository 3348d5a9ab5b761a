//! Where a character without a shape of its own belongs: between letters of scripts that use it, or in an emoji.

use crate::text::is_untypable;
use zeroize::Zeroizing;

/// A character of a text and what is around it.
pub(super) struct Neighbours {
    /// The text is copied, since an iterator of it goes one way; a secret may be shown.
    characters: Zeroizing<Vec<char>>,
    /// How many were taken: the current one is before this place.
    taken: usize,
}

impl Neighbours {
    pub(super) fn of(text: &str) -> Self {
        // Of its final size: a growing vector would leave copies behind.
        let mut characters = Zeroizing::new(Vec::with_capacity(text.len()));
        characters.extend(text.chars());
        Self { characters, taken: 0 }
    }

    /// The next character, which becomes the current one.
    pub(super) fn advance(&mut self) -> Option<char> {
        let character = self.characters.get(self.taken).copied()?;
        self.taken += 1;
        Some(character)
    }

    fn before(&self) -> Option<char> {
        self.taken.checked_sub(2).map(|place| self.characters[place])
    }

    fn after(&self) -> Option<char> {
        self.characters.get(self.taken).copied()
    }

    fn both(&self, is_meant: impl Fn(char) -> bool) -> bool {
        self.before().is_some_and(&is_meant) && self.after().is_some_and(is_meant)
    }

    fn either(&self, is_meant: impl Fn(char) -> bool) -> bool {
        self.before().is_some_and(&is_meant) || self.after().is_some_and(is_meant)
    }

    /// Whether the current character is part of a flag of a region: a black flag, up to six tags, and the end of tags.
    fn is_in_flag(&self) -> bool {
        let is_tag =
            |character: &char| matches!(character, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}');
        let before = self.characters[..self.taken - 1].iter().rev().take_while(|tag| is_tag(tag)).count();
        let flag = (self.taken - 1).checked_sub(before + 1).map(|place| self.characters[place]);
        let after = self.characters[self.taken - 1..].iter().take_while(|tag| is_tag(tag)).count();
        let end = self.characters.get(self.taken - 1 + after);
        flag == Some('\u{1f3f4}') && end == Some(&'\u{e007f}') && (1..=6).contains(&(before + after))
    }
}

/// Whether the current character can be shown: it has a shape, or belongs to what is around it.
pub(super) fn has_its_place(character: char, around: &Neighbours) -> bool {
    match character {
        // Signs of Arabic, Syriac and Kaithi that have a shape, although they are format characters.
        '\u{600}'..='\u{605}'
        | '\u{6dd}'
        | '\u{70f}'
        | '\u{890}'..='\u{891}'
        | '\u{8e2}'
        | '\u{110bd}'
        | '\u{110cd}' => true,
        '\u{200b}' => around.both(is_written_without_spaces),
        '\u{200c}' => around.both(is_of_joining_script),
        '\u{200d}' => {
            around.before().is_some_and(is_of_joining_script)
                || around.before().is_some_and(ends_emoji) && around.after().is_some_and(is_pictograph)
        }
        '\u{200e}' | '\u{200f}' | '\u{61c}' => around.either(is_right_to_left),
        '\u{fe00}'..='\u{fe02}' | '\u{e0100}'..='\u{e01ef}' => around.before().is_some_and(is_ideograph),
        '\u{fe0e}' | '\u{fe0f}' => around.before().is_some_and(is_pictograph) || is_in_keycap(around),
        '\u{180b}'..='\u{180f}' => around.before().is_some_and(is_mongolian),
        '\u{2800}' => around.either(|other| matches!(other, '\u{2801}'..='\u{28ff}')),
        '\u{e0020}'..='\u{e007f}' => around.is_in_flag(),
        other => !is_untypable(other),
    }
}

/// Thai, Lao, Myanmar and Khmer, where a zero-width space separates words.
fn is_written_without_spaces(character: char) -> bool {
    matches!(character, '\u{e01}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17b3}' | '\u{17b6}'..='\u{17ff}')
}

/// Letters and marks of scripts whose letters join or combine: Arabic, Syriac, Thaana, N'Ko, Mandaic, Indic, Myanmar, Khmer, Mongolian.
fn is_of_joining_script(character: char) -> bool {
    let is_in = matches!(
        character,
        '\u{610}'..='\u{61a}'
            | '\u{620}'..='\u{65f}'
            | '\u{66e}'..='\u{6d5}'
            | '\u{6ea}'..='\u{6ff}'
            | '\u{710}'..='\u{85b}'
            | '\u{860}'..='\u{88e}'
            | '\u{897}'..='\u{8e1}'
            | '\u{8e3}'..='\u{dff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1780}'..='\u{17ff}'
            | '\u{1820}'..='\u{18aa}'
            | '\u{fb50}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefc}'
    );
    is_in && !is_untypable(character)
}

fn is_right_to_left(character: char) -> bool {
    let is_in = matches!(
        character,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}'
    );
    is_in && !is_untypable(character)
}

fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn is_mongolian(character: char) -> bool {
    matches!(character, '\u{1820}'..='\u{18aa}')
}

/// Emoji and what can be one: `Extended_Pictographic`, and what lies between its runs.
fn is_pictograph(character: char) -> bool {
    matches!(
        character,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2194}'..='\u{21aa}' | '\u{231a}'..='\u{23ff}'
            | '\u{24c2}' | '\u{25aa}'..='\u{27bf}' | '\u{2934}'..='\u{2935}' | '\u{2b05}'..='\u{2b55}' | '\u{3030}' | '\u{303d}'
            | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1f1e5}' | '\u{1f200}'..='\u{1f3fa}' | '\u{1f400}'..='\u{1faff}'
            | '\u{1fc00}'..='\u{1fffd}'
    )
}

/// An emoji, or a skin tone or presentation selector after one.
fn ends_emoji(character: char) -> bool {
    is_pictograph(character) || matches!(character, '\u{1f3fb}'..='\u{1f3ff}' | '\u{fe0f}')
}

/// A selector between a digit and the frame of its key.
fn is_in_keycap(around: &Neighbours) -> bool {
    around.before().is_some_and(|key| matches!(key, '0'..='9' | '#' | '*'))
        && around.after() == Some('\u{20e3}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex_syntax::hir::{Class, HirKind};

    #[test]
    fn every_emoji_is_a_pictograph_and_none_is_hidden() {
        let parsed = regex_syntax::parse(r"\p{Extended_Pictographic}").expect("a class");
        let HirKind::Class(Class::Unicode(class)) = parsed.kind() else { panic!("a class") };
        let emoji = class.ranges().iter().flat_map(|range| range.start()..=range.end());
        let missing: Vec<char> = emoji.filter(|emoji| !is_pictograph(*emoji)).collect();
        assert_eq!(missing, Vec::<char>::new());
        assert!((char::MIN..=char::MAX).all(|one| !(is_pictograph(one) && is_untypable(one))));
    }

    #[test]
    fn a_selector_after_an_override_joins_nothing() {
        let mut around = Neighbours::of("a\u{fe0f}\u{200d}\u{1f600}");
        let places: Vec<bool> =
            std::iter::from_fn(|| around.advance().map(|one| has_its_place(one, &around))).collect();
        assert_eq!(
            places,
            [true, false, true, true],
            "the joiner is between what an emoji ends with and an emoji"
        );
    }
}
