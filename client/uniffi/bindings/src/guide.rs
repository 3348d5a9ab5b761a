//! The code of a guide: the first block of its language, as a reader would copy it.

use crate::places::source;
use anyhow::{Context, Result, bail};
use std::process::Command;
use xtask_tools::process;

/// A guide stays a glance: its code has fewer lines than this.
const LINES: usize = 30;

/// What every guide prints at its end.
const RESTORED: &str = "Savings: legal winner thank year wave sausage worth useful legal winner thank yellow";

/// The code of `client/uniffi/LANGUAGE.md`.
pub(super) fn code(language: &str) -> Result<String> {
    let path = source().join(format!("{language}.md"));
    let page = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let code = block(&page, language).with_context(|| format!("{language}.md holds no code"))?;
    let lines = code.lines().count();
    if lines >= LINES {
        bail!("the code of {language}.md has {lines} lines, and is to have fewer than {LINES}");
    }
    Ok(code.to_owned())
}

/// Runs a guide: it prints the seed that it has restored.
pub(super) fn restores(command: &mut Command) -> Result<()> {
    let said = process::read(command)?;
    if said.trim() != RESTORED {
        bail!("the guide printed something else than what it restored: {said}");
    }
    Ok(())
}

fn block<'p>(page: &'p str, language: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(&format!("```{language}\n"))?;
    rest.split_once("\n```").map(|(code, _)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_block_of_the_language_is_read() {
        let page = "x\n```sh\nno\n```\n```python\na\nb\n```\n```python\nc\n```\n";
        assert_eq!(block(page, "python"), Some("a\nb"));
        assert_eq!(block(page, "kotlin"), None);
    }
}
