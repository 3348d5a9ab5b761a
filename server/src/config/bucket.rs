//! The settings of a bucket.

use super::{ConfigError, Merged, parse_with, required, values};
use std::fmt;
use url::Url;

/// An S3 bucket. Its credentials are not settings: the AWS SDK finds them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// 1 to 255 characters.
    pub name: String,
    /// Where the bucket is; `None` for AWS.
    pub endpoint: Option<Url>,
    /// If set by `--s3-region`.
    pub region: Option<String>,
    /// The prefix of every object's name, without `/` at its ends. Empty if there is none.
    pub prefix: String,
}

/// The settings of a command that takes its stores as arguments.
#[derive(Clone, Debug)]
pub struct StoreAccess {
    /// Where buckets are; `None` for AWS.
    pub endpoint: Option<Url>,
    /// If set by `--s3-region`.
    pub region: Option<String>,
    /// Disk space to leave free, in bytes.
    pub reserve: u64,
}

impl StoreAccess {
    /// Reads only these settings. The others may be missing or invalid.
    ///
    /// # Errors
    /// [`ConfigError::Value`] if one of them is invalid.
    pub fn read(merged: &Merged) -> Result<Self, ConfigError> {
        Ok(Self {
            endpoint: endpoint(merged)?,
            region: region(merged)?,
            reserve: required(merged, "reserve", values::size)?,
        })
    }

    /// The bucket of `NAME/PREFIX`, which is what follows `s3://`.
    ///
    /// # Errors
    /// If the name or the prefix is invalid, with a text that says what a valid one looks like.
    pub fn bucket(&self, named: &str) -> Result<Bucket, String> {
        let (name, prefix) = named.split_once('/').unwrap_or((named, ""));
        let (name, prefix) = (self::name(name)?, values::prefix(prefix)?);
        Ok(Bucket { name, endpoint: self.endpoint.clone(), region: self.region.clone(), prefix })
    }
}

fn endpoint(merged: &Merged) -> Result<Option<Url>, ConfigError> {
    parse_with(merged, "s3-endpoint", values::endpoint)
}

fn region(merged: &Merged) -> Result<Option<String>, ConfigError> {
    parse_with(merged, "s3-region", |text| values::word(text, "region", "eu-central-1"))
}

fn name(text: &str) -> Result<String, String> {
    values::word(text, "bucket name", "my-vault")
}

/// Reads the settings of a bucket. All of them need `--s3-bucket`.
pub(super) fn read(merged: &Merged) -> Result<Option<Bucket>, ConfigError> {
    let (endpoint, region) = (endpoint(merged)?, region(merged)?);
    let prefix = parse_with(merged, "s3-prefix", values::prefix)?;
    let Some(name) = parse_with(merged, "s3-bucket", name)? else {
        let lonely =
            ["s3-endpoint", "s3-region", "s3-prefix"].into_iter().find(|name| merged.get(name).is_some());
        return match lonely {
            Some(setting) => {
                Err(ConfigError::Conflict(format!("--{setting} needs a bucket. Set --s3-bucket too.")))
            }
            None => Ok(None),
        };
    };
    Ok(Some(Bucket { name, endpoint, region, prefix: prefix.unwrap_or_default() }))
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.name)?;
        if !self.prefix.is_empty() {
            write!(f, "/{}", self.prefix)?;
        }
        match &self.endpoint {
            Some(endpoint) => write!(f, " at {}", endpoint.as_str().trim_end_matches('/')),
            None => Ok(()),
        }
    }
}
