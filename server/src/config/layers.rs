//! The layers of values: flags override the environment, which overrides the file, which overrides
//! the defaults. An unknown name is an error in each layer.
//!
//! No library merges them: it would replace the two dozen lines of [`Merged::gather`], and adapting
//! it would take as many. The rest would remain: unknown names with the nearest known one, the
//! source of each value for `config print`, and errors that quote nothing of the file, which may
//! contain a misplaced secret. figment also needs a second generation of `toml`.

use super::settings::{CONFIG, ENVIRONMENT, FOREIGN, SETTINGS, Setting, nearest};
use crate::error_code::ErrorCode;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// The values of one layer, by setting.
pub(super) type Layer = BTreeMap<&'static str, String>;

/// The settings given as flags, and the settings file if one was named.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    values: Layer,
    config: Option<PathBuf>,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `--NAME`.
    Flag,
    /// `ROOTCELLAR_NAME`.
    Environment,
    /// The settings file at this path.
    File(PathBuf),
    /// It is not set in any layer.
    Default,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// There is no setting of this name.
    #[error("Unknown {place} {name}. {advice}")]
    Unknown {
        /// What kind of name it is, and where it was found.
        place: String,
        /// As it was given.
        name: String,
        /// The most similar setting, or where all are listed.
        advice: String,
    },
    /// The settings file cannot be read.
    #[error("Cannot read the settings file {0}. Check --config.")]
    File(PathBuf, #[source] std::io::Error),
    /// The settings file is not TOML.
    #[error(
        "The settings file {path} is not valid TOML, at {place}: {message}. Put strings in double quotes."
    )]
    Toml {
        /// Of the settings file.
        path: PathBuf,
        /// Line and column, counted from 1, and the setting of that line if it has one.
        place: String,
        /// What the parser reports, without the text of the file.
        message: String,
    },
    /// A value is not valid.
    #[error("{name} ({source_name}): {reason}")]
    Value {
        /// Of the setting.
        name: &'static str,
        /// The layer of the value.
        source_name: Source,
        /// What is wrong, and what a valid value looks like.
        reason: String,
    },
    /// Settings contradict each other. The text says what to change.
    #[error("{0}")]
    Conflict(String),
}

impl From<&ConfigError> for ErrorCode {
    fn from(error: &ConfigError) -> Self {
        match error {
            ConfigError::Unknown { .. } => Self::SettingUnknown,
            ConfigError::File(..) => Self::SettingsUnreadable,
            ConfigError::Toml { .. } => Self::SettingsSyntax,
            ConfigError::Value { .. } => Self::SettingInvalid,
            ConfigError::Conflict(_) => Self::SettingsConflict,
        }
    }
}

/// All layers, merged: each value with its source.
#[derive(Debug)]
pub struct Merged(BTreeMap<&'static str, (String, Source)>);

impl Merged {
    /// Merges all layers. Reads the settings file if one is named.
    ///
    /// # Errors
    /// If the file cannot be read, or a name is unknown.
    pub fn gather(
        flags: &Flags,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let (environment, named) = read_environment(environment)?;
        let mut merged = BTreeMap::new();
        for setting in SETTINGS {
            if let Some(default) = setting.default {
                merged.insert(setting.name, (default.to_owned(), Source::Default));
            }
        }
        if let Some(path) = flags.config.clone().or(named) {
            let values = read_file(&path)?;
            let source = Source::File(path);
            merged.extend(values.into_iter().map(|(name, value)| (name, (value, source.clone()))));
        }
        merged.extend(environment.into_iter().map(|(name, value)| (name, (value, Source::Environment))));
        let flags = flags.values.iter();
        merged.extend(flags.map(|(name, value)| (*name, (value.clone(), Source::Flag))));
        Ok(Self(merged))
    }

    /// A value with its source. `None` if it is not set and has no fixed default.
    #[must_use]
    pub fn get(&self, name: &'static str) -> Option<(&str, Source)> {
        self.0.get(name).map(|(value, source)| (value.as_str(), source.clone()))
    }
}

fn read_environment(
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<(Layer, Option<PathBuf>), ConfigError> {
    let mut values = Layer::new();
    let mut config = None;
    for (variable, value) in variables {
        let Some(rest) = variable.strip_prefix(ENVIRONMENT) else { continue };
        let name = rest.to_ascii_lowercase().replace('_', "-");
        if name == CONFIG {
            config = Some(PathBuf::from(value));
        } else if let Some(setting) = Setting::find(&name) {
            values.insert(setting.name, value);
        } else if !FOREIGN.contains(&variable.as_str()) {
            let advice = advice(nearest(&name).map(Setting::variable));
            return Err(ConfigError::Unknown {
                place: "environment variable".to_owned(),
                name: variable,
                advice,
            });
        }
    }
    Ok((values, config))
}

fn read_file(path: &Path) -> Result<Layer, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|error| ConfigError::File(path.to_owned(), error))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| ConfigError::Toml {
        path: path.to_owned(),
        place: place(&text, error.span().map_or(0, |span| span.start)),
        // Some of the parser's messages have a second line.
        message: error.message().replace('\n', "; "),
    })?;
    let mut values = Layer::new();
    for (name, value) in table {
        let Some(setting) = Setting::find(&name) else {
            let place = format!("setting in {}:", path.display());
            let advice = advice(nearest(&name).map(|setting| setting.name.to_owned()));
            return Err(ConfigError::Unknown { place, name, advice });
        };
        let text = as_text(&value).ok_or_else(|| ConfigError::Value {
            name: setting.name,
            source_name: Source::File(path.to_owned()),
            reason: "Use a string, a number, true, false, or a list of strings.".to_owned(),
        })?;
        values.insert(setting.name, text);
    }
    Ok(values)
}

fn advice(nearest: Option<String>) -> String {
    match nearest {
        Some(nearest) => format!("Did you mean {nearest}?"),
        None => "rootcellar-server --help lists all settings.".to_owned(),
    }
}

/// The position of byte `at` in the file, in words.
fn place(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = before.matches('\n').count() + 1;
    let column = before[start..].chars().count() + 1;
    let key = text[start..].lines().next().and_then(|line| line.split_once('=')).map(|(key, _)| key.trim());
    match key.and_then(Setting::find) {
        Some(setting) => format!("line {line}, column {column} ({})", setting.name),
        None => format!("line {line}, column {column}"),
    }
}

fn as_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(truth) => Some(truth.to_string()),
        toml::Value::Array(items) => {
            let items: Option<Vec<&str>> = items.iter().map(toml::Value::as_str).collect();
            items.map(|items| items.join(","))
        }
        _ => None,
    }
}

impl Flags {
    /// The same arguments for a command whose help does not list them.
    #[must_use]
    pub fn hidden(command: Command) -> Command {
        Self::arguments().into_iter().fold(command, |command, arg| command.arg(arg.hide(true)))
    }

    fn arguments() -> Vec<Arg> {
        let config = Arg::new(CONFIG)
            .long(CONFIG)
            .value_name("FILE")
            .help("Settings file in TOML; the keys are the names of the flags")
            .global(true)
            .help_heading("Settings");
        let settings = SETTINGS.iter().map(|setting| {
            let arg = Arg::new(setting.name)
                .long(setting.name)
                .value_name(setting.placeholder)
                .help(match setting.default {
                    Some(default) if !default.is_empty() => format!("{} [default: {default}]", setting.help),
                    _ => setting.help.to_owned(),
                })
                .global(true)
                .help_heading("Settings");
            if setting.switch {
                arg.num_args(0..=1).default_missing_value("true").require_equals(true)
            } else {
                arg
            }
        });
        std::iter::once(config).chain(settings).collect()
    }
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        command.args(Self::arguments())
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.config = matches.get_one::<String>(CONFIG).map(PathBuf::from);
        for setting in SETTINGS {
            if let Some(value) = matches.get_one::<String>(setting.name) {
                self.values.insert(setting.name, value.clone());
            }
        }
        Ok(())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Environment => f.write_str("environment"),
            Self::File(path) => path.display().fmt(f),
            Self::Default => f.write_str("default"),
        }
    }
}
