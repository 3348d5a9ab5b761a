//! The routes of protocol.md section 15.

use crate::admission::Admission;
use crate::config::Limits;
use crate::handlers::{
    account, devices, history, login, pairing, passphrase, recovery, recovery_code, registration, rekey,
    snapshots, vault,
};
use crate::intake::{self, Gate, Intake};
use crate::middleware;
use crate::state::AppState;
use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::Method;
use rootcellar_spec::wire::paths;
use std::time::Duration;

/// Method, path, intake and handler.
type Route = (Method, &'static str, Intake, MethodRouter<AppState>);

/// Every `/v1` route, without limits and without tasks that continue after their request. For
/// tests.
pub fn api(state: AppState) -> Router {
    let none = Limits {
        max_connections: u64::MAX,
        max_handshakes: u64::MAX,
        max_in_flight: u64::MAX,
        request_memory: u64::MAX,
        rate_per_address: 0,
        starts_per_address: 0,
        request_timeout: Duration::from_secs(60),
    };
    gated(state, &Admission::new(&none), false)
}

/// Every `/v1` route. The caller adds the middleware: rate limits, request IDs, logs.
pub fn api_within(state: AppState, admission: &Admission) -> Router {
    gated(state, admission, true)
}

fn gated(state: AppState, admission: &Admission, to_the_end: bool) -> Router {
    let owner = from_fn_with_state(state.clone(), middleware::refuse_another);
    let routes = routes().into_iter().fold(Router::new(), |all, (_, path, intake, handler)| {
        let gate = Gate { state: state.clone(), admission: admission.clone(), intake, to_the_end };
        all.route(path, handler.route_layer(from_fn_with_state(gate, intake::receive)))
    });
    routes
        .method_not_allowed_fallback(vault::method_not_allowed)
        .fallback(vault::not_found)
        .layer(owner)
        .with_state(state)
}

/// All routes.
/// `spec/openapi.json` describes exactly these and the health checks of [`crate::serve`].
fn routes() -> [Route; 23] {
    [
        route(Method::GET, paths::VAULT, Intake::EMPTY, vault::show),
        route(Method::POST, paths::LOGIN_START, Intake::JSON, login::start),
        route(Method::POST, paths::LOGIN_FINISH, Intake::JSON.signed().moving_snapshot(), login::finish),
        route(
            Method::POST,
            paths::RECOVERY,
            Intake::JSON.signed_by_recovery_code().moving_snapshot(),
            recovery::login,
        ),
        route(Method::POST, paths::REGISTRATION_START, Intake::JSON, registration::start),
        route(Method::POST, paths::REGISTRATION_FINISH, Intake::JSON, registration::finish),
        route(Method::GET, paths::ACCOUNT, Intake::EMPTY.signed(), account::show),
        route(Method::POST, paths::DELETE, Intake::JSON.signed(), account::delete),
        route(Method::GET, paths::HISTORY, Intake::EMPTY.signed(), history::show),
        route(Method::GET, paths::HEAD, Intake::EMPTY.signed().moving_snapshot(), snapshots::head),
        route(Method::GET, paths::SNAPSHOT, Intake::EMPTY.signed().moving_snapshot(), snapshots::show),
        route(Method::PUT, paths::SNAPSHOT, Intake::SNAPSHOT.signed(), snapshots::save),
        route(Method::GET, paths::DEVICE, Intake::EMPTY.signed().moving_snapshot(), devices::show),
        route(Method::POST, paths::RESTORE, Intake::JSON.signed().moving_snapshot(), devices::restore),
        route(Method::GET, paths::DEVICES, Intake::EMPTY.signed(), devices::list),
        route(Method::POST, paths::DEVICES, Intake::DEVICES.signed(), devices::change),
        route(Method::POST, paths::PAIRINGS, Intake::JSON.signed(), pairing::open),
        route(Method::POST, paths::PAIRING, Intake::JSON, pairing::read),
        route(Method::POST, paths::PAIRING_REPLY, Intake::JSON, pairing::reply),
        route(Method::POST, paths::PASSPHRASE_START, Intake::JSON.signed(), passphrase::start),
        route(Method::POST, paths::PASSPHRASE_FINISH, Intake::JSON.signed(), passphrase::finish),
        route(Method::POST, paths::RECOVERY_CODE, Intake::JSON.signed(), recovery_code::replace),
        route(Method::POST, paths::REKEY, Intake::PARTS.signed(), rekey::rekey),
    ]
}

fn route<H: Handler<T, AppState>, T: 'static>(
    method: Method,
    path: &'static str,
    intake: Intake,
    handler: H,
) -> Route {
    let filter = MethodFilter::try_from(method.clone()).expect("the methods above are common ones");
    (method, path, intake, on(filter, handler))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::health;
    use serde_json::Value;
    use std::collections::BTreeSet;

    /// Method, in lower case, and path of each operation of the description.
    fn described() -> BTreeSet<(String, String)> {
        let document: Value =
            serde_json::from_str(include_str!("../../spec/openapi.json")).expect("the description is JSON");
        let paths = document["paths"].as_object().expect("paths");
        let of_path = |(path, item): (&String, &Value)| {
            let methods = item.as_object().expect("an object").keys();
            methods.map(|method| (method.clone(), path.clone())).collect::<Vec<_>>()
        };
        paths.iter().flat_map(of_path).collect()
    }

    #[test]
    fn the_description_has_every_route_and_no_other() {
        let api = routes().map(|(method, path, ..)| (method.as_str().to_lowercase(), path.to_owned()));
        let health = health::listed().map(|(path, _)| ("get".to_owned(), path.to_owned()));
        assert_eq!(described(), api.into_iter().chain(health).collect());
    }
}
