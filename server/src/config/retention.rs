//! The settings of retention and account size.

use super::layers::{ConfigError, Merged};
use super::{at_least_one, required, values};
use rootcellar_vault::retention::{Retention, Size};

/// Maximum snapshots per account. Their records are part of the account's object, which every
/// request reads.
const MOST_SNAPSHOTS: u64 = 2048;
const DAY: u64 = 24 * 60 * 60;

pub(super) fn read(merged: &Merged) -> Result<Retention, ConfigError> {
    let newest: u32 = required(merged, "keep-snapshots", at_least_one)?;
    let period = required(merged, "keep-days", |text| match values::days(text)?.as_secs() {
        0 => Err("Must be at least 1.".to_owned()),
        seconds => Ok(seconds),
    })?;
    let days = period / DAY;
    let smallest = Size::smallest(days);
    let too_small = |least: String| {
        format!(
            "Must be at least {least} with keep-days = {days}, so that the owner can always save and each device has \
             room."
        )
    };
    let count = required(merged, "snapshots-per-account", |text| match at_least_one::<u64>(text)? {
        count if count < smallest.count => Err(too_small(smallest.count.to_string())),
        count if count > MOST_SNAPSHOTS => Err(format!("Must be at most {MOST_SNAPSHOTS}.")),
        count => Ok(count),
    })?;
    let bytes = required(merged, "bytes-per-account", |text| match values::size(text)? {
        bytes if bytes < smallest.bytes => Err(too_small(format!("{}MiB", smallest.bytes.div_ceil(1 << 20)))),
        bytes => Ok(bytes),
    })?;
    Ok(Retention { newest: newest as usize, period, bounds: Size { count, bytes } })
}
