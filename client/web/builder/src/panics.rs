//! Panics without their texts. A panic ends the page's library whatever it says, and nobody reads it: the worker tells the page of
//! a defect and is ended. What makes the texts is a tenth of the module, so that the functions that begin a panic, and those that
//! describe values for one, trap at once instead.

use anyhow::{Context, Result, bail};
use std::path::Path;
use walrus::ir::{Visitor, dfs_in_order};
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

/// The module, with those functions trapping.
pub(crate) fn silence(module: &Path) -> Result<Vec<u8>> {
    let mut module =
        Module::from_file(module).with_context(|| format!("cannot read {}", module.display()))?;
    let named = named(&module);
    for path in BEGIN.iter().chain([&DESCRIBE]) {
        if !named.iter().any(|(_, name)| is_of(path, name)) {
            bail!("no function is of '{path}': the compiler names the functions of a panic otherwise by now");
        }
    }
    trap_all(&mut module, &named)?;
    Ok(module.emit_wasm())
}

/// The module's own functions, by their paths without the crates' hashes.
fn named(module: &Module) -> Vec<(FunctionId, String)> {
    let named = module.funcs.iter_local().map(|(id, _)| {
        let name = module.funcs.get(id).name.as_deref().unwrap_or_default();
        (id, format!("{:#}", rustc_demangle::demangle(name)))
    });
    named.collect()
}

fn is_of(path: &str, name: &str) -> bool {
    if path == DESCRIBE { name.contains(path) } else { name.starts_with(path) }
}

/// Has them trap.
fn trap_all(module: &mut Module, named: &[(FunctionId, String)]) -> Result<()> {
    let begins = |name: &str| BEGIN.iter().any(|path| is_of(path, name));
    let describes = |name: &str| is_of(DESCRIBE, name);
    let (of_panic, others): (Vec<_>, Vec<_>) =
        named.iter().partition(|(_, name)| begins(name) || describes(name));
    // The compiler keeps one of several functions that are alike, under one name.
    for (caller, by) in others {
        let called = called_by(module, *caller);
        let called = of_panic.iter().find(|(id, name)| !begins(name) && called.contains(id));
        if let Some((_, name)) = called {
            bail!("'{by}', which is of no panic, calls '{name}', which is to trap");
        }
    }
    of_panic.into_iter().for_each(|(id, _)| trap(module, *id));
    Ok(())
}

/// The functions that are called by name in this one; not those that it gets at by a table.
fn called_by(module: &Module, id: FunctionId) -> Vec<FunctionId> {
    #[derive(Default)]
    struct Called(Vec<FunctionId>);
    impl Visitor<'_> for Called {
        fn visit_function_id(&mut self, function: &FunctionId) {
            self.0.push(*function);
        }
    }
    let (mut called, function) = (Called::default(), module.funcs.get(id).kind.unwrap_local());
    dfs_in_order(&mut called, function, function.entry_block());
    called.0
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

    const OF_PANIC: [&str; 3] = [
        "_ZN4core9panicking9panic_fmt17h0123456789abcdefE",
        "_ZN4core6option13expect_failed17h0123456789abcdefE",
        "_ZN42_$LT$$RF$T$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE",
    ];

    fn add(module: &mut Module, name: &str, calls: Option<FunctionId>) -> FunctionId {
        let mut builder = FunctionBuilder::new(&mut module.types, &[ValType::I32], &[ValType::I32]);
        let mut body = builder.name(name.to_owned()).func_body();
        body.i32_const(7);
        if let Some(id) = calls {
            body.call(id);
        }
        let parameter = module.locals.add(ValType::I32);
        builder.finish(vec![parameter], &mut module.funcs)
    }

    fn traps(module: &Module, id: FunctionId) -> bool {
        let function = module.funcs.get(id).kind.unwrap_local();
        let (first, _) = function.block(function.entry_block()).instrs.first().expect("one");
        matches!(first, Instr::Unreachable(_))
    }

    #[test]
    fn only_what_a_panic_calls_traps() {
        let mut module = Module::default();
        let of_panic = OF_PANIC.map(|name| add(&mut module, name, None));
        let others = [
            "_ZN44_$LT$$RF$T$u20$as$u20$core..fmt..Display$GT$3fmt17h0123456789abcdefE",
            "_ZN3std9panicking11panic_count8increase17h0123456789abcdefE",
            "main",
        ]
        .map(|name| add(&mut module, name, None));
        let begins = add(
            &mut module,
            "_ZN4core6option15Option$LT$T$GT$6expect17h0123456789abcdefE",
            Some(of_panic[1]),
        );
        let named = named(&module);
        trap_all(&mut module, &named).expect("nothing else is described");
        assert!(of_panic.into_iter().all(|id| traps(&module, id)));
        assert!(!others.into_iter().any(|id| traps(&module, id)) && !traps(&module, begins));
    }

    #[test]
    fn what_is_described_for_something_else_does_not_trap_unnoticed() {
        let mut module = Module::default();
        let describes = add(&mut module, OF_PANIC[2], None);
        add(&mut module, "_ZN4core9panicking9panic_fmt17h0123456789abcdefE", Some(describes));
        let of_panic = named(&module);
        trap_all(&mut module, &of_panic).expect("by a panic");

        let mut module = Module::default();
        let describes = add(&mut module, OF_PANIC[2], None);
        add(&mut module, "main", Some(describes));
        let named = named(&module);
        let refused = trap_all(&mut module, &named).expect_err("by something else");
        assert!(refused.to_string().starts_with("'main'"), "{refused}");
        assert!(!traps(&module, describes));
    }
}
