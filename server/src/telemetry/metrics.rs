//! Prometheus metrics: names, and the recorder behind the `metrics` macros. Labels hold routes and outcomes only.

use metrics::{describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use rootcellar_vault::counters::{
    CHARGES, EXPIRED, LIMIT, LIMIT_REFUSALS, LIMIT_USED, OVER_QUOTA, REFUNDS, REFUSALS, REPEATED_STARTS,
    THINNED,
};

/// Answered requests, by `method`, `route` and `status`.
pub const REQUESTS: &str = "rootcellar_requests_total";
/// Seconds from a request's headers to its answer's, by `route`.
pub const REQUEST_SECONDS: &str = "rootcellar_request_seconds";
/// Requests being worked on.
pub const IN_FLIGHT: &str = "rootcellar_requests_in_flight";
/// Calls of the store, by `operation` and `outcome`.
pub const STORE_CALLS: &str = "rootcellar_store_calls_total";
/// Seconds of a call of the store, by `operation`.
pub const STORE_SECONDS: &str = "rootcellar_store_call_seconds";
/// Objects that a sweep in the background removed, by `kind`.
pub const SWEPT: &str = "rootcellar_swept_objects_total";
/// How long the last sweep in the background took, in seconds.
pub const SWEEP_SECONDS: &str = "rootcellar_sweep_duration_seconds";
/// When a sweep in the background last came to its end, in seconds since the Unix epoch.
pub const SWEEP_SUCCESS: &str = "rootcellar_sweep_last_success_timestamp_seconds";

/// Bounds of the time buckets, in seconds.
const SECONDS: &[f64] = &[0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

/// Records metrics from now on, and returns what renders them.
///
/// # Errors
/// When a recorder runs in this process already.
pub fn start() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)?
        .install_recorder()?;
    describe_counter!(REQUESTS, "Answered requests");
    describe_histogram!(REQUEST_SECONDS, "Seconds from a request's headers to its answer's");
    describe_gauge!(IN_FLIGHT, "Requests being worked on");
    describe_gauge!(LIMIT, "How much there is of what clients compete for");
    describe_gauge!(LIMIT_USED, "How much of that is in use");
    describe_counter!(LIMIT_REFUSALS, "What was refused because a limit was reached");
    describe_counter!(STORE_CALLS, "Calls of the store");
    describe_histogram!(STORE_SECONDS, "Seconds of a call of the store");
    describe_counter!(CHARGES, "OPRF evaluations charged to a guess budget");
    describe_counter!(REFUSALS, "OPRF evaluations refused by a spent guess budget");
    describe_counter!(REPEATED_STARTS, "Starts answered again without a charge");
    describe_counter!(REFUNDS, "Charges that were taken back");
    describe_counter!(EXPIRED, "Snapshots removed because their period was over");
    describe_counter!(THINNED, "Snapshots removed because their author's share was used up");
    describe_counter!(OVER_QUOTA, "Saves refused because a device's share was used up");
    describe_counter!(SWEPT, "Objects that a sweep removed");
    describe_gauge!(SWEEP_SECONDS, "Seconds that the last sweep took");
    describe_gauge!(SWEEP_SUCCESS, "When a sweep last came to its end");
    Ok(handle)
}
