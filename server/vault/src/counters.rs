//! Names of the operations' metrics. Labels contain only purposes and outcomes.

/// OPRF evaluations charged to a guess budget, by `purpose`.
pub const CHARGES: &str = "rootcellar_guess_charges_total";
/// OPRF evaluations refused by a spent guess budget, by `purpose`.
pub const REFUSALS: &str = "rootcellar_guess_refusals_total";
/// Repeated first requests, without a charge, by `purpose`.
pub const REPEATED_STARTS: &str = "rootcellar_guess_repeats_total";
/// Refunded charges, by `purpose`.
pub const REFUNDS: &str = "rootcellar_guess_refunds_total";
/// Snapshots removed by a save at the end of their retention period.
pub const EXPIRED: &str = "rootcellar_snapshots_expired_total";
/// Snapshots removed by a save because the share of their author was full, by `author`.
pub const THINNED: &str = "rootcellar_snapshots_thinned_total";
/// Saves refused because the share of the device was full.
pub const OVER_QUOTA: &str = "rootcellar_saves_over_quota_total";
/// Size of a resource that clients share, by `limit`.
pub const LIMIT: &str = "rootcellar_limit";
/// Amount of a shared resource in use, by `limit`.
pub const LIMIT_USED: &str = "rootcellar_limit_used";
/// Refusals because of a limit, by `limit` and `reason`: the share of a client network, or the
/// total.
pub const LIMIT_REFUSALS: &str = "rootcellar_limit_refusals_total";
