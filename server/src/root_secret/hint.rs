//! Commands for the operator to type. They name the file, because without it the command may use
//! another vault's secret.

use std::path::Path;

/// `rootcellar-server --root-secret-file FILE root-secret COMMAND`, with the absolute path, quoted
/// for a shell.
#[must_use]
pub fn command(file: &Path, command: &str) -> String {
    let whole = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    format!("rootcellar-server --root-secret-file {} root-secret {command}", quoted(&whole))
}

/// The path as one word of a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%,".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_file_as_one_word() {
        let of = |path: &str| command(Path::new(path), "words");
        assert_eq!(of("/d/s"), "rootcellar-server --root-secret-file /d/s root-secret words");
        assert!(of("/my data/s").contains(" '/my data/s' "));
        assert!(of("/it's/s").contains(r" '/it'\''s/s' "));
        assert!(!of("s").contains("file s "), "a path from here means nothing elsewhere");
    }
}
