//! Which bucket the vault is kept in, if in one.

use super::{ConfigError, Merged, parse_with, required, values};
use std::fmt;
use url::Url;

/// A bucket of S3. Credentials are no settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Where it is, if not at AWS.
    pub endpoint: Option<Url>,
    /// Its region, where the operator said so.
    pub region: Option<String>,
    /// What the vault's names begin with in it, without `/` at its ends; empty for nothing.
    pub prefix: String,
}

/// What a command needs of the settings that names its stores itself.
#[derive(Clone, Debug)]
pub struct StoreAccess {
    /// Where buckets are, if not at AWS.
    pub endpoint: Option<Url>,
    /// Their region, where the operator said so.
    pub region: Option<String>,
    /// Disk space to leave free, in bytes.
    pub reserve: u64,
}

impl StoreAccess {
    /// Reads these settings alone; the others may be missing or wrong.
    ///
    /// # Errors
    /// With the setting and what would be right.
    pub fn read(merged: &Merged) -> Result<Self, ConfigError> {
        Ok(Self {
            endpoint: endpoint(merged)?,
            region: region(merged)?,
            reserve: required(merged, "reserve", values::size)?,
        })
    }

    /// The bucket `s3://NAME/PREFIX`, of which this is what comes after the slashes.
    ///
    /// # Errors
    /// With what would be right.
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
    values::word(text, "bucket", "my-vault")
}

/// Reads the settings of a bucket, all of which want its name.
pub(super) fn read(merged: &Merged) -> Result<Option<Bucket>, ConfigError> {
    let (endpoint, region) = (endpoint(merged)?, region(merged)?);
    let prefix = parse_with(merged, "s3-prefix", values::prefix)?;
    let Some(name) = parse_with(merged, "s3-bucket", name)? else {
        let lonely =
            ["s3-endpoint", "s3-region", "s3-prefix"].into_iter().find(|name| merged.get(name).is_some());
        return match lonely {
            Some(setting) => {
                Err(ConfigError::Conflict(format!("--{setting} is about a bucket; give --s3-bucket too")))
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
