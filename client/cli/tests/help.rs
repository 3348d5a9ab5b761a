//! The help texts, word for word, and what goes wrong before any vault is asked. `UPDATE_EXPECTED=1` rewrites the texts. The global
//! options are in the text of the program alone; that each command has them is checked.

use assert_cmd::Command;
use std::fs;
use std::path::Path;

const COMMANDS: &[&str] = &[
    "",
    "register",
    "add",
    "list",
    "show",
    "remove",
    "status",
    "restore",
    "recover",
    "login",
    "devices",
    "devices approve",
    "devices list",
    "devices pair",
    "devices permit",
    "devices revoke",
    "devices forget",
    "history",
    "passphrase",
    "recovery-code",
    "recovery-code new",
    "rekey",
    "delete-account",
    "completions",
    "man",
];

fn rootcellar() -> Command {
    let mut command = Command::cargo_bin("rootcellar").expect("the binary is built");
    command.env_clear().env("COLUMNS", "100");
    command
}

fn help(command: &str, flag: &str) -> String {
    let arguments = command.split(' ').chain([flag]).filter(|argument| !argument.is_empty());
    let output = rootcellar().args(arguments).output().expect("runs");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("text")
}

const GLOBAL: &str = "Global options:";

/// The help of a command without the global options.
fn without_global(help: &str) -> String {
    let (before, block) = help.split_once(GLOBAL).expect("every command has the global options");
    let behind: Vec<_> =
        block.lines().skip(1).skip_while(|line| line.is_empty() || line.starts_with(' ')).collect();
    format!("{before}{GLOBAL} see rootcellar.txt\n\n{}\n", behind.join("\n")).trim_end().to_owned() + "\n"
}

/// The global options in a help text: the words of each.
fn global_options(help: &str) -> Vec<String> {
    let (_, block) = help.split_once(GLOBAL).expect("global options");
    let lines = block.lines().skip(1).take_while(|line| line.is_empty() || line.starts_with(' '));
    let mut options: Vec<String> = Vec::new();
    for line in lines {
        if line.trim_start().starts_with('-') && line.len() - line.trim_start().len() < 8 {
            options.push(String::new());
        }
        if let Some(option) = options.last_mut() {
            line.split_whitespace().for_each(|word| *option += &format!("{word} "));
        }
    }
    options
}

#[test]
fn every_command_has_the_global_options() {
    let of_the_program = global_options(&help("", "--help"));
    assert!(of_the_program.len() > 8, "{of_the_program:?}");
    for command in COMMANDS {
        let own = global_options(&help(command, "--help"));
        let expected: Vec<_> = of_the_program
            .iter()
            .filter(|option| own.contains(option) || !option.starts_with("--recovery-code-file"))
            .collect();
        assert_eq!(own.iter().collect::<Vec<_>>(), expected, "'{command}'");
    }
}

#[test]
fn help_texts_are_as_expected() {
    for command in COMMANDS.iter().copied() {
        let name = if command.is_empty() { "rootcellar".to_owned() } else { command.replace(' ', "-") };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help").join(format!("{name}.txt"));
        let whole = help(command, "--help");
        let text = if command.is_empty() { whole } else { without_global(&whole) };
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::create_dir_all(path.parent().expect("a folder")).expect("created");
            fs::write(&path, &text).expect("written");
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(text, expected, "help of '{name}' changed: look at it, then run with UPDATE_EXPECTED=1");
    }
}

#[test]
fn every_command_has_an_example() {
    for command in COMMANDS.iter().filter(|command| !["list", "status", "history"].contains(command)) {
        assert!(help(command, "-h").contains("Example"), "'{command}'");
    }
}

#[test]
fn wrong_usage_ends_with_2_in_words_and_in_json() {
    rootcellar().arg("lost").assert().code(2).stdout("");
    let output = rootcellar().args(["--json", "add"]).output().expect("runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let error: serde_json::Value = serde_json::from_slice(&output.stderr).expect("one JSON object");
    assert_eq!(error["error"]["code"], "usage");
    assert_eq!(error["error"]["exit"], 2);
}

#[test]
fn completions_and_man_page_are_printed() {
    let complete = rootcellar().args(["completions", "bash"]).output().expect("runs");
    assert!(complete.status.success() && String::from_utf8_lossy(&complete.stdout).contains("_rootcellar"));
    let man = rootcellar().arg("man").output().expect("runs");
    assert!(man.status.success() && man.stdout.starts_with(b".ie"), "roff");
}

/// A text of the catalogue, by section and key.
fn text(section: &str, key: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("texts/en.json");
    let file = fs::read_to_string(path).expect("the catalogue");
    let texts: serde_json::Value = serde_json::from_str(&file).expect("JSON");
    texts[section][key].as_str().expect("a text of this id").to_owned()
}

/// What a command prints and how it ends, on an empty home folder.
fn fails(arguments: &[&str]) -> (Option<i32>, serde_json::Value) {
    let home = tempfile::tempdir().expect("a folder");
    let output =
        rootcellar().arg("--json").arg("--home").arg(home.path()).args(arguments).output().expect("runs");
    assert!(output.stdout.is_empty(), "no result");
    let error = serde_json::from_slice(&output.stderr).expect("one JSON object");
    (output.status.code(), error)
}

#[test]
fn a_device_that_remembers_nothing_says_what_to_do() {
    for arguments in [&["list"][..], &["status"], &["show", "x"], &["remove", "x"]] {
        let (code, error) = fails(arguments);
        assert_eq!(code, Some(8), "{arguments:?}");
        assert_eq!(error["error"]["code"], "no-account");
        assert_eq!(error["error"]["advice"], text("account", "missingAdvice"));
    }
}

#[test]
fn plain_http_beyond_this_machine_is_refused() {
    let (code, error) = fails(&["restore", "--vault", "http://vault.example.org", "--account", "alice"]);
    assert_eq!(code, Some(2));
    assert_eq!(error["error"]["code"], "invalid-address");
    let (code, _) = fails(&["restore", "--account", "alice"]);
    assert_eq!(code, Some(2), "no address at all");
}

#[test]
fn secrets_are_checked_before_any_vault_is_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::write(&path, content).expect("written");
        path.to_string_lossy().into_owned()
    };
    // Port 9 discards: a request would end with 5.
    let register = ["register", "--vault", "http://127.0.0.1:9", "--account", "alice", "--passphrase-file"];
    let weak = file("weak", "password1\n");
    let (code, error) = fails(&[&register[..], &[weak.as_str()]].concat());
    assert_eq!((code, error["error"]["code"].as_str()), (Some(10), Some("weak-passphrase")));

    let recover = ["recover", "--vault", "http://127.0.0.1:9", "--recovery-code-file"];
    let short = file("short", "abandon abandon\n");
    let (code, _) = fails(&[&recover[..], &[short.as_str()]].concat());
    assert_eq!(code, Some(10));
    let missing = folder.path().join("missing").to_string_lossy().into_owned();
    let (code, _) = fails(&[&recover[..], &[missing.as_str()]].concat());
    assert_eq!(code, Some(8));
}

#[test]
fn an_output_file_is_never_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("entries.json").to_string_lossy().into_owned();
    fs::write(&path, "mine").expect("written");
    let (code, error) =
        fails(&["restore", "--vault", "http://127.0.0.1:9", "--account", "alice", "--output", &path]);
    assert_eq!((code, error["error"]["code"].as_str()), (Some(8), Some("file-exists")));
    assert_eq!(fs::read_to_string(&path).expect("there"), "mine");
}

#[test]
fn options_without_effect_and_files_of_several_lines_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("two-lines");
    fs::write(&path, "seven quiet lanterns\nunder the orchard wall\n").expect("written");
    let path = path.to_string_lossy().into_owned();
    let vault = ["--vault", "http://127.0.0.1:9"];
    for (command, option, instead) in [
        (&["list"][..], "--recovery-code-file", "code"),
        (&["restore", "--account", "alice"], "--recovery-code-file", "code"),
        (&["register", "--account", "alice"], "--recovery-code-file", "registerCode"),
        (&["recover"], "--passphrase-file", "recoverPassphrase"),
    ] {
        let (code, error) = fails(&[command, &[option, &path], &vault].concat());
        assert_eq!(code, Some(2), "{command:?} {error}");
        assert_eq!(error["error"]["advice"], text("idle", instead), "{error}");
    }
    let restore = ["restore", "--account", "alice", "--passphrase-file", &path];
    let (code, error) = fails(&[&restore[..], &vault].concat());
    assert_eq!((code, error["error"]["code"].as_str()), (Some(10), Some("input-several-lines")));
}

#[test]
fn the_recovery_codes_option_is_in_the_help_of_the_commands_that_take_it() {
    for command in
        ["recover", "passphrase", "recovery-code new", "delete-account", "devices approve", "login"]
    {
        assert!(help(command, "--help").contains("--recovery-code-file"), "{command}");
    }
    for command in ["register", "add", "list", "show", "restore", "rekey", "history", "devices pair", "man"] {
        assert!(!help(command, "--help").contains("--recovery-code-file"), "{command}");
    }
}

#[test]
fn a_usage_line_names_no_option_that_a_variable_gave() {
    let output =
        rootcellar().env("ROOTCELLAR_VAULT", "http://127.0.0.1:9").arg("register").output().expect("runs");
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("Usage: rootcellar register [OPTIONS] --account <NAME>"), "{text}");
    assert!(!text.contains("--vault"), "{text}");
}

#[test]
fn the_manual_page_has_no_section_without_content() {
    let man = rootcellar().arg("man").output().expect("runs");
    let page = String::from_utf8(man.stdout).expect("text");
    assert!(!page.contains("ROOTCELLAR HELP"));
    let sections: Vec<_> = page.split("\n.SH ").skip(1).collect();
    assert!(sections.len() > 25, "{}", sections.len());
    for section in sections {
        assert!(section.lines().skip(1).any(|line| !line.is_empty() && !line.starts_with('.')), "{section}");
    }
}

#[test]
fn what_contradicts_an_enrolment_is_said_before_any_passphrase_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("device");
    fs::write(&path, "seven quiet lanterns\n").expect("written");
    let path = path.to_string_lossy().into_owned();
    for command in ["login", "restore"] {
        let enrol = ["--enrol", "--device-secrets", "plain", "--device-passphrase-file", &path];
        let account = ["--vault", "http://127.0.0.1:9", "--account", "alice"];
        let (code, error) = fails(&[&[command][..], &enrol, &account].concat());
        let message = text("secretStore", "noEffect").replace("{kind}", "plain");
        assert_eq!((code, &error["error"]["message"]), (Some(2), &message.into()), "{error}");
    }
}
