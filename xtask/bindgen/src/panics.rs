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
    let silenced = trap_all(&mut module);
    if silenced < AT_LEAST {
        bail!("of the functions of a panic there are only {silenced}: look at their names");
    }
    Ok(module.emit_wasm())
}

/// Has them trap; says how many there are.
fn trap_all(module: &mut Module) -> usize {
    let of_panic: Vec<FunctionId> =
        module.funcs.iter_local().map(|(id, _)| id).filter(|id| is_of_panic(module, *id)).collect();
    for id in &of_panic {
        trap(module, *id);
    }
    of_panic.len()
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

#[cfg(test)]
mod tests {
    use super::*;
    use walrus::ValType;
    use walrus::ir::Instr;

    #[test]
    fn only_what_a_panic_calls_traps() {
        let mut module = Module::default();
        let mut add = |name: &str| {
            let mut builder = FunctionBuilder::new(&mut module.types, &[ValType::I32], &[ValType::I32]);
            builder.name(name.to_owned()).func_body().i32_const(7);
            let parameter = module.locals.add(ValType::I32);
            builder.finish(vec![parameter], &mut module.funcs)
        };
        let of_panic = [
            "_ZN4core9panicking9panic_fmt17h0123456789abcdefE",
            "_ZN4core6option13expect_failed17h0123456789abcdefE",
            "_ZN42_$LT$$RF$T$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE",
        ]
        .map(&mut add);
        let others = [
            "_ZN44_$LT$$RF$T$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE",
            "_ZN3std9panicking11panic_count8increase17h0123456789abcdefE",
            "_ZN4core6option15Option$LT$T$GT$6expect17h0123456789abcdefE",
            "main",
        ]
        .map(&mut add);
        assert_eq!(trap_all(&mut module), of_panic.len());
        let traps = |id| {
            let function = module.funcs.get(id).kind.unwrap_local();
            let (first, _) = function.block(function.entry_block()).instrs.first().expect("one");
            matches!(first, Instr::Unreachable(_))
        };
        assert!(of_panic.into_iter().all(traps));
        assert!(!others.into_iter().any(traps));
    }
}
