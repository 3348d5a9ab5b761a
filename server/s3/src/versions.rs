//! The checks of `store check` for buckets only: whether the bucket keeps old versions, and whether
//! the role can delete them permanently.

use crate::S3Store;
use crate::etag;
use crate::outcome::{Call, Outcome};
use aws_sdk_s3::operation::put_object::PutObjectOutput;
use rootcellar_store::probe::{Cause, FOLDER, Finding, Report};
use rootcellar_store::{Key, Store};

impl S3Store {
    /// Adds the checks `versioning` and `delete-version`, made with one object under `probe/NONCE/`.
    ///
    /// # Panics
    /// If `nonce` is not valid in an object's name.
    pub async fn probe_versions(&self, nonce: &str, report: &mut Report) {
        let key = Key::new(format!("{FOLDER}{nonce}/version"));
        let name = self.settings.name(key.as_str());
        let request = self.client.put_object().bucket(&self.settings.bucket).key(&name).if_none_match("*");
        let written = match self.write(Call::Create, request.body(name.into_bytes().into()).send()).await {
            Ok(written) => written,
            Err(outcome) => {
                return report.add("versioning", Finding::new(Cause::NotChecked).because(told(outcome)));
            }
        };
        let mut is_there = true;
        match written.version_id() {
            None | Some("null") => report.add("versioning", Finding::new(Cause::VersioningOff)),
            Some(version) => {
                report.add("versioning", Finding::new(Cause::VersioningOn));
                is_there = self.probe_deletion(&key, version, report).await;
            }
        }
        if is_there && !self.removed(&key, &written).await {
            report.add("clean-up", Finding::new(Cause::LeftBehind).because(key.as_str()));
        }
    }

    /// Tries to delete the version permanently, and returns whether it still exists.
    async fn probe_deletion(&self, key: &Key, version: &str, report: &mut Report) -> bool {
        let request = self.client.delete_object().bucket(&self.settings.bucket);
        let request = request.key(self.settings.name(key.as_str())).version_id(version);
        let finding = match self.write(Call::DeleteVersion, request.send()).await {
            Ok(_) => Finding::new(Cause::VersionsDeletable),
            Err(Outcome::Refused(_)) => Finding::new(Cause::VersionsProtected),
            Err(other) => Finding::new(Cause::NotChecked).because(told(other)),
        };
        let is_there = finding.cause != Cause::VersionsDeletable;
        report.add("delete-version", finding);
        is_there
    }

    async fn removed(&self, key: &Key, written: &PutObjectOutput) -> bool {
        match etag::received(written.e_tag()) {
            Some(etag) => self.delete(key, &etag).await.is_ok(),
            None => false,
        }
    }
}

fn told(outcome: Outcome) -> String {
    match outcome {
        Outcome::Refused(reason) => reason,
        Outcome::Unclear(unclear) => unclear.to_string(),
        Outcome::NoObject | Outcome::ConditionFailed | Outcome::Contended | Outcome::Full => {
            "The bucket refused the object.".to_owned()
        }
    }
}
