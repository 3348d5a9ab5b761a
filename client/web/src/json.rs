//! What leaves for the page: JSON, written by hand so that no serializer is linked for it.

use rootcellar_spec::hex;

/// Text of a JSON object that is being written.
#[derive(Debug)]
pub(crate) struct Object(String);

/// Text of a JSON array that is being written.
#[derive(Debug)]
pub(crate) struct Array(String);

impl Object {
    /// An object without fields.
    pub(crate) fn new() -> Self {
        Self("{".to_owned())
    }

    /// Adds a text.
    pub(crate) fn text(mut self, name: &str, text: &str) -> Self {
        self.name(name);
        write_text(&mut self.0, text);
        self
    }

    /// Adds a text, or `null`.
    pub(crate) fn text_or_null(self, name: &str, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.text(name, text),
            None => self.raw(name, "null"),
        }
    }

    /// Adds a number. JavaScript reads it exactly up to 2^53.
    pub(crate) fn number(self, name: &str, number: u64) -> Self {
        self.raw(name, &number.to_string())
    }

    /// Adds a number where there is one.
    pub(crate) fn number_if(self, name: &str, number: Option<u64>) -> Self {
        match number {
            Some(number) => self.number(name, number),
            None => self,
        }
    }

    /// Adds a truth value.
    pub(crate) fn flag(self, name: &str, is: bool) -> Self {
        self.raw(name, if is { "true" } else { "false" })
    }

    /// Adds a value that is JSON already.
    pub(crate) fn raw(mut self, name: &str, json: &str) -> Self {
        self.name(name);
        self.0.push_str(json);
        self
    }

    /// The whole text.
    pub(crate) fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        write_text(&mut self.0, name);
        self.0.push(':');
    }
}

impl Array {
    /// An array without elements.
    pub(crate) fn new() -> Self {
        Self("[".to_owned())
    }

    /// Adds a value that is JSON already.
    pub(crate) fn push(&mut self, json: &str) {
        self.separate();
        self.0.push_str(json);
    }

    /// Adds a text.
    pub(crate) fn push_text(&mut self, text: &str) {
        self.separate();
        write_text(&mut self.0, text);
    }

    /// The whole text.
    pub(crate) fn finish(mut self) -> String {
        self.0.push(']');
        self.0
    }

    fn separate(&mut self) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
    }
}

/// An array of texts.
pub(crate) fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut array = Array::new();
    texts.into_iter().for_each(|text| array.push_text(text));
    array.finish()
}

fn write_text(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                json.push('\\');
                json.push(character);
            }
            '\0'..='\u{1f}' => {
                json.push_str("\\u00");
                json.push_str(&hex::encode(&[character as u8]));
            }
            _ => json.push(character),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_read_as_it_was_written() {
        let odd = "a\"b\\c\u{0}\u{1f}\n\u{7f}\u{2028}é\u{1f600}";
        let json = Object::new()
            .text(odd, odd)
            .number("number", 9_007_199_254_740_991)
            .flag("flag", true)
            .text_or_null("none", None)
            .raw("list", &texts(["x", odd]))
            .raw("empty", &texts([]))
            .finish();
        let read: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(read[odd], odd);
        assert_eq!(read["number"], 9_007_199_254_740_991_u64);
        assert_eq!(read["list"][1], odd);
        assert_eq!((&read["flag"], &read["none"]), (&true.into(), &serde_json::Value::Null));
        assert_eq!(read["empty"], serde_json::json!([]));
        assert_eq!(Object::new().finish(), "{}");
    }
}
