//! What the outside sees of a running server: logs with an allow-list of fields, and metrics.

pub mod logs;
pub mod metrics;
