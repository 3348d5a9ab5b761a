//! Prometheus metrics: the names, and the recorder of the `metrics` macros. Labels have only routes, outcomes and names of
//! limits: nothing about an account.

use metrics::{describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use rootcellar_vault::counters::{
    CHARGES, EXPIRED, LIMIT, LIMIT_REFUSALS, LIMIT_USED, OVER_QUOTA, REFUNDS, REFUSALS, REPEATED_STARTS,
    THINNED,
};

/// Completed requests, by `method`, `route` and `status`.
pub const REQUESTS: &str = "rootcellar_requests_total";
/// Seconds from the headers of a request to those of its response, by `route`.
pub const REQUEST_SECONDS: &str = "rootcellar_request_seconds";
/// Requests in progress.
pub const IN_FLIGHT: &str = "rootcellar_requests_in_flight";
/// Requests to the store, by `operation` and `outcome`.
pub const STORE_CALLS: &str = "rootcellar_store_calls_total";
/// Seconds of a request to the store, by `operation`.
pub const STORE_SECONDS: &str = "rootcellar_store_call_seconds";
/// Objects removed by background sweeps, by `kind`.
pub const SWEPT: &str = "rootcellar_swept_objects_total";
/// Duration of the last background sweep, in seconds.
pub const SWEEP_SECONDS: &str = "rootcellar_sweep_duration_seconds";
/// Time of the last complete background sweep, in seconds since the Unix epoch.
pub const SWEEP_SUCCESS: &str = "rootcellar_sweep_last_success_timestamp_seconds";

/// Upper bounds of the histograms' buckets, in seconds.
const SECONDS: &[f64] = &[0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

/// Starts recording, and returns the handle that renders the metrics.
///
/// # Errors
/// If this process already has a recorder.
pub fn start() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)?
        .install_recorder()?;
    describe_counter!(REQUESTS, "Completed requests");
    describe_histogram!(REQUEST_SECONDS, "Seconds from the headers of a request to those of its response");
    describe_gauge!(IN_FLIGHT, "Requests in progress");
    describe_gauge!(LIMIT, "Size of a resource that clients share");
    describe_gauge!(LIMIT_USED, "Amount of a shared resource in use");
    describe_counter!(LIMIT_REFUSALS, "Refusals because a limit was reached");
    describe_counter!(STORE_CALLS, "Requests to the store");
    describe_histogram!(STORE_SECONDS, "Seconds of a request to the store");
    describe_counter!(CHARGES, "OPRF evaluations charged to a guess budget");
    describe_counter!(REFUSALS, "OPRF evaluations refused by a spent guess budget");
    describe_counter!(REPEATED_STARTS, "Repeated first requests of a login, without a charge");
    describe_counter!(REFUNDS, "Refunded charges");
    describe_counter!(EXPIRED, "Snapshots removed at the end of their retention period");
    describe_counter!(THINNED, "Snapshots removed because the share of their author was full");
    describe_counter!(OVER_QUOTA, "Saves refused because the share of a device was full");
    describe_counter!(SWEPT, "Objects removed by a sweep");
    describe_gauge!(SWEEP_SECONDS, "Duration of the last sweep in seconds");
    describe_gauge!(SWEEP_SUCCESS, "Time of the last complete sweep, in seconds since the Unix epoch");
    Ok(handle)
}
