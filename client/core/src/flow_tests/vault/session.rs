//! What the vault answers within a session (section 15.6).

use super::{State, VaultResponse, head_record, header, ok, read, refuse, two_parts};
use crate::transport::{Method, Request};
use rootcellar_spec::request_signature::SESSION_HEADER;
use rootcellar_spec::snapshot::Layout;
use rootcellar_spec::wire::account::{Account, DeleteRequest, DeleteResponse, Head, SnapshotResponse};
use rootcellar_spec::wire::devices::RecoveryCodeRequest;
use rootcellar_spec::wire::login::Permission;
use rootcellar_spec::wire::paths;
use rootcellar_spec::wire::recovery::{RecoveryMethod, RecoveryMethodRecord};
use rootcellar_spec::wire::registration::{self, PassphraseFinishRequest, PassphraseStartRequest};
use rootcellar_spec::{Digest, NameHash, OperationId, Problem, ProblemCode, Timestamp};

fn record(method: &RecoveryMethod) -> RecoveryMethodRecord {
    let RecoveryMethod { label, wait, locator, .. } = method;
    RecoveryMethodRecord { locator_digest: Digest::of(locator), label: label.clone(), wait: *wait }
}

fn wrong_name() -> VaultResponse {
    let field = Some("name_hash".to_owned());
    Err(Box::new(Problem { field, ..Problem::new(ProblemCode::Malformed, "about the name") }))
}

impl State {
    pub(super) fn in_session(&mut self, request: &Request, authority: &str) -> VaultResponse {
        if self.deleted_by.as_ref().is_some_and(|deleted_by| *deleted_by != request.body) {
            return refuse(ProblemCode::AccountDeleted);
        }
        let Some(session) = header(request, SESSION_HEADER) else { return refuse(ProblemCode::SessionEnded) };
        let sender = self.sender(session)?;
        self.check_signature(request, authority, &sender.key)?;
        let needs = match (request.method, request.path.as_str()) {
            (Method::Get, _) => Permission::View,
            (Method::Put, _) => Permission::Backup,
            (_, paths::RESTORE) => Permission::Restore,
            _ => Permission::Manage,
        };
        if sender.permission < needs {
            return refuse(ProblemCode::NotPermitted);
        }
        match (request.method, request.path.as_str()) {
            (Method::Get, paths::ACCOUNT) => self.describe(),
            (Method::Get, paths::HEAD) => self.snapshot(None),
            (Method::Get, paths::DEVICE) | (Method::Post, paths::RESTORE) => self.device(sender.device),
            (Method::Get, paths::DEVICES) => self.devices(),
            (Method::Post, paths::DEVICES) => self.change_devices(request),
            (Method::Post, paths::PAIRINGS) => self.open_mailbox(request),
            (Method::Post, paths::PASSPHRASE_START) => {
                let body: PassphraseStartRequest = read(request);
                let own = self.account.as_ref().expect("an account").name_hash;
                let Some(name_hash) = own.or(body.name_hash) else { return wrong_name() };
                if body.name_hash.is_some_and(|given| given != name_hash) {
                    return wrong_name();
                }
                self.evaluate(&name_hash, &body.registration_request)
            }
            (Method::Post, paths::RECOVERY_CODE) => self.set_recovery_code(request),
            (Method::Post, paths::REKEY) => self.rekey(request),
            (Method::Post, paths::DELETE) => self.delete(request),
            (Method::Post, paths::PASSPHRASE_FINISH) => self.set_passphrase(request),
            (method, path) => {
                let operation = path.strip_prefix(paths::SNAPSHOTS).and_then(|rest| rest.strip_prefix('/'));
                let operation = OperationId::parse(operation.expect("a snapshot")).expect("an operation");
                if method == Method::Put {
                    self.save(operation, &request.body)
                } else {
                    self.snapshot(Some(operation))
                }
            }
        }
    }

    fn set_recovery_code(&mut self, request: &Request) -> VaultResponse {
        let body: RecoveryCodeRequest = read(request);
        let account = self.account.as_mut().expect("an account");
        if Digest::of(&account.request.recovery_methods[0].locator) != body.replaces {
            return refuse(ProblemCode::RecoveryCodeMoved);
        }
        account.request.recovery_methods = body.recovery_methods;
        self.sessions.clear();
        ok(&serde_json::json!({ "time": self.time }))
    }

    fn delete(&mut self, request: &Request) -> VaultResponse {
        let _: DeleteRequest = read(request);
        self.account = None;
        self.deleted_by = Some(request.body.clone());
        ok(&DeleteResponse { time: Timestamp(self.time) })
    }

    fn describe(&self) -> VaultResponse {
        let account = self.account.as_ref().expect("an account");
        let snapshots: Vec<Head> = account.snapshots.iter().rev().map(|(head, _)| head.clone()).collect();
        ok(&Account {
            account_id: account.request.account_id,
            suite: account.request.suite,
            generation: account.generation,
            created_at: Timestamp(self.time),
            head: snapshots.first().cloned(),
            snapshots,
            recovery_methods: account.request.recovery_methods.iter().map(record).collect(),
            passphrase_changed_at: Timestamp(self.time),
            time: Timestamp(self.time),
        })
    }

    fn set_passphrase(&mut self, request: &Request) -> VaultResponse {
        let body: PassphraseFinishRequest = read(request);
        let account = self.account.as_mut().expect("an account");
        account.name_hash = body.token.try_into().ok().map(NameHash);
        account.request.registration_record = body.registration_record;
        account.request.passphrase_keyslot = body.passphrase_keyslot;
        self.sessions.clear();
        ok(&registration::PassphraseFinishResponse { time: Timestamp(self.time) })
    }

    fn snapshot(&self, operation: Option<OperationId>) -> VaultResponse {
        let snapshots = &self.account.as_ref().expect("an account").snapshots;
        let head = snapshots.last().map(|(head, _)| head.clone());
        let named = match operation {
            None => snapshots.last(),
            Some(operation) => match snapshots.iter().find(|(head, _)| head.operation == operation) {
                None => return refuse(ProblemCode::SnapshotMissing),
                found => found,
            },
        };
        let record = operation.and(named).map(|(head, _)| head.clone());
        let answer = SnapshotResponse { head, snapshot: record, time: Timestamp(self.time) };
        two_parts(&answer, named.map(|(_, bytes)| bytes.as_slice()))
    }

    fn save(&mut self, operation: OperationId, bytes: &[u8]) -> VaultResponse {
        let time = Timestamp(self.time);
        let account = self.account.as_mut().expect("an account");
        let header = Layout::parse(bytes).expect("a snapshot").header;
        let head = account.snapshots.last().map(|(head, _)| head.clone());
        let is_head = |head: &Head| head.operation == operation && head.digest == Digest::of(bytes);
        if head.as_ref().is_some_and(is_head) {
            return self.snapshot(Some(operation));
        }
        let follows = head.as_ref().map_or((1, None), |head| (head.number.0 + 1, Some(head.digest)));
        if (header.number.0, header.ancestors.first().copied()) != follows {
            return Err(Box::new(Problem { head, ..Problem::new(ProblemCode::HeadMoved, "moved") }));
        }
        let record = head_record(account.request.account_id, bytes, time);
        account.snapshots.push((record, bytes.to_vec()));
        self.snapshot(Some(operation))
    }
}
