//! Writes `spec/vectors/`; with `--check`, says what differs and writes nothing.

use anyhow::{Result, bail};
use rootcellar_conformance::{directory, generate, kept};
use std::fs;

#[expect(clippy::print_stdout, reason = "its output is what it is for")]
fn main() -> Result<()> {
    let made = generate();
    if std::env::args().any(|argument| argument == "--check") {
        let kept = kept()?;
        let paths = made.keys().chain(kept.keys());
        let differing: Vec<_> = paths.filter(|path| made.get(*path) != kept.get(*path)).collect();
        if !differing.is_empty() {
            bail!("these vectors differ from what the generator makes: {differing:?}");
        }
        println!("{} vectors are as the generator makes them", made.len());
        return Ok(());
    }
    for topic in rootcellar_conformance::topics::ALL {
        let folder = directory().join(topic.name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(folder)?;
    }
    for (path, text) in &made {
        fs::write(directory().join(path), text)?;
    }
    println!("wrote {} vectors", made.len());
    Ok(())
}
