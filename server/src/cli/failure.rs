//! Errors of the command line, and how it prints them.

use rootcellar_server::admin::AskError;
use rootcellar_server::config::ConfigError;
use rootcellar_server::error_code::ErrorCode;
use rootcellar_server::root_secret::file::FileError;
use rootcellar_server::root_secret::words::WordsError;
use rootcellar_server::serve::StartError;
use rootcellar_vault::copy::CopyError;
use rootcellar_vault::replace_root_secret::ReplaceError;
use std::error::Error;

/// An error that a command finds itself, with what happened and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub(crate) struct Failure {
    code: ErrorCode,
    text: String,
    source: Option<std::io::Error>,
}

impl Failure {
    pub(crate) fn new(code: ErrorCode, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), source: None }
    }

    pub(crate) fn argument(text: impl Into<String>) -> Self {
        Self::new(ErrorCode::ArgumentInvalid, text)
    }

    pub(crate) fn caused_by(self, source: std::io::Error) -> Self {
        Self { source: Some(source), ..self }
    }
}

/// The code of the first error in the chain that has one.
pub(crate) fn code(error: &anyhow::Error) -> ErrorCode {
    error.chain().find_map(known).unwrap_or(ErrorCode::Failed)
}

fn known(error: &(dyn Error + 'static)) -> Option<ErrorCode> {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return Some(failure.code);
    }
    None.or_else(|| error.downcast_ref::<ConfigError>().map(ErrorCode::from))
        .or_else(|| error.downcast_ref::<StartError>().map(ErrorCode::from))
        .or_else(|| error.downcast_ref::<FileError>().map(ErrorCode::from))
        .or_else(|| error.downcast_ref::<WordsError>().map(ErrorCode::from))
        .or_else(|| error.downcast_ref::<AskError>().map(ErrorCode::from))
        .or_else(|| error.downcast_ref::<CopyError>().map(ErrorCode::from))
        .or_else(|| error.downcast_ref::<ReplaceError>().map(ErrorCode::from))
}

/// What standard error shows: `rootcellar-server: error[CODE]: TEXT`, then one line for each cause.
pub(crate) fn text(error: &anyhow::Error) -> String {
    let causes = error.chain().skip(1).map(|cause| format!("\n  caused by: {cause}"));
    format!("rootcellar-server: error[{}]: {error}{}", code(error), causes.collect::<String>())
}
