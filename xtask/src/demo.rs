//! `cargo xtask demo`: builds the programs, starts what they need, and plays the story of `tests/demo` with them.

use crate::build::Programs;
use crate::seaweed::{self, Seaweed};
use anyhow::Result;
use std::process::Command;
use xtask_tools::process;

const STORY: &str = "rootcellar-demo";

pub(crate) fn run(s3: bool) -> Result<()> {
    if !s3 {
        // Smaller programs, which are built in half the time: the story needs neither a bucket nor a keyring.
        let story = Programs::SMALL.build_with(&[STORY])?.join(STORY);
        return process::run(Command::new(story).arg(Programs::SMALL.folder()));
    }
    let Some(mut bucket) = Seaweed::begin()? else {
        return process::leave_out(seaweed::INSTALL);
    };
    let mut story = Command::new(Programs::WHOLE.build_with(&[STORY])?.join(STORY));
    bucket.wait()?;
    story.arg(Programs::WHOLE.folder()).env(seaweed::ENDPOINT, bucket.endpoint());
    process::run(seaweed::credentials(&mut story))
}
