//! What shows only with a bucket behind the vault: several servers on one, faults between vault and bucket, and how many
//! requests reach it. Left out where no S3 server is there (`ROOTCELLAR_TEST_S3`, see README.md).

#![allow(clippy::panic, reason = "a test fails by a panic")]

mod killed_client;
mod replicas;
mod requests;
mod store_faults;
mod story;
mod vault;
