//! Kotlin: the generated source, its tests and the guide are compiled in one run and tested on the Java of this machine.
//!
//! The compiler comes from npm (`client/uniffi/kotlin/package-lock.json`), and brings the library of coroutines; JNA is Debian's.

use crate::places::{folder, fresh, source};
use crate::vault::Vault;
use crate::{guide, python};
use anyhow::{Context, Result, anyhow, bail};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_tools::process;
use xtask_tools::workspace::files;

/// Debian's `libjna-java`.
const JNA: &str = "/usr/share/java/jna.jar";
/// The compiler's main class.
const COMPILER: &str = "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler";
/// A compiler that runs once is done before the better of the two code generators has paid off.
const ONCE: [&str; 3] = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx1500m"];
/// Of the compiler's folder, what it needs itself.
const OWN: [&str; 7] = [
    "kotlin-compiler",
    "kotlin-stdlib",
    "kotlin-script-runtime",
    "kotlin-reflect",
    "kotlin-daemon-client",
    COROUTINES,
    "annotations-13.0",
];
const COROUTINES: &str = "kotlinx-coroutines-core-jvm";

/// Java's arguments that run the wallet of the tests, in the folder of the bindings: for tests of others with it.
const WALLET: &str = "kotlin-compiled/wallet.arguments";

/// What is needed for Kotlin, where it is there.
pub(super) struct Tools {
    jars: PathBuf,
}

impl Tools {
    /// Finds Java, JNA and the compiler; what is missing is an error that says how to get it.
    pub(super) fn find() -> Result<Self> {
        if !process::works(Command::new("java").arg("-version")) {
            bail!("Java is missing: install Debian's openjdk-17-jre-headless");
        }
        if !Path::new(JNA).is_file() {
            bail!("JNA is missing: install Debian's libjna-java");
        }
        let jars = source().join("kotlin/node_modules/kotlin-compiler/lib");
        if !jars.is_dir() {
            bail!("the Kotlin compiler is missing: run 'npm ci' in client/uniffi/kotlin");
        }
        Ok(Self { jars })
    }

    fn class_path(&self, names: &[&str], others: &[&Path]) -> Result<OsString> {
        let jars = names.iter().map(|name| self.jars.join(format!("{name}.jar")));
        std::env::join_paths(jars.chain(others.iter().map(|path| path.to_path_buf())))
            .context("a path holds a colon")
    }

    /// Compiles the generated source with the tests and the guide; gives the JAR.
    pub(super) fn compile(&self, generated: &Path) -> Result<PathBuf> {
        let compiled = fresh("kotlin-compiled")?;
        let guide = compiled.join("Guide.kt");
        std::fs::write(&guide, guide::code("kotlin")?)?;
        let jar = compiled.join("tests.jar");
        let mut compiler = Command::new("java");
        compiler.args(ONCE).arg("-cp").arg(self.class_path(&OWN, &[])?);
        compiler.args([COMPILER, "-no-reflect", "-no-stdlib", "-nowarn", "-jvm-target", "17", "-cp"]);
        compiler.arg(self.class_path(&["kotlin-stdlib", COROUTINES], &[Path::new(JNA)])?);
        compiler.arg("-d").arg(&jar).args(files(generated)?).arg(guide);
        process::run(compiler.args(files(&source().join("kotlin/tests"))?))?;
        let arguments = self.arguments(&jar)?.into_iter().chain(["Wallet".into()]);
        let quoted = arguments.map(|argument: OsString| {
            let text = argument.into_string().map_err(|_| anyhow!("a path is no UTF-8"))?;
            Ok(format!("\"{}\"\n", text.replace('\\', "\\\\").replace('"', "\\\"")))
        });
        std::fs::write(folder().join(WALLET), quoted.collect::<Result<String>>()?)?;
        Ok(jar)
    }

    /// Java's arguments before the class of a program of the JAR.
    fn arguments(&self, jar: &Path) -> Result<[OsString; 3]> {
        let mut library = OsString::from("-Djna.library.path=");
        library.push(folder());
        let class_path = self.class_path(&["kotlin-stdlib", COROUTINES], &[jar, Path::new(JNA)])?;
        Ok([library, "-cp".into(), class_path])
    }

    /// A program of the JAR.
    pub(super) fn program(&self, jar: &Path, class: &str, vault: &Vault) -> Result<Command> {
        let mut java = Command::new("java");
        vault.tell(java.args(self.arguments(jar)?).arg(class));
        Ok(java)
    }
}

/// Runs the tests and the guide.
pub(super) fn check(tools: &Tools, jar: &Path, programs: &Path, full: bool) -> Result<()> {
    for tests in super::chosen(full) {
        let vault = Vault::start(programs)?;
        python::run(tools.program(jar, "MainKt", &vault)?.arg(tests))?;
    }
    let vault = Vault::start(programs)?;
    guide::restores(tools.program(jar, "GuideKt", &vault)?.current_dir(fresh("kotlin-guide")?))
}
