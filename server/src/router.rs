//! The routes of protocol.md section 15.

use crate::admission::Admission;
use crate::config::Limits;
use crate::handlers::{
    account, devices, history, login, pairing, passphrase, recovery, recovery_code, registration, rekey,
    snapshots, vault,
};
use crate::intake::{self, Gate, Intake};
use crate::middleware;
#[cfg(feature = "openapi")]
use crate::openapi;
use crate::state::AppState;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
#[cfg(any(test, feature = "openapi"))]
use http::Method;
use rootcellar_spec::wire::paths;
use std::time::Duration;
#[cfg(feature = "openapi")]
use utoipa::openapi::HttpMethod;

/// A route.
struct Route {
    #[cfg(any(test, feature = "openapi"))]
    method: Method,
    path: &'static str,
    intake: Intake,
    handler: MethodRouter<AppState>,
    #[cfg(feature = "openapi")]
    described: fn() -> openapi::Described,
}

macro_rules! route {
    ($method:ident, $path:ident, $intake:expr, $handler:path, $described:ident) => {
        Route {
            #[cfg(any(test, feature = "openapi"))]
            method: Method::$method,
            path: paths::$path,
            intake: $intake,
            handler: on(MethodFilter::$method, $handler),
            #[cfg(feature = "openapi")]
            described: openapi::$described,
        }
    };
}

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
    let routes = routes().into_iter().fold(Router::new(), |all, Route { path, intake, handler, .. }| {
        let gate = Gate { state: state.clone(), admission: admission.clone(), intake, to_the_end };
        all.route(path, handler.route_layer(from_fn_with_state(gate, intake::receive)))
    });
    routes
        .method_not_allowed_fallback(vault::method_not_allowed)
        .fallback(vault::not_found)
        .layer(owner)
        .with_state(state)
}

/// All routes but the health checks of [`crate::serve`]. `spec/openapi.json` describes exactly these and the health checks.
fn routes() -> [Route; 23] {
    [
        route!(GET, VAULT, Intake::EMPTY, vault::show, show_vault),
        route!(POST, LOGIN_START, Intake::JSON, login::start, start_login),
        route!(POST, LOGIN_FINISH, Intake::JSON.signed().moving_snapshot(), login::finish, finish_login),
        route!(
            POST,
            RECOVERY,
            Intake::JSON.signed_by_recovery_code().moving_snapshot(),
            recovery::login,
            recover
        ),
        route!(POST, REGISTRATION_START, Intake::JSON, registration::start, start_registration),
        route!(POST, REGISTRATION_FINISH, Intake::JSON, registration::finish, finish_registration),
        route!(GET, ACCOUNT, Intake::EMPTY.signed(), account::show, show_account),
        route!(POST, DELETE, Intake::JSON.signed(), account::delete, delete_account),
        route!(GET, HISTORY, Intake::EMPTY.signed(), history::show, show_history),
        route!(GET, HEAD, Intake::EMPTY.signed().moving_snapshot(), snapshots::head, show_head),
        route!(GET, SNAPSHOT, Intake::EMPTY.signed().moving_snapshot(), snapshots::show, show_snapshot),
        route!(PUT, SNAPSHOT, Intake::SNAPSHOT.signed(), snapshots::save, save_snapshot),
        route!(GET, DEVICE, Intake::EMPTY.signed().moving_snapshot(), devices::show, show_device),
        route!(POST, RESTORE, Intake::JSON.signed().moving_snapshot(), devices::restore, restore),
        route!(GET, DEVICES, Intake::EMPTY.signed(), devices::list, show_devices),
        route!(POST, DEVICES, Intake::DEVICES.signed(), devices::change, change_devices),
        route!(POST, PAIRINGS, Intake::JSON.signed(), pairing::open, open_pairing),
        route!(POST, PAIRING, Intake::JSON, pairing::read, read_pairing),
        route!(POST, PAIRING_REPLY, Intake::JSON, pairing::reply, reply_to_pairing),
        route!(POST, PASSPHRASE_START, Intake::JSON.signed(), passphrase::start, start_passphrase_change),
        route!(POST, PASSPHRASE_FINISH, Intake::JSON.signed(), passphrase::finish, finish_passphrase_change),
        route!(POST, RECOVERY_CODE, Intake::JSON.signed(), recovery_code::replace, replace_recovery_code),
        route!(POST, REKEY, Intake::PARTS.signed(), rekey::rekey, rekey),
    ]
}

/// What the description says of each route.
#[cfg(feature = "openapi")]
pub(crate) fn described() -> impl Iterator<Item = openapi::Route> {
    routes().into_iter().map(|route| {
        let method = match route.method {
            Method::GET => HttpMethod::Get,
            Method::PUT => HttpMethod::Put,
            _ => HttpMethod::Post,
        };
        (method, route.path, route.described)
    })
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
        let api = routes().map(|route| (route.method.as_str().to_lowercase(), route.path.to_owned()));
        let health = health::listed().map(|(path, _)| ("get".to_owned(), path.to_owned()));
        assert_eq!(described(), api.into_iter().chain(health).collect());
    }
}
