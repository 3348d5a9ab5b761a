//! What a person at the terminal reads. The only module that prints.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the output module")]

/// One line of the result.
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// The title of a step.
pub(crate) fn title(text: &str) {
    println!("\n== {text}");
}

/// Why the demo failed.
pub(crate) fn error(text: &str) {
    eprintln!("demo: {text}");
}
