//! One file a resource: from request to domain and back.

pub mod vault;
