//! `cargo xtask demo`: builds the programs, starts what they need, and plays the story of `tests/demo` with them.

use crate::seaweed::{self, Seaweed};
use crate::workspace::Programs;
use crate::{output, process};
use anyhow::{Result, bail};
use std::process::Command;

pub(crate) fn run(s3: bool) -> Result<()> {
    if !s3 {
        // Smaller programs, which are built in half the time: the story needs neither a bucket nor a keyring.
        return process::run(
            Command::new(Programs::SMALL.build_with("rootcellar-demo")?).arg(Programs::SMALL.folder()),
        );
    }
    let Some(mut bucket) = Seaweed::begin()? else {
        if process::require_all() {
            bail!(seaweed::INSTALL);
        }
        output::line(&format!("left out: {}", seaweed::INSTALL));
        return Ok(());
    };
    let mut story = Command::new(Programs::WHOLE.build_with("rootcellar-demo")?);
    bucket.wait()?;
    story.arg(Programs::WHOLE.folder()).env(seaweed::ENDPOINT, bucket.endpoint());
    process::run(seaweed::credentials(&mut story))
}
