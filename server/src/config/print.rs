//! Prints the effective settings, each with its source. They contain no secrets: settings only name
//! the files of secrets.

use super::{Config, Merged, SETTINGS, Source};
use rootcellar_spec::wire::vault::RegistrationMode;
use std::fmt::Write as _;

impl Config {
    /// All settings as a settings file with the same effect. Each line has the source of the value
    /// as a comment.
    #[must_use]
    pub fn redacted(&self, merged: &Merged) -> String {
        let mut out = String::new();
        for setting in SETTINGS {
            let (value, source) = match merged.get(setting.name) {
                Some((value, source)) => (Some(value.to_owned()), source),
                None => (self.derived(setting.name), Source::Default),
            };
            let line = match value {
                Some(value) => format!("{} = {}", setting.name, toml::Value::String(value)),
                None => format!("# {} is not set", setting.name),
            };
            let kept = match setting.name {
                "vault-id" if !self.vault_id_is_set => "; for a new vault only",
                _ => "",
            };
            let _ = writeln!(out, "{line:<60} # {source}{kept}");
        }
        out
    }

    /// Defaults that depend on other settings.
    fn derived(&self, name: &str) -> Option<String> {
        match name {
            "data" => Some(self.data.display().to_string()),
            "root-secret-file" => Some(self.root_secret_file.display().to_string()),
            "admin-socket" => Some(self.admin_socket.display().to_string()),
            "vault-id" => Some(self.vault_id.to_string()),
            "registration" => Some(registration_name(self.registration).to_owned()),
            _ => None,
        }
    }
}

/// The mode in the form of the setting `registration`.
#[must_use]
pub fn registration_name(mode: RegistrationMode) -> &'static str {
    match mode {
        RegistrationMode::Open => "open",
        RegistrationMode::Invite => "invite",
        RegistrationMode::Closed => "closed",
    }
}
