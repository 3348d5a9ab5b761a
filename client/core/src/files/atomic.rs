//! Files that are replaced whole or not at all, and are on the disk when the call returns.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Replaces `folder/name` by `bytes`, with mode 0600.
pub(super) fn replace(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let temporary = folder.join(temporary(name));
    // Left behind by a program that was killed; the lock says that nobody else writes it.
    remove_if_there(&temporary)?;
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(&temporary)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    let renamed = written.and_then(|()| fs::rename(&temporary, folder.join(name)));
    if renamed.is_err() {
        // The old content stays; a full disk must not stay fuller than it was.
        let _ = remove_if_there(&temporary);
    }
    renamed.and_then(|()| sync(folder))
}

/// Removes `folder/name`; no error where there is none.
pub(super) fn remove(folder: &Path, name: &str) -> io::Result<()> {
    remove_if_there(&folder.join(name))?;
    sync(folder)
}

/// Whether `name` is what a killed [`replace`] of `of` leaves behind.
pub(super) fn is_temporary(name: &OsStr, of: &str) -> bool {
    name == temporary(of).as_str()
}

fn temporary(name: &str) -> String {
    format!("{name}.new")
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn replaces_whole_and_private() {
        let folder = tempfile::tempdir().expect("a folder");
        replace(folder.path(), "file", b"a longer first content").expect("written");
        replace(folder.path(), "file", b"second").expect("written");
        let path = folder.path().join("file");
        assert_eq!(fs::read(&path).expect("read"), b"second");
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn a_failed_write_keeps_the_old_content() {
        let folder = tempfile::tempdir().expect("a folder");
        // A folder in the place of the file makes the last step, the rename, fail.
        fs::create_dir_all(folder.path().join("file/inner")).expect("created");
        assert!(replace(folder.path(), "file", b"new").is_err());
        assert!(folder.path().join("file/inner").is_dir());
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "no temporary file stays");
    }

    #[test]
    fn what_a_killed_command_left_is_no_obstacle() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("file.new"), "half").expect("written");
        replace(folder.path(), "file", b"whole").expect("written");
        assert_eq!(fs::read(folder.path().join("file")).expect("read"), b"whole");
        assert!(is_temporary(OsStr::new("file.new"), "file"));
    }

    #[test]
    fn removes_twice() {
        let folder = tempfile::tempdir().expect("a folder");
        replace(folder.path(), "file", b"x").expect("written");
        remove(folder.path(), "file").expect("removed");
        remove(folder.path(), "file").expect("nothing to remove");
        assert!(!folder.path().join("file").exists());
    }
}
