//! What a person at the terminal reads. The only module that prints.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the output module")]

/// One line of the result.
pub fn line(text: &str) {
    println!("{text}");
}

/// The title of a stage or step.
pub fn title(text: &str) {
    println!("\n== {text}");
}

/// A line about progress, apart from the result.
pub fn progress(text: &str) {
    eprintln!("{text}");
}

/// Why a program failed.
pub fn error(program: &str, error: &anyhow::Error) {
    eprintln!("{program}: {error:#}");
}
