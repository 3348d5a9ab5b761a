//! Each operation of the product once, and what must hold after it however it was disturbed: what was acknowledged is
//! there, nothing is lost, and the account is the old or the new one.

use rootcellar_client::RegisterError;
use rootcellar_client::error::ClientError;
use rootcellar_client::recovery_code::RecoveryCode;
use rootcellar_end_to_end::{OTHER_PASSPHRASE, PASSPHRASE, Wallet};
use rootcellar_spec::ProblemCode;

/// What the last recovery of a test sets.
const LAST_PASSPHRASE: &str = "quarry-sandal-violet-thimble-onyx";

/// An operation of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Register,
    Login,
    Save,
    Recover,
    ChangePassphrase,
}

/// What came of it.
pub(crate) enum Outcome {
    Registered(Result<RecoveryCode, RegisterError>),
    Other(Result<(), ClientError>),
}

/// A person with an account, on a device that has seen it; before a registration, without.
pub(crate) struct Person {
    account: String,
    device: Wallet,
    code: Option<RecoveryCode>,
}

impl Person {
    /// Prepares what `operation` needs.
    pub(crate) async fn about_to(operation: Operation, mut device: Wallet, account: &str) -> Self {
        let mut code = None;
        if operation != Operation::Register {
            code = Some(device.register(PASSPHRASE).await.expect("registers"));
            device.save(PASSPHRASE, "first").await.expect("saves");
        }
        Self { account: account.to_owned(), device, code }
    }

    pub(crate) async fn run(&mut self, operation: Operation) -> Outcome {
        let device = &mut self.device;
        Outcome::Other(match operation {
            Operation::Register => return Outcome::Registered(device.register(PASSPHRASE).await),
            Operation::Login => device.labels(PASSPHRASE).await.map(|_| ()),
            Operation::Save => device.save(PASSPHRASE, "second").await,
            Operation::Recover => {
                let code = self.code.as_ref().expect("registered");
                device.recover(code, OTHER_PASSPHRASE).await.map(|_| ())
            }
            Operation::ChangePassphrase => device.change_passphrase(PASSPHRASE, OTHER_PASSPHRASE).await,
        })
    }

    /// Judges what `operation` left, by what it said.
    pub(crate) async fn judge(mut self, operation: Operation, outcome: Outcome) {
        match (operation, outcome) {
            (Operation::Register, Outcome::Registered(result)) => self.judge_registration(result).await,
            (Operation::Save, Outcome::Other(result)) => self.judge_save(&result).await,
            (Operation::Login, Outcome::Other(_)) => {
                assert_eq!(self.device.labels(PASSPHRASE).await.expect("logs in"), ["first"]);
            }
            (_, Outcome::Other(result)) => self.judge_passphrase(&result).await,
            (operation, Outcome::Registered(_)) => panic!("{operation:?} registers nobody"),
        }
    }

    fn elsewhere(&self) -> Wallet {
        self.device.elsewhere(&self.account)
    }

    async fn judge_registration(&self, result: Result<RecoveryCode, RegisterError>) {
        let code = match result {
            Ok(code) => code,
            Err(first) => match self.elsewhere().register(PASSPHRASE).await {
                Ok(code) => code,
                Err(second) if is_taken(&second) => {
                    self.device.code().expect("the account was made, and the person has its code")
                }
                Err(second) => panic!("it can be sent again, after {:?}: {second:?}", first.source),
            },
        };
        let entries = self.elsewhere().labels(PASSPHRASE).await.expect("the passphrase opens the account");
        assert!(entries.is_empty());
        self.elsewhere().recover(&code, LAST_PASSPHRASE).await.expect("the code opens it");
    }

    async fn judge_save(&mut self, result: &Result<(), ClientError>) {
        let begun = result.is_ok() || self.device.is_saving();
        let expected: &[&str] = if begun { &["first", "second"] } else { &["first"] };
        assert_eq!(self.device.labels(PASSPHRASE).await.expect("logs in"), expected, "{result:?}");
        assert!(!self.device.is_saving(), "the next command finishes it");
        assert_eq!(self.elsewhere().labels(PASSPHRASE).await.expect("logs in"), expected, "{result:?}");
    }

    async fn judge_passphrase(&self, result: &Result<(), ClientError>) {
        let old = self.elsewhere().labels(PASSPHRASE).await;
        let new = self.elsewhere().labels(OTHER_PASSPHRASE).await;
        match result {
            Ok(()) => assert!(new.is_ok() && old.is_err(), "set: {old:?}, {new:?}"),
            Err(ClientError::PassphraseUnconfirmed(_)) => {
                assert!(old.is_ok() != new.is_ok(), "the old or the new one: {old:?}, {new:?}");
            }
            Err(error) => assert!(old.is_ok() && new.is_err(), "{error:?} left {old:?}, {new:?}"),
        }
        assert_eq!(old.or(new).expect("one of them holds"), ["first"]);
        let code = self.code.as_ref().expect("registered");
        assert_eq!(self.elsewhere().recover(code, LAST_PASSPHRASE).await.expect("the code holds"), ["first"]);
    }
}

fn is_taken(error: &RegisterError) -> bool {
    matches!(&error.source, ClientError::Refused(refusal) if refusal.code == ProblemCode::NameTaken)
}
