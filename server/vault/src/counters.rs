//! Names of what the operations count. Labels hold purposes and outcomes only.

/// OPRF evaluations that were charged to a guess budget, by `purpose`.
pub const CHARGES: &str = "rootcellar_guess_charges_total";
/// OPRF evaluations that a spent guess budget refused, by `purpose`.
pub const REFUSALS: &str = "rootcellar_guess_refusals_total";
/// Starts that were answered again without a charge, by `purpose`.
pub const REPEATED_STARTS: &str = "rootcellar_guess_repeats_total";
/// Charges that a login took back, by `purpose`.
pub const REFUNDS: &str = "rootcellar_guess_refunds_total";
/// Snapshots that a save removed because their period was over.
pub const EXPIRED: &str = "rootcellar_snapshots_expired_total";
/// Snapshots that a save removed earlier, because the share of their author, `author`, was used up.
pub const THINNED: &str = "rootcellar_snapshots_thinned_total";
/// Saves by devices that were refused because the device's share was used up.
pub const OVER_QUOTA: &str = "rootcellar_saves_over_quota_total";
/// How much there is of what clients compete for, by `limit`.
pub const LIMIT: &str = "rootcellar_limit";
/// How much of that is in use, by `limit`.
pub const LIMIT_USED: &str = "rootcellar_limit_used";
/// What was refused because a limit was reached, by `limit` and `reason`: a client network's share, or the whole.
pub const LIMIT_REFUSALS: &str = "rootcellar_limit_refusals_total";
