//! JSON bodies (protocol.md section 15). The vault refuses unknown members of requests. Clients
//! ignore unknown members of responses.

/// Implements `Debug` for a body. It prints the members in `shows` and not those in `hides`, which
/// are secret or encrypted. A member that is in neither list does not compile.
macro_rules! redacted_debug {
    ($body:ident shows $($shown:ident),*; hides $($hidden:ident),+) => {
        impl std::fmt::Debug for $body {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let Self { $($shown,)* $($hidden: _,)+ } = self;
                f.debug_struct(stringify!($body))
                    $(.field(stringify!($shown), $shown))*
                    $(.field(stringify!($hidden), &format_args!("[redacted]")))+
                    .finish()
            }
        }
    };
}

pub mod account;
pub mod devices;
pub mod history;
pub mod login;
pub mod pairing;
pub mod paths;
pub mod recovery;
pub mod registration;
pub mod vault;

#[cfg(test)]
mod tests {
    use super::login::{Budget, FinishRequest, Permission, Session, StartResponse};
    use super::recovery::{RecoveryMethod, RecoveryRequest};
    use super::registration as new;
    use crate::suite::SuiteId;
    use crate::values::{AccountId, Generation, OperationId, Timestamp};

    /// Every secret byte is 0xc7 here, or 199.
    const SECRET: u8 = 0xc7;

    fn method() -> RecoveryMethod {
        RecoveryMethod {
            label: Some(vec![SECRET; 40]),
            wait: 0,
            keyslot: vec![SECRET; 40],
            locator: [SECRET; 32],
            login_public_key: [0; 32],
            proof: [SECRET; 64],
        }
    }

    fn bodies() -> Vec<String> {
        let token = vec![SECRET; 40];
        let budget = Budget { remaining: 1, next_wait: 0 };
        let (operation, suite) = (OperationId([1; 16]), SuiteId::ONE);
        vec![
            format!(
                "{:?}",
                StartResponse {
                    suite,
                    ke2: [0; 320],
                    token: token.clone(),
                    budget,
                    quorum_slots: [SECRET; 512]
                }
            ),
            format!(
                "{:?}",
                FinishRequest {
                    token: token.clone(),
                    ke3: [SECRET; 64],
                    request_key: [0; 32],
                    purpose: None
                }
            ),
            format!(
                "{:?}",
                Session { token: token.clone(), expires_at: Timestamp(1), permission: Permission::Manage }
            ),
            format!("{:?}", RecoveryRequest { locator: [SECRET; 32], request_key: [0; 32] }),
            format!("{:?}", new::StartResponse { registration_response: [0; 64], token: token.clone() }),
            format!(
                "{:?}",
                new::FinishRequest {
                    token: token.clone(),
                    operation,
                    account_id: AccountId([2; 16]),
                    suite,
                    registration_record: [SECRET; 192],
                    passphrase_keyslot: token.clone(),
                    recovery_methods: vec![method()],
                    invite: Some("canary-invite".to_owned()),
                }
            ),
            format!(
                "{:?}",
                new::PassphraseFinishRequest {
                    token: token.clone(),
                    operation,
                    suite,
                    generation: Generation::FIRST,
                    registration_record: [SECRET; 192],
                    passphrase_keyslot: token,
                    keep_sessions: false,
                }
            ),
        ]
    }

    #[test]
    fn what_opens_something_is_not_printed() {
        for text in bodies() {
            assert!(text.contains("[redacted]"), "{text}");
            assert!(!text.contains("199") && !text.contains("canary"), "{text}");
        }
    }
}
