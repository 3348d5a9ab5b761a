//! The routes of protocol.md section 15.

use crate::handlers::{
    account, devices, history, login, pairing, passphrase, recovery, recovery_code, registration, rekey,
    snapshots, vault,
};
use crate::middleware;
use crate::state::AppState;
use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::Method;
use rootcellar_spec::wire::paths;

/// Method, path and handler.
type Route = (Method, &'static str, MethodRouter<AppState>);

/// Every `/v1` route. Whoever merges it adds what stands around them all: limits, request ids, logs.
pub fn api(state: AppState) -> Router {
    let owner = from_fn_with_state(state.clone(), middleware::refuse_another);
    let routes = routes().into_iter().fold(Router::new(), |all, (_, path, handler)| all.route(path, handler));
    routes
        .method_not_allowed_fallback(vault::method_not_allowed)
        .fallback(vault::not_found)
        .layer(owner)
        .with_state(state)
}

/// What there is. `spec/openapi.json` describes exactly these, and those of [`crate::serve`] about health.
fn routes() -> [Route; 23] {
    [
        route(Method::GET, paths::VAULT, vault::show),
        route(Method::POST, paths::LOGIN_START, login::start),
        route(Method::POST, paths::LOGIN_FINISH, login::finish),
        route(Method::POST, paths::RECOVERY, recovery::login),
        route(Method::POST, paths::REGISTRATION_START, registration::start),
        route(Method::POST, paths::REGISTRATION_FINISH, registration::finish),
        route(Method::GET, paths::ACCOUNT, account::show),
        route(Method::POST, paths::DELETE, account::delete),
        route(Method::GET, paths::HISTORY, history::show),
        route(Method::GET, paths::HEAD, snapshots::head),
        route(Method::GET, paths::SNAPSHOT, snapshots::show),
        route(Method::PUT, paths::SNAPSHOT, snapshots::save),
        route(Method::GET, paths::DEVICE, devices::show),
        route(Method::POST, paths::RESTORE, devices::restore),
        route(Method::GET, paths::DEVICES, devices::list),
        route(Method::POST, paths::DEVICES, devices::change),
        route(Method::POST, paths::PAIRINGS, pairing::open),
        route(Method::POST, paths::PAIRING, pairing::read),
        route(Method::POST, paths::PAIRING_REPLY, pairing::reply),
        route(Method::POST, paths::PASSPHRASE_START, passphrase::start),
        route(Method::POST, paths::PASSPHRASE_FINISH, passphrase::finish),
        route(Method::POST, paths::RECOVERY_CODE, recovery_code::replace),
        route(Method::POST, paths::REKEY, rekey::rekey),
    ]
}

fn route<H: Handler<T, AppState>, T: 'static>(method: Method, path: &'static str, handler: H) -> Route {
    let filter = MethodFilter::try_from(method.clone()).expect("the methods above are common ones");
    (method, path, on(filter, handler))
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
        let api = routes().map(|(method, path, _)| (method.as_str().to_lowercase(), path.to_owned()));
        let health = health::listed().map(|(path, _)| ("get".to_owned(), path.to_owned()));
        assert_eq!(described(), api.into_iter().chain(health).collect());
    }
}
