//! A bucket of S3 as the store of a vault.
