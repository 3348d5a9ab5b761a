//! The English in source files: comments, and in Rust also string literals. Everything else becomes blank, and lines stay
//! where they are.

/// Ends a clause where a comment or a literal ends, so that no phrase continues after it.
const END: &str = " . ";

/// Comments and string literals of Rust.
pub(crate) fn rust(source: &str) -> String {
    let mut lexer =
        Lexer { rest: source, out: String::with_capacity(source.len()), is_open: false, is_in_name: false };
    while lexer.step() {}
    lexer.out
}

/// Comments that take a line of their own, of languages in which they begin with one of `marks`.
pub(crate) fn line_comments(source: &str, marks: &[&str]) -> String {
    let comment = |line: &str| {
        let line = line.trim_start();
        let text = marks.iter().find_map(|mark| line.strip_prefix(mark));
        text.map_or(END, |text| text.trim_end_matches("*/")).to_owned()
    };
    source.lines().map(comment).collect::<Vec<_>>().join("\n")
}

struct Lexer<'a> {
    rest: &'a str,
    out: String,
    /// Whether a line comment was the last thing that was not blank. The next line may continue it.
    is_open: bool,
    /// Whether the last character was part of a name in code, as the `r` of `bar"…"` is.
    is_in_name: bool,
}

impl<'a> Lexer<'a> {
    fn step(&mut self) -> bool {
        let Some(next) = self.rest.chars().next() else { return false };
        if let Some(comment) = self.rest.strip_prefix("//") {
            let line = comment.split('\n').next().unwrap_or_default();
            self.out.push_str("  ");
            self.out.push_str(line.trim_start_matches(['/', '!']));
            self.skip(2 + line.len());
            self.is_open = true;
        } else if self.rest.starts_with("/*") {
            let end = self.rest.find("*/").map_or(self.rest.len(), |end| end + 2);
            self.prose(end, 0);
        } else if let Some((start, end)) = raw_string(self.rest, self.is_in_name) {
            self.prose(end, start);
        } else if next == '"' {
            self.prose(string(self.rest), 1);
        } else if let Some(end) = character(self.rest) {
            self.skip(end);
        } else {
            if next.is_whitespace() {
                self.out.push(next);
            } else {
                self.close();
                self.out.push(' ');
            }
            self.is_in_name = next.is_alphanumeric() || next == '_';
            self.skip(next.len_utf8());
            return true;
        }
        self.is_in_name = false;
        true
    }

    /// Takes `end` bytes of prose, of which the first `start` are a mark.
    fn prose(&mut self, end: usize, start: usize) {
        self.close();
        self.out.push_str(END);
        self.out.push_str(&text(&self.rest[start..end]));
        self.out.push_str(END);
        self.skip(end);
    }

    fn close(&mut self) {
        if std::mem::take(&mut self.is_open) {
            self.out.push_str(END);
        }
    }

    fn skip(&mut self, bytes: usize) {
        let rest: &'a str = self.rest;
        self.rest = &rest[bytes..];
    }
}

/// Where the text of a raw string begins and the literal ends.
fn raw_string(rest: &str, is_in_name: bool) -> Option<(usize, usize)> {
    let mark = rest.strip_prefix('b').unwrap_or(rest).strip_prefix('r')?;
    let hashes = mark.len() - mark.trim_start_matches('#').len();
    if is_in_name || !mark[hashes..].starts_with('"') {
        return None;
    }
    let start = rest.len() - mark.len() + hashes + 1;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = rest[start..].find(&end)?;
    Some((start, start + length + end.len()))
}

/// Where a string literal ends.
fn string(rest: &str) -> usize {
    let mut is_escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        if character == '"' && !is_escaped {
            return at + 1;
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    rest.len()
}

/// Where a character literal ends; `None` for a lifetime.
fn character(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    let length = match inner.strip_prefix('\\') {
        Some(escaped) => 1 + escaped.chars().next()?.len_utf8(),
        None => inner.chars().next()?.len_utf8(),
    };
    let end = inner[length..].find('\'')?;
    let is_literal = end == 0 || inner.starts_with("\\u") || inner.starts_with("\\x");
    is_literal.then_some(1 + length + end + 1)
}

/// A literal without escapes, placeholders and marks of code, which would not end with it.
fn text(literal: &str) -> String {
    let (mut out, mut depth, mut is_escape) = (String::with_capacity(literal.len()), 0_u32, false);
    for character in literal.chars() {
        let shown = match character {
            '\n' => '\n',
            _ if is_escape => ' ',
            '\\' | '`' | '"' => ' ',
            '{' => {
                depth += 1;
                ' '
            }
            '}' => {
                depth = depth.saturating_sub(1);
                ' '
            }
            _ if depth > 0 => ' ',
            other => other,
        };
        is_escape = character == '\\' && !is_escape;
        out.push(shown);
    }
    out
}

fn found(source: &str) -> Vec<String> {
    rust(source)
        .split_whitespace()
        .filter(|word| word.chars().all(char::is_alphabetic))
        .map(str::to_owned)
        .collect()
}

#[test]
fn comments_and_literals_are_read_and_code_is_not() {
    let source = "//! One.\nlet two = \"three {four} \\\"five\\\" \\\n six\"; // seven\nfn eight<'a>(c: char) { c == '\"' }";
    assert_eq!(found(source), ["three", "five", "six", "seven"]);
    assert_eq!(rust(source).lines().count(), source.lines().count());
    assert_eq!(
        found("br#\"nine \" ten\"#; bar\"eleven\"; /* twelve */ '\\''"),
        ["nine", "ten", "eleven", "twelve"]
    );
}

#[test]
fn a_comment_continues_on_the_next_line_and_ends_at_code() {
    assert!(!rust("// one\n    // two").contains('.'));
    assert!(rust("// one\nx // two").contains('.'));
}

#[test]
fn line_comments_of_scripts_are_read() {
    assert_eq!(line_comments("a # b\n# c d\n", &["#"]), " . \n c d");
}
