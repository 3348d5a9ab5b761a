//! Nothing but a manifest: the features of third-party crates that some package of the workspace turns on, all at once.
//!
//! Cargo compiles a crate once for each set of features, and each set of packages has its own. `cargo xtask` selects this package
//! along with whatever it builds, so that the demo, the programs, the bindings and the tests share every third-party crate.
//! Nothing depends on it, and a build without `cargo xtask` does not have it. `cargo xtask check --quick` says what to add here.
