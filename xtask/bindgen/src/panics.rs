//! Panics without their texts. A panic ends the page's library whatever it says, and nobody reads it: the worker tells the page of
//! a defect and is ended. What makes the texts is a tenth of the module, so that the functions that begin a panic, and those that
//! describe values for one, trap at once instead.

use anyhow::{Context, Result, bail};
use std::path::Path;
use walrus::{FunctionBuilder, FunctionId, FunctionKind, Module};

/// Functions that only a panic calls, by their paths.
const BEGIN: [&str; 7] = [
    "core::panicking::",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::result::unwrap_failed",
    "core::str::slice_error_fail",
    "core::slice::index::slice_index_fail",
    "alloc::raw_vec::handle_error",
];
/// `{:?}`, of which the library shows nothing.
const DESCRIBE: &str = "::fmt::Debug>::fmt";
/// Fewer mean that the compiler calls them otherwise, and the texts are back.
const AT_LEAST: usize = 30;

/// The module, with those functions trapping.
pub(crate) fn silence(module: &Path) -> Result<Vec<u8>> {
    let mut module =
        Module::from_file(module).with_context(|| format!("cannot read {}", module.display()))?;
    let silenced: Vec<FunctionId> =
        module.funcs.iter_local().map(|(id, _)| id).filter(|id| is_of_panic(&module, *id)).collect();
    if silenced.len() < AT_LEAST {
        bail!("of the functions of a panic there are only {}: look at their names", silenced.len());
    }
    for id in silenced {
        trap(&mut module, id);
    }
    Ok(module.emit_wasm())
}

fn is_of_panic(module: &Module, id: FunctionId) -> bool {
    let Some(name) = module.funcs.get(id).name.as_deref() else { return false };
    // Without the crates' hashes.
    let name = format!("{:#}", rustc_demangle::demangle(name));
    BEGIN.iter().any(|begin| name.starts_with(begin)) || name.contains(DESCRIBE)
}

fn trap(module: &mut Module, id: FunctionId) {
    let kind = module.types.get(module.funcs.get(id).ty());
    let (parameters, results) = (kind.params().to_vec(), kind.results().to_vec());
    let mut builder = FunctionBuilder::new(&mut module.types, &parameters, &results);
    builder.func_body().unreachable();
    let locals = parameters.iter().map(|parameter| module.locals.add(*parameter)).collect();
    module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(locals));
}
