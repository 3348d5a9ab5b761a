//! The location of the vault's objects.

use rootcellar_store::Key;
use std::fmt;
use url::Url;

/// A bucket or a part of it. The credentials come from the SDK's default chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Settings {
    /// The name of the bucket.
    pub bucket: String,
    /// The URL of the S3 service. `None` for AWS. With an endpoint, the bucket's name is in the
    /// path.
    pub endpoint: Option<Url>,
    /// `None` for the environment's region, or `us-east-1` with an endpoint.
    pub region: Option<String>,
    /// Prefix of all names in the bucket, without `/` at its ends. Empty if there is none.
    pub prefix: String,
}

impl S3Settings {
    /// The name in the bucket for the vault's `name`.
    pub(crate) fn name(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}/{name}", self.prefix) }
    }

    /// The vault's name for a name in the bucket. `None` if it is not the vault's.
    pub(crate) fn key(&self, name: &str) -> Option<Key> {
        let own = match self.prefix.as_str() {
            "" => name,
            prefix => name.strip_prefix(prefix)?.strip_prefix('/')?,
        };
        Key::parse(own)
    }
}

impl fmt::Display for S3Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.bucket)?;
        if !self.prefix.is_empty() {
            write!(f, "/{}", self.prefix)?;
        }
        match &self.endpoint {
            Some(endpoint) => write!(f, " at {}", endpoint.as_str().trim_end_matches('/')),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(prefix: &str) -> S3Settings {
        S3Settings { bucket: "b".to_owned(), endpoint: None, region: None, prefix: prefix.to_owned() }
    }

    #[test]
    fn names_go_into_the_prefix_and_come_back() {
        for (prefix, name) in [("", "vault"), ("p", "p/vault"), ("p/q", "p/q/vault")] {
            assert_eq!(settings(prefix).name("vault"), name);
            assert_eq!(settings(prefix).key(name), Some(Key::new("vault")));
        }
    }

    #[test]
    fn strangers_are_no_objects_of_the_vault() {
        for stranger in ["", "p", "p/", "q/vault", "pvault", "p/Vault", "p/a b", "p/\u{e9}", "p/a.tmp"] {
            assert_eq!(settings("p").key(stranger), None, "{stranger:?}");
        }
    }

    #[test]
    fn it_says_where_it_is() {
        let mut settings = settings("p");
        assert_eq!(settings.to_string(), "s3://b/p");
        settings.endpoint = Some("https://s3.example.org/".parse().expect("a URL"));
        assert_eq!(settings.to_string(), "s3://b/p at https://s3.example.org");
    }
}
