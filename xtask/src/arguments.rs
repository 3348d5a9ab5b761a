//! The arguments of a command: flags, options with a value, and at most one word.

use anyhow::{Context, Result, bail};

/// What is not read yet.
pub(crate) struct Arguments(Vec<String>);

impl Arguments {
    pub(crate) fn new(arguments: impl IntoIterator<Item = String>) -> Self {
        Self(arguments.into_iter().collect())
    }

    /// Whether a flag such as `--quick` is given.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let at = self.0.iter().position(|argument| argument == name);
        at.map(|at| self.0.remove(at)).is_some()
    }

    /// The number after an option such as `--turns`.
    pub(crate) fn number(&mut self, name: &str) -> Result<Option<usize>> {
        let Some(at) = self.0.iter().position(|argument| argument == name) else { return Ok(None) };
        self.0.remove(at);
        let value = (at < self.0.len()).then(|| self.0.remove(at));
        let value = value.with_context(|| format!("{name} needs a number"))?;
        value.parse().map(Some).with_context(|| format!("invalid number {value:?} for {name}"))
    }

    /// The first word that is no flag.
    pub(crate) fn word(&mut self) -> Option<String> {
        let at = self.0.iter().position(|argument| !argument.starts_with('-'));
        at.map(|at| self.0.remove(at))
    }

    /// Fails if anything is left.
    pub(crate) fn end(self) -> Result<()> {
        match self.0.first() {
            Some(unknown) => bail!("unknown argument {unknown:?}: see `cargo xtask help`"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Arguments {
        Arguments::new(line.split(' ').map(str::to_owned))
    }

    #[test]
    fn flags_numbers_and_words_are_read_in_any_order() {
        let mut given = arguments("story --json --turns 3");
        assert_eq!(given.number("--turns").expect("a number"), Some(3));
        assert!(given.flag("--json") && !given.flag("--json"));
        assert_eq!(given.word().as_deref(), Some("story"));
        assert!(given.end().is_ok());
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert!(arguments("--quik").end().is_err());
        assert!(arguments("--turns").number("--turns").is_err());
        assert!(arguments("--turns many").number("--turns").is_err());
    }
}
