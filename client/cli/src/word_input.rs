//! Words that a person types: asked for again where they are mistaken, and one word alone where only that is wrong.

use crate::exit::{Exit, Failure};
use crate::secret_input::{self, Asked};
use crate::secret_text::Shape;
use crate::terminal::Terminal;
use crate::text;
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
pub(crate) struct Words {
    /// How it is asked for.
    pub(crate) asked: Asked,
    /// The option that reads it from a file.
    pub(crate) option: &'static str,
    /// How many words it has at most.
    pub(crate) most: usize,
}

impl Words {
    /// Reads words from `file` if given, else asks for them until `parse` takes them.
    pub(crate) fn read<T>(
        &self,
        file: Option<&Path>,
        parse: impl Fn(&str) -> Result<T, Mistake>,
    ) -> Result<T, Failure> {
        if !secret_input::is_typed(file) {
            let text = plain_words(&secret_input::read(Shape::Words, file, self.asked, self.option)?);
            return parse(&text).map_err(|mistake| mistake.failure);
        }
        let mut terminal = secret_input::terminal(self.asked.what, self.option)?;
        let mut text = self.ask(&mut terminal)?;
        for _ in 1..TRIES {
            let mistake = match parse(&text) {
                Err(mistake) if !mistake.of_options => mistake,
                other => return other.map_err(|mistake| mistake.failure),
            };
            terminal.print(&mistake.failure.lines())?;
            text = match mistake.word {
                Some(place) => match ask_word(&mut terminal, place) {
                    Ok(word) => replaced(&text, place, &word),
                    Err(failure) if failure.exit == Exit::Input => {
                        terminal.print(&failure.lines())?;
                        text
                    }
                    Err(failure) => return Err(failure),
                },
                None => self.ask(&mut terminal)?,
            };
        }
        parse(&text).map_err(|mistake| mistake.failure)
    }

    fn ask(&self, terminal: &mut Terminal) -> Result<Zeroizing<String>, Failure> {
        let count = |text: &str| plain_words(text).split_whitespace().count();
        let input = terminal.ask_words(self.asked.prompt, self.most, count)?;
        Ok(plain_words(&Shape::Words.typed(&input, self.asked.what)?))
    }
}

fn ask_word(terminal: &mut Terminal, place: usize) -> Result<Zeroizing<String>, Failure> {
    let prompt = text::ask::WordAgain { place }.to_string();
    Shape::Words.typed(&terminal.ask_secret(&prompt)?, text::what::WORD)
}

/// The words without the numbers of a list (`1. abandon 2. ability`). A number is dropped only if it is the place of the word that
/// follows it. Any other may be part of a secret, such as a BIP-39 passphrase behind the last word, and is refused with the words.
fn plain_words(text: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len() + 1));
    let mut tokens = text.split_whitespace().peekable();
    let mut place = 1;
    while let Some(token) = tokens.next() {
        let word = match numbered(token, place) {
            Some("") if tokens.peek().is_some_and(|next| !next.contains(|c: char| c.is_ascii_digit())) => {
                continue;
            }
            Some("") | None => token,
            Some(word) => word,
        };
        plain.push_str(word);
        plain.push(' ');
        place += 1;
    }
    plain
}

/// What follows this number at the beginning of a token: a word, or nothing.
fn numbered(token: &str, place: usize) -> Option<&str> {
    let token = token.strip_prefix('#').unwrap_or(token);
    let digits = token.len() - token.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, word) = token.split_at(digits);
    (number.parse() == Ok(place)).then(|| word.trim_start_matches(['.', ')', ':']))
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
        let plain = |text: &str| plain_words(text).trim_end().to_owned();
        assert_eq!(plain("1. one 2) two\n3three #4 four 5 five\n6.\nsix"), "one two three four five six");
        assert_eq!(plain("one 2. two three"), "one two three");
        for kept in ["one two 2024", "one two 3", "one two 3.", "2 one 2 two", "1 2", "one #12 12)", "12"] {
            assert_eq!(plain(kept), kept, "a number that is no word's place stays");
        }
        assert_eq!(plain("1. one 2. two 3."), "one two 3.");
    }

    #[test]
    fn a_number_behind_the_last_word_is_not_dropped() {
        use rootcellar_client::phrase::{Phrase, PhraseError};
        let phrase = "abandon ".repeat(11) + "about";
        let numbered: String =
            phrase.split(' ').enumerate().map(|(at, word)| format!("{}. {word}\n", at + 1)).collect();
        for words in [phrase, numbered] {
            assert!(Phrase::parse(&plain_words(&words), None).is_ok(), "{words}");
            for number in ["2024", "13", "#12", "12)", "13."] {
                let text = plain_words(&format!("{words} {number}"));
                assert_eq!(Phrase::parse(&text, None).err(), Some(PhraseError::WordCount(13)), "{number}");
            }
        }
    }

    #[test]
    fn one_word_is_typed_again() {
        assert_eq!(replaced("a-b c", 2, "x").as_str(), "a x c ");
        assert_eq!(replaced("a", 2, "x").as_str(), "a ");
    }
}
