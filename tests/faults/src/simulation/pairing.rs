//! Two devices of a world's people that meet.

use super::Simulation;
use crate::person::InProcess;
use rootcellar_client::client::Paired;
use rootcellar_client::inventory::Label;
use rootcellar_client::local_state::LocalState;
use rootcellar_client::pairing::Code;
use rootcellar_client::{Client, ClientError};
use rootcellar_spec::wire::login::Permission;
use std::pin::pin;
use tokio::sync::oneshot;

/// What the person carries from one device to the other.
struct Carried {
    text: oneshot::Receiver<String>,
    code: oneshot::Receiver<Code>,
}

impl Simulation {
    /// Logs in on a device, and pairs another one with it. Whether both said that it is done.
    pub async fn pair(&mut self, who: usize, by: usize, device: usize, permission: Permission) -> bool {
        let (old, new) = (self.program(who, by), self.program(who, device));
        let remembered = self.people[who].devices[device].local_state();
        let (shown, text) = oneshot::channel();
        let (compared, code) = oneshot::channel();
        let (confirmed, joined) = {
            let mut managing = pin!(self.bring_in(&old, who, permission, Carried { text, code }));
            let mut joining = pin!(join(&new, remembered, shown, compared));
            // Where one of them says that it failed, the person stops the other.
            tokio::select! {
                confirmed = &mut managing => match confirmed {
                    Ok(()) => (Some(Ok(())), Some(joining.await)),
                    failed => (Some(failed), None),
                },
                joined = &mut joining => match joined {
                    Ok(paired) => (Some(managing.await), Some(Ok(paired))),
                    failed => (None, Some(failed)),
                },
            }
        };
        self.told_of_pairing(who, device, permission, confirmed, joined)
    }

    async fn bring_in(
        &self,
        client: &Client<InProcess>,
        who: usize,
        permission: Permission,
        carried: Carried,
    ) -> Result<(), ClientError> {
        let mut session = self.log_in(client, who, self.people[who].passphrase()).await?;
        let Ok(text) = carried.text.await else { return std::future::pending().await };
        let meeting = session.open_pairing(&text).await?;
        let confirming = session.await_reply(meeting).await?;
        let Ok(code) = carried.code.await else { return std::future::pending().await };
        assert!(code == confirming.code(), "nobody is in between, and the codes differ");
        session.confirm_pairing(&confirming, permission).await
    }

    fn told_of_pairing(
        &mut self,
        who: usize,
        device: usize,
        permission: Permission,
        confirmed: Option<Result<(), ClientError>>,
        joined: Option<Result<Paired, ClientError>>,
    ) -> bool {
        let person = &mut self.people[who];
        let is_in = matches!(joined, Some(Ok(_))) || matches!(confirmed, Some(Ok(())));
        // A client that stopped before it was told anything cannot know.
        let is_unclear = matches!(confirmed, None | Some(Err(ClientError::DevicesUnconfirmed(_))));
        if is_in || is_unclear {
            person.told_of_device(device, Some(permission), is_in);
        }
        match joined {
            Some(Ok(paired)) => {
                assert_eq!(paired.permission, permission, "a device was told another permission");
                matches!(confirmed, Some(Ok(())))
            }
            _ => false,
        }
    }
}

/// The new device's side.
async fn join(
    client: &Client<InProcess>,
    remembered: Option<LocalState>,
    shown: oneshot::Sender<String>,
    compared: oneshot::Sender<Code>,
) -> Result<Paired, ClientError> {
    let offer = client.offer_pairing(Label::parse("a new device").expect("a label")).await?;
    // Nobody reads it where the other device has failed.
    let _ = shown.send(offer.text());
    let joining = client.await_opening(offer).await?;
    let _ = compared.send(joining.code());
    client.finish_pairing(&joining, remembered).await
}
