//! What else `store check` looks at in a bucket: whether it keeps versions, and whether the role could destroy them.

use crate::S3Store;
use crate::etag;
use crate::outcome::{Call, Outcome};
use aws_sdk_s3::operation::put_object::PutObjectOutput;
use rootcellar_store::probe::{CheckResult, FOLDER, Report};
use rootcellar_store::{Key, Store};

impl S3Store {
    /// Adds the checks `versioning` and `delete-version`, tried on an object in the folder `probe/NONCE`.
    ///
    /// # Panics
    /// When `nonce` is no part of a name.
    pub async fn probe_versions(&self, nonce: &str, report: &mut Report) {
        let key = Key::new(format!("{FOLDER}{nonce}/version"));
        let name = self.settings.name(key.as_str());
        let request = self.client.put_object().bucket(&self.settings.bucket).key(&name).if_none_match("*");
        let written = match self.write(Call::Create, request.body(name.into_bytes().into()).send()).await {
            Ok(written) => written,
            Err(outcome) => {
                return report.add("versioning", CheckResult::Note, format!("not tried: {}", told(outcome)));
            }
        };
        let mut is_there = true;
        match written.version_id() {
            None | Some("null") => report.add(
                "versioning",
                CheckResult::Note,
                "off: what is overwritten or deleted is gone at once, by mishap or by a thief of the role too. Switch \
                 it on, with a rule that removes old versions",
            ),
            Some(version) => {
                report.add(
                    "versioning",
                    CheckResult::Ok,
                    "on: what is overwritten or deleted stays until a rule of the bucket removes it. Have such a rule: \
                     it also decides how long removed backups outlive their removal",
                );
                is_there = self.probe_deletion(&key, version, report).await;
            }
        }
        if is_there && !self.removed(&key, &written).await {
            report.add(
                "clean-up",
                CheckResult::Warning,
                format!("{} is left of the probe; delete it", key.as_str()),
            );
        }
    }

    /// Whether the version is still there after the role tried to delete it for good.
    async fn probe_deletion(&self, key: &Key, version: &str, report: &mut Report) -> bool {
        let request = self.client.delete_object().bucket(&self.settings.bucket);
        let request = request.key(self.settings.name(key.as_str())).version_id(version);
        let (verdict, meaning) = match self.write(Call::DeleteVersion, request.send()).await {
            Ok(_) => (
                CheckResult::Warning,
                "the role may delete versions for good: whoever takes the server can destroy every backup. Deny it \
                 s3:DeleteObjectVersion, and s3:BypassGovernanceRetention, which cannot be tried"
                    .to_owned(),
            ),
            Err(Outcome::Refused(_)) => (
                CheckResult::Ok,
                "the role may not delete versions for good: who takes the server cannot destroy what was kept".to_owned(),
            ),
            Err(other) => (CheckResult::Note, format!("whether the role may delete versions is not known: {}", told(other))),
        };
        let is_there = verdict != CheckResult::Warning;
        report.add("delete-version", verdict, meaning);
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
            "the bucket would not take the object".to_owned()
        }
    }
}
