//! The home folder: where it is, and what a person reads of its failures. What is in it is the library's
//! ([`rootcellar_client::files`]).

pub(crate) use rootcellar_client::files::{
    Device, Folder as Home, FolderStateStore as HomeStateStore, Remembered,
};

use crate::entry_input::sentence;
use crate::exit::{Exit, Failure};
use crate::text;
use rootcellar_client::files::FolderError;
use std::path::{Path, PathBuf};

/// The folder of `--home`, or the default one.
pub(crate) fn folder(option: Option<&Path>) -> Result<PathBuf, Failure> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = option.filter(|folder| !folder.as_os_str().is_empty()) {
        return Ok(folder.to_owned());
    }
    // The XDG base directory specification has relative paths ignored.
    if let Some(data) = set("XDG_DATA_HOME").filter(|path| path.is_absolute()) {
        return Ok(data.join("rootcellar"));
    }
    let user = set("HOME").ok_or_else(|| {
        Failure::new(Exit::Local, "no-home", text::home::NONE).advise(text::home::NONE_ADVICE)
    })?;
    Ok(user.join(".local/share/rootcellar"))
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        // A path that a message begins with stays as it is.
        let message = match &error {
            FolderError::Locked(folder) => text::home::Locked { folder: folder.display() }.to_string(),
            FolderError::File { .. } | FolderError::Unusable { .. } => sentence(&error.to_string()),
            _ => format!("{error}."),
        };
        Self::new(Exit::Local, error.code(), message).maybe_advise(advice(&error))
    }
}

fn advice(error: &FolderError) -> Option<&'static str> {
    Some(match error {
        FolderError::Unusable { .. } => text::home::UNUSABLE_ADVICE,
        FolderError::Foreign(_) => text::home::FOREIGN_ADVICE,
        FolderError::Locked(_) => text::home::LOCKED_ADVICE,
        FolderError::Damaged { .. } => text::home::DAMAGED_ADVICE,
        FolderError::Used(_) => text::home::USED_ADVICE,
        FolderError::OtherAccount(_) => text::home::OTHER_ACCOUNT_ADVICE,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_of_the_folder_keep_their_code_and_say_what_to_do() {
        let folder = PathBuf::from("/home/ann/cellar");
        let locked = Failure::from(FolderError::Locked(folder.clone()));
        assert_eq!((locked.exit, locked.code), (Exit::Local, "home-locked"));
        assert!(locked.message.contains("/home/ann/cellar"), "{}", locked.message);
        let used = Failure::from(FolderError::Used(folder));
        assert!(used.message.starts_with("/home/ann/cellar "), "the path stays as it is: {}", used.message);
        assert_eq!(used.advice.as_deref(), Some(text::home::USED_ADVICE));
    }
}
