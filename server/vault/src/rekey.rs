//! Changes an account's keys (protocol.md section 15.6) with one conditional write of everything
//! that the old account key opens.
//!
//! The order is: the pointer of the new recovery code's locator, the snapshot's object, the write
//! of the account, and the pointer again ([`crate::recovery_code`]). Then everything under the old
//! keys is removed: the old pointer, and every old snapshot, whatever its age. The write of the
//! account commits. A crash before it leaves a pointer without effect, and a crash before or after
//! it leaves snapshots that the account does not name. The sweep removes all of them.

use crate::Vault;
use crate::account::{Account, Attempt, TIDYING};
use crate::recovery_method::{self, RecoveryMethod, Setting};
use crate::retention::Retained;
use crate::session::ActiveSession;
use crate::snapshot_object::{self, Upload};
use crate::streams::Event;
use crate::{Error, devices, keyslot, recovery_code, sealed};
use bytes::Bytes;
use rootcellar_spec::header::Header;
use rootcellar_spec::wire::account::Head;
use rootcellar_spec::wire::devices::{RekeyRequest, RekeyResponse};
use rootcellar_spec::wire::history::kind;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::{Digest, Timestamp};
use rootcellar_store::cas::{Current, Decision, Updated};

/// A request whose parts are well-formed.
struct Rekey<'a> {
    request: &'a RekeyRequest,
    attempt: Attempt,
    methods: Vec<RecoveryMethod>,
    snapshot: Option<(Header, Bytes)>,
    list: Option<Header>,
}

/// Changes the keys. `body` is the digest of both parts' exact bytes. Its sender may repeat it, and
/// so may a later session or device with the permission to manage.
///
/// # Errors
/// [`Error::GenerationMoved`], [`Error::HeadMoved`],
/// [`Error::DevicesMoved`], [`Error::RecoveryCodeMoved`],
/// [`Error::OperationUsed`], [`Error::SessionEnded`], [`Error::OutcomeUnknown`] (repeat the
/// request), or a store's failure.
pub async fn rekey(
    vault: &Vault,
    session: &ActiveSession,
    request: &RekeyRequest,
    snapshot: Option<Bytes>,
    body: Digest,
) -> Result<RekeyResponse, Error> {
    let rekey = Rekey::read(vault, session, request, snapshot, body)?;
    let upload = rekey.upload(vault);
    let updated = vault
        .update(|| async {
            let current = rekey.load(vault, session).await?;
            let account = current.value();
            if let Some(upload) = &upload {
                upload.discard_lost(&current).await;
            }
            if session.finds_made(rekey.attempt, account, account.rekeyed_by.as_ref()) {
                return Ok(Decision::Keep(current));
            }
            recovery_code::claim(vault, account, &rekey.methods).await?;
            let next = rekey.changed(vault, &current, session)?;
            if let Some(upload) = &upload {
                upload.create(&current).await?;
            }
            let former = account.clone();
            Ok(Decision::Replace { current, operation: request.operation, value: next, with: former })
        })
        .await;
    match updated {
        Ok(Updated::Kept(current)) => rekey.conclude(vault, current.value()).await,
        Ok(Updated::Written(won, former)) => {
            let answer = rekey.conclude(vault, won.value()).await?;
            discard_former(vault, &former).await;
            Ok(answer)
        }
        Err(refusal) => {
            if let Some(upload) = &upload {
                upload.withdraw(&refusal).await;
            }
            Err(refusal)
        }
    }
}

/// Removes everything under the old keys.
async fn discard_former(vault: &Vault, former: &Account) {
    let id = &former.account_id;
    let work = async {
        let locators: Vec<_> = former.locators().collect();
        recovery_code::remove_former(vault, id, &locators).await;
        snapshot_object::discard_dropped(vault, id, former.snapshots.iter()).await;
    };
    if tokio::time::timeout(TIDYING, work).await.is_err() {
        tracing::warn!(
            event = "removal-incomplete",
            "Some objects under an account's old keys could not be removed. The sweep removes them."
        );
    }
}

impl<'a> Rekey<'a> {
    /// Checks everything that does not need the account.
    fn read(
        vault: &Vault,
        session: &ActiveSession,
        request: &'a RekeyRequest,
        snapshot: Option<Bytes>,
        body: Digest,
    ) -> Result<Self, Error> {
        keyslot::check_suite(vault, "suite", request.suite)?;
        keyslot::check("passphrase_keyslot", &request.passphrase_keyslot, request.suite)?;
        let setting = Setting {
            account: session.account_id(),
            generation: request.generation,
            operation: request.operation,
            suite: Some(request.suite),
        };
        let methods = recovery_method::check(vault, &request.recovery_methods, &setting)?;
        check_devices(vault, request)?;
        let snapshot = snapshot.map(|bytes| Ok::<_, Error>((sealed::read_snapshot(vault, &bytes)?, bytes)));
        let snapshot = snapshot.transpose()?;
        if let Some((header, _)) = &snapshot
            && (header.account != session.account_id()
                || header.operation != request.operation
                || header.generation != request.generation)
        {
            let problem =
                "The snapshot belongs to another account, operation or generation than the request.";
            return Err(Error::Malformed { field: "snapshot", problem });
        }
        let list = request
            .list
            .as_ref()
            .map(|list| sealed::read_list_of(vault, list, session.account_id(), request.operation));
        let attempt = Attempt { operation: request.operation, request: body };
        Ok(Self { request, attempt, methods, snapshot, list: list.transpose()? })
    }

    /// Reads the account and checks that it can be changed like this, unless it already was.
    async fn load(&self, vault: &Vault, session: &ActiveSession) -> Result<Current<Account>, Error> {
        let current = recovery_code::load(vault, session, &self.methods).await?;
        let account = current.value();
        if session.finds_made(self.attempt, account, account.rekeyed_by.as_ref()) {
            return Ok(current);
        }
        session.check(account, Permission::Manage)?;
        self.check(account)?;
        Ok(current)
    }

    fn check(&self, account: &Account) -> Result<(), Error> {
        let Self { request, .. } = self;
        // Moving to a newer suite changes the passphrase's key but not the generation.
        let next = account.generation.0.checked_add(1);
        if Some(request.generation.0) != next || request.suite < account.suite {
            return Err(Error::GenerationMoved);
        }
        if request.suite > account.suite {
            let problem = "The account has an older suite. Change the passphrase to upgrade it.";
            return Err(Error::Malformed { field: "suite", problem });
        }
        recovery_code::check_replaces(account, request.replaces, &self.methods)?;
        let head = account.head();
        let follows = match &self.snapshot {
            Some((header, _)) => sealed::descends(header, head.map(|head| (head.number, head.digest))),
            None => head.is_none(),
        };
        if !follows {
            return Err(Error::HeadMoved(head.cloned().map(Box::new)));
        }
        match &self.list {
            Some(list) => sealed::check_list(account, list, request.generation),
            None if account.device_list.is_some() => Err(Error::DevicesMoved),
            None => Ok(()),
        }
    }

    fn upload<'b>(&'b self, vault: &'b Vault) -> Option<Upload<'b>> {
        let (header, bytes) = self.snapshot.as_ref()?;
        Some(Upload::new(vault, header.account, header.operation, bytes))
    }

    /// The account with the new keys.
    fn changed(
        &self,
        vault: &Vault,
        current: &Current<Account>,
        session: &ActiveSession,
    ) -> Result<Account, Error> {
        let Self { request, .. } = self;
        let account = current.value();
        if self.snapshot.is_some() && account.snapshot(&request.operation).is_some() {
            return Err(Error::OperationUsed);
        }
        let now = vault.now();
        let who = session.who(account);
        let mut history = account.history.clone();
        history.record(Event::new(kind::REKEY, who, now).detail(u64::from(request.generation.0)));
        let devices = devices::change::merged(&account.devices, &request.devices, now)?;
        for event in devices::change::events(&account.devices, &devices, kind::ENROLMENT, who, now) {
            history.record(event);
        }
        let retained = |head| Retained::new(head, session.author(), current.next_version());
        let snapshots = self.head(now).map(retained).into_iter();
        Ok(Account {
            generation: request.generation,
            passphrase_keyslot: request.passphrase_keyslot.clone(),
            recovery_methods: self.methods.clone(),
            device_list: request.list.clone().or_else(|| account.device_list.clone()),
            devices,
            snapshots: snapshots.collect(),
            rekeyed_by: Some(session.change(self.attempt, now)),
            session_epoch: account.session_epoch.saturating_add(1),
            history,
            ..account.clone()
        })
    }

    /// The record of the snapshot.
    fn head(&self, now: Timestamp) -> Option<Head> {
        self.snapshot.as_ref().map(|(header, bytes)| Head {
            number: header.number,
            operation: header.operation,
            digest: Digest::of(bytes),
            generation: header.generation,
            size: bytes.len() as u64,
            created_at: now,
        })
    }

    /// Completes the change after the write.
    async fn conclude(&self, vault: &Vault, account: &Account) -> Result<RekeyResponse, Error> {
        // If the recovery code was changed again since, this one's locator needs no pointer.
        if account.recovery_methods == self.methods {
            recovery_code::confirm(vault, account).await?;
        }
        tracing::info!(event = "keys-changed");
        let change = account.rekeyed_by.ok_or(Error::Internal("changed keys are not in their account"))?;
        Ok(RekeyResponse { head: self.head(change.at), time: change.at })
    }
}

/// Checks that every enrolled device has a new keyslot.
fn check_devices(vault: &Vault, request: &RekeyRequest) -> Result<(), Error> {
    if request.list.is_none() && !request.devices.is_empty() {
        return Err(Error::Malformed { field: "list", problem: "Devices require a device list. Send both." });
    }
    if request.devices.iter().any(|device| device.keyslot.is_none()) {
        return Err(Error::Malformed { field: "devices", problem: "Each device needs a new keyslot." });
    }
    devices::change::check_entries(vault, &request.devices)
}
