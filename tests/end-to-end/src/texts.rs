//! The texts of the command line by their ids, from the file that it is built from. A test names an id, so that wording can change
//! without it.

use expectrl::{Needle, Regex};
use serde_json::Value;
use std::fmt;
use std::path::Path;

/// What a placeholder stands for in a test.
#[derive(Clone, Debug)]
enum Filling {
    Value(String),
    /// Any number, which is wanted.
    Wanted,
}

/// A text. A placeholder that is not filled matches whatever is in its line.
#[derive(Clone, Debug)]
pub struct Text {
    /// One form, or the forms for one and for others.
    forms: Vec<String>,
    fillings: Vec<(String, Filling)>,
}

/// What may be on a screen.
pub trait Shown {
    /// A regular expression that finds it.
    fn pattern(&self) -> String;
}

/// The text of this id, such as `codeNotice.active`.
#[must_use]
pub fn text(id: &str) -> Text {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../client/cli/texts/en.json");
    let file = std::fs::read_to_string(path).expect("the command line has a catalogue");
    let texts: Value = serde_json::from_str(&file).expect("JSON");
    let (section, key) = id.split_once('.').expect("a section and a key");
    let forms = match &texts[section][key] {
        Value::String(text) => vec![text.clone()],
        Value::Object(forms) => ["one", "other"].map(|form| of(&forms[form])).into(),
        _ => panic!("there is no text '{id}'"),
    };
    Text { forms, fillings: Vec::new() }
}

fn of(form: &Value) -> String {
    form.as_str().expect("a form is a text").to_owned()
}

impl Text {
    /// Fills a placeholder.
    #[must_use]
    pub fn with(self, placeholder: &str, value: impl fmt::Display) -> Self {
        self.filled(placeholder, Filling::Value(value.to_string()))
    }

    /// Has the pattern capture a number in the place of this placeholder.
    #[must_use]
    pub(crate) fn wanting(self, placeholder: &str) -> Self {
        self.filled(placeholder, Filling::Wanted)
    }

    fn filled(mut self, placeholder: &str, filling: Filling) -> Self {
        let place = format!("{{{placeholder}}}");
        assert!(self.forms.iter().any(|form| form.contains(&place)), "{self:?} has no {place}");
        self.fillings.push((placeholder.to_owned(), filling));
        self
    }

    /// Whether this text is in what was said.
    #[must_use]
    pub fn is_in(&self, said: &str) -> bool {
        self.count_in(said) > 0
    }

    /// How often this text is in what was said.
    #[must_use]
    pub fn count_in(&self, said: &str) -> usize {
        finds(&self.pattern(), said)
    }

    /// What is in the place of a placeholder where this text is in what was said.
    #[must_use]
    pub fn value_in(&self, placeholder: &str, said: &str) -> Option<String> {
        let whole = self.to_owned().with(placeholder, "\0").to_string();
        let (before, behind) = whole.split_once('\0')?;
        let (_, rest) = said.split_once(before)?;
        rest.lines().next().map(|line| line.strip_suffix(behind).unwrap_or(line).to_owned())
    }

    /// Whether a line is this text and nothing more.
    #[must_use]
    pub fn is_line(&self, line: &str) -> bool {
        finds(&format!(r"^{}\s*$", self.pattern()), line) > 0
    }

    /// The form that the count asks for; all where none is given.
    fn chosen(&self) -> &[String] {
        let count = self.fillings.iter().find(|(placeholder, _)| placeholder == "n");
        match (&count, self.forms.as_slice()) {
            (Some((_, Filling::Value(n))), [one, other]) => {
                std::slice::from_ref(if n == "1" { one } else { other })
            }
            (_, forms) => forms,
        }
    }

    fn filling(&self, placeholder: &str) -> Option<&Filling> {
        self.fillings.iter().find(|(filled, _)| filled == placeholder).map(|(_, filling)| filling)
    }

    fn pattern_of(&self, form: &str) -> String {
        let mut pieces = form.split('{');
        let mut pattern = escaped(pieces.next().unwrap_or_default());
        for piece in pieces {
            let (placeholder, behind) = piece.split_once('}').expect("the build has checked it");
            pattern += &match self.filling(placeholder) {
                Some(Filling::Value(value)) => escaped(value),
                Some(Filling::Wanted) => r"(\d+)".to_owned(),
                None => r"[^\n]*?".to_owned(),
            };
            pattern += &escaped(behind);
        }
        pattern
    }
}

/// What is typed or shown as it is: the text where every placeholder is filled.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [form] = self.chosen() else { panic!("{self:?} counts, and no count is given") };
        let whole = self.fillings.iter().fold(form.clone(), |text, (placeholder, filling)| match filling {
            Filling::Value(value) => text.replace(&format!("{{{placeholder}}}"), value),
            Filling::Wanted => text,
        });
        assert!(!whole.contains('{'), "{self:?} has a placeholder that is not filled");
        f.write_str(&whole)
    }
}

impl Shown for Text {
    fn pattern(&self) -> String {
        let forms: Vec<_> = self.chosen().iter().map(|form| self.pattern_of(form)).collect();
        format!("(?:{})", forms.join("|"))
    }
}

impl Shown for &str {
    fn pattern(&self) -> String {
        escaped(self)
    }
}

/// A regular expression that finds exactly this; a terminal ends lines with CR LF.
fn escaped(text: &str) -> String {
    let mut pattern = String::new();
    for character in text.chars() {
        match character {
            '\n' => pattern += r"\r?\n",
            c if c.is_ascii_punctuation() => pattern.extend(['\\', c]),
            c => pattern.push(c),
        }
    }
    pattern
}

fn finds(pattern: &str, said: &str) -> usize {
    Regex(pattern).check(said.as_bytes(), true).expect("a pattern").len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_forms(forms: &[&str]) -> Text {
        Text { forms: forms.iter().map(|form| (*form).to_owned()).collect(), fillings: Vec::new() }
    }

    #[test]
    fn a_text_is_found_with_its_values_or_with_any() {
        let saved = of_forms(&["Saved '{entry}' (no. {n})."]);
        assert!(saved.is_in("x\nSaved 'a.b' (no. 5).\ny") && !saved.is_in("Saved 'a\nb' (no. 5)."));
        assert!(saved.clone().with("n", 5).is_in("Saved 'a' (no. 5)."));
        assert!(!saved.clone().with("n", 6).is_in("Saved 'a' (no. 5)."));
        assert!(!saved.clone().with("entry", "a.b").is_in("Saved 'axb' (no. 5)."));
        assert_eq!(saved.with("n", 1).with("entry", "a").to_string(), "Saved 'a' (no. 1).");
    }

    #[test]
    fn a_count_chooses_the_form() {
        let tries = of_forms(&["{n} word", "{n} words"]);
        assert!(tries.is_in("3 words") && tries.clone().with("n", 3).is_line("3 words"));
        assert!(tries.clone().with("n", 1).is_line("1 word") && !tries.with("n", 1).is_line("1 words"));
    }

    #[test]
    fn a_line_is_the_whole_line_of_a_terminal_too() {
        let prompt = of_forms(&["Type it: "]);
        assert!(prompt.is_line("Type it: ") && !prompt.is_line("Type it: zebra"));
        assert!(of_forms(&["one\ntwo"]).is_in("one\r\ntwo"));
    }
}
