//! Logs with an allow-list of fields, and metrics.

pub mod logs;
pub mod metrics;
