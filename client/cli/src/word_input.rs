//! Words that a person types: asked for again where they are mistaken, and one word alone where only that is wrong.

use crate::exit::{Exit, Failure};
use crate::secret_input;
use crate::secret_text::Shape;
use std::path::Path;
use zeroize::Zeroizing;

/// How often words are asked for, one word alone or all.
const TRIES: u32 = 10;

/// Why words are not what they should be.
pub(crate) struct Mistake {
    /// What is wrong.
    pub(crate) failure: Failure,
    /// The place of the one word that is wrong, from 1.
    pub(crate) word: Option<usize>,
    /// Whether the same words would do with another option: asking again would not help.
    pub(crate) of_options: bool,
}

/// What is asked for.
pub(crate) struct Words<'a> {
    /// Its name, as in a prompt.
    pub(crate) what: &'a str,
    /// The option that reads it from a file.
    pub(crate) option: &'a str,
    /// How many words it has at most.
    pub(crate) most: usize,
}

impl Words<'_> {
    /// Reads words from `file` if given, else asks for them until `parse` takes them.
    pub(crate) fn read<T>(
        &self,
        file: Option<&Path>,
        parse: impl Fn(&str) -> Result<T, Mistake>,
    ) -> Result<T, Failure> {
        if !secret_input::is_typed(file) {
            let text = without_numbers(&secret_input::read(Shape::Words, file, self.what, self.option)?);
            return parse(&text).map_err(|mistake| mistake.failure);
        }
        let mut terminal = secret_input::terminal(self.what, self.option)?;
        let prompt = format!("{}: ", self.what);
        let mut text = without_numbers(&terminal.ask_words(&prompt, self.most)?);
        for _ in 1..TRIES {
            let mistake = match parse(&text) {
                Err(mistake) if !mistake.of_options => mistake,
                other => return other.map_err(|mistake| mistake.failure),
            };
            terminal.print(&mistake.failure.lines())?;
            text = match mistake.word {
                Some(place) => match terminal.ask_secret(&format!("Word {place}, again: ")) {
                    Ok(word) => replaced(&text, place, &word),
                    Err(failure) if failure.exit == Exit::Input => {
                        terminal.print(&failure.lines())?;
                        text
                    }
                    Err(failure) => return Err(failure),
                },
                None => without_numbers(&terminal.ask_words(&prompt, self.most)?),
            };
        }
        parse(&text).map_err(|mistake| mistake.failure)
    }
}

/// The words without the numbers that a list of them has (`1. abandon`); no word of any list has a digit.
fn without_numbers(text: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len() + 1));
    for word in text.split_whitespace() {
        let word = word.strip_prefix('#').unwrap_or(word);
        let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
        let rest = if rest.len() < word.len() { rest.trim_start_matches(['.', ')', ':']) } else { word };
        if !rest.is_empty() {
            plain.push_str(rest);
            plain.push(' ');
        }
    }
    plain
}

/// The text with another word at this place, from 1; recovery codes have hyphens between words too.
fn replaced(text: &str, place: usize, word: &str) -> Zeroizing<String> {
    let words = text.split(|c: char| c.is_whitespace() || c == '-').filter(|word| !word.is_empty());
    let mut whole = Zeroizing::new(String::with_capacity(text.len() + word.len() + 1));
    for (at, former) in words.enumerate() {
        whole.push_str(if at + 1 == place { word } else { former });
        whole.push(' ');
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_list_are_no_words() {
        assert_eq!(
            without_numbers("1. one 2) two\n3three #4 four 5 five\n").as_str(),
            "one two three four five "
        );
        assert_eq!(without_numbers("12 ").as_str(), "");
    }

    #[test]
    fn one_word_is_typed_again() {
        assert_eq!(replaced("a-b c", 2, "x").as_str(), "a x c ");
        assert_eq!(replaced("a", 2, "x").as_str(), "a ");
    }
}
