//! The library as WebAssembly: compiled without a trace of where, bound to JavaScript, and made small.

use super::{Places, bind, node};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_tools::process;

const TARGET: &str = "wasm32-unknown-unknown";
/// Its folder holds what is built on the way, and must not be the page's.
const PROFILE: &str = "page-library";
const NAME: &str = "rootcellar_web";
/// What every browser of the last years has, and rustc assumes; named, so that the optimiser uses no more.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// No inlining: what it saves in bytes, it costs twice when they are compressed.
const SMALLER: [&str; 11] = [
    "--strip-debug",
    "--strip-producers",
    "-O2",
    "--shrink-level",
    "1",
    "--always-inline-max-function-size",
    "0",
    "--flexible-inline-max-function-size",
    "0",
    "--one-caller-inline-max-function-size",
    "0",
];

/// Builds the library; its bindings go among the page's sources. Returns the module.
pub(super) fn build(places: &Places) -> Result<PathBuf> {
    process::run(&mut compile(places)?)?;
    let compiled = places.target.join(TARGET).join(PROFILE).join(format!("{NAME}.wasm"));
    let bound = places.parts().join("bound");
    bind::bind(&compiled, &bound)?;
    keep_bindings(&bound, &places.page().join("src/worker/wasm"))?;
    let small = places.parts().join("core.wasm");
    process::run(
        node(&places.page())
            .arg("node_modules/binaryen/bin/wasm-opt")
            .args(SMALLER)
            .args(FEATURES)
            .arg(bound.join(format!("{NAME}_bg.wasm")))
            .arg("-o")
            .arg(&small),
    )?;
    Ok(small)
}

/// The compiler's version, as `rustc --version` says it.
pub(super) fn compiler(places: &Places) -> Result<String> {
    let version = process::read(Command::new("rustc").arg("--version").current_dir(&places.root))?;
    let version = version.trim().strip_prefix("rustc ").context("rustc says its version otherwise")?;
    Ok(version.to_owned())
}

/// Cargo, with every path that would end up in the module replaced.
fn compile(places: &Places) -> Result<Command> {
    let sysroot =
        process::read(Command::new("rustc").args(["--print", "sysroot"]).current_dir(&places.root))?;
    let cargo_home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo_home = cargo_home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let cargo_home = cargo_home.context("there is no home folder, and CARGO_HOME is not set")?;
    let mut flags = Vec::new();
    for registry in registries(&cargo_home) {
        flags.push(remap(&registry, ""));
    }
    flags.push(remap(&Path::new(sysroot.trim()).join("lib/rustlib/src/rust"), "rust"));
    flags.push(remap(&places.root, ""));
    // Rounds of SHA-2 in a loop instead of one after the other: half the size.
    flags.extend(["--cfg".to_owned(), "sha2_backend_soft=\"compact\"".to_owned()]);
    let mut command =
        process::cargo(["build", "--locked", "--lib", "-p", "rootcellar-web", "--target", TARGET]);
    // A profile of the person's own would be another page.
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_PROFILE_"))
    {
        command.env_remove(name);
    }
    command
        .args(["--profile", PROFILE])
        .current_dir(&places.root)
        .env("CARGO_TARGET_DIR", &places.target)
        .env_remove("RUSTC")
        .env_remove("RUSTC_WRAPPER")
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    Ok(command)
}

/// The folders of fetched crates; their names depend on the registry's address.
fn registries(cargo_home: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(cargo_home.join("registry/src")).into_iter().flatten();
    let mut folders: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    folders.sort();
    folders
}

fn remap(from: &Path, to: &str) -> String {
    format!("--remap-path-prefix={}={to}", from.display())
}

/// Puts the glue and its types among the page's sources. The types leave out the module's inside, whose names change with
/// every build.
fn keep_bindings(bound: &Path, sources: &Path) -> Result<()> {
    let read =
        |name: &str| std::fs::read_to_string(bound.join(name)).with_context(|| format!("there is no {name}"));
    let types = read(&format!("{NAME}.d.ts"))?;
    let (exports, _) =
        types.split_once("export type InitInput").context("the bindings' types have another form")?;
    let types = format!(
        "{}\n\nexport default function initialise(module: {{ module_or_path: Promise<Response> }}): Promise<unknown>;\n",
        exports.trim_end()
    );
    std::fs::create_dir_all(sources)?;
    std::fs::write(sources.join(format!("{NAME}.d.ts")), types)?;
    std::fs::write(sources.join(format!("{NAME}.js")), read(&format!("{NAME}.js"))?)?;
    Ok(())
}
