//! An operator who loses the root secret.

use crate::Server;
use std::fs;
use std::path::{Path, PathBuf};

impl Server {
    /// Loses the root secret permanently: stops, adopts the store under another one, and starts again. Returns the file of the
    /// lost one, which someone may find after all.
    pub fn replace_root_secret(&mut self) -> PathBuf {
        let (lost, given_up) = self.lose_root_secret();
        let _ = self.administer(&["root-secret", "new"]);
        let _ = self.administer(&["root-secret", "replace", "--replaces", &given_up]);
        self.restart();
        lost
    }

    /// Stops, and takes the root secret away; returns where it is now, and its fingerprint.
    pub fn lose_root_secret(&mut self) -> (PathBuf, String) {
        self.stop();
        let fingerprint = self.administer(&["root-secret", "fingerprint"]).trim().to_owned();
        let lost = self.data().with_file_name(format!("lost-{fingerprint}"));
        fs::rename(self.root_secret(), &lost).expect("it can be moved");
        (lost, fingerprint)
    }

    /// Adopts the store back under a root secret that was found again.
    pub fn adopt_back(&mut self, found: &Path) {
        let (_, given_up) = self.lose_root_secret();
        fs::rename(found, self.root_secret()).expect("it can be moved");
        let _ = self.administer(&["root-secret", "replace", "--replaces", &given_up]);
        self.restart();
    }

    fn root_secret(&self) -> PathBuf {
        self.data().join("root-secret")
    }
}
