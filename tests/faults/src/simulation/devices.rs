//! Enrolled devices of a world's people.

use super::{Simulation, adding, labels, permitted_texts};
use crate::person::{Disk, InProcess, Standing};
use rootcellar_client::device::DeviceSecrets;
use rootcellar_client::local_state::LocalState;
use rootcellar_client::pending_save::PendingSaveOutcome;
use rootcellar_client::{Client, ClientError, DeviceChange, Session};
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::login::Permission;

impl Simulation {
    /// Logs in on a device, and enrols it.
    pub async fn enrol(
        &mut self,
        who: usize,
        device: usize,
        permission: Permission,
    ) -> Result<(), ClientError> {
        let client = self.program(who, device);
        let mut session = self.log_in(&client, who, self.people[who].passphrase()).await?;
        let disk = &self.people[who].devices[device];
        let secrets = disk.secrets().unwrap_or_else(|| DeviceSecrets::generate(&mut self.draws.clone()));
        let result = session.enrol(&secrets, permission).await;
        self.told_of_change(who, device, Some(permission), &result);
        result
    }

    /// Logs in on a device, and gives another one another permission.
    pub async fn permit(
        &mut self,
        who: usize,
        by: usize,
        device: usize,
        permission: Permission,
    ) -> Result<DeviceChange, ClientError> {
        let client = self.program(who, by);
        let mut session = self.log_in(&client, who, self.people[who].passphrase()).await?;
        let id = self.people[who].devices[device].id();
        let result = session.permit(id, permission).await;
        self.told_of_change(who, device, Some(permission), &result);
        result
    }

    /// Logs in on a device, and revokes another one.
    pub async fn revoke(&mut self, who: usize, by: usize, device: usize) -> Result<(), ClientError> {
        let client = self.program(who, by);
        let mut session = self.log_in(&client, who, self.people[who].passphrase()).await?;
        let id = self.people[who].devices[device].id();
        let result = match session.revoke(id).await {
            Err(ClientError::NoSuchDevice(_)) => {
                let could_be_gone = self.people[who].standing(device).contains(&None);
                assert!(could_be_gone, "a device is gone that nobody has revoked");
                Ok(())
            }
            result => result.map(drop),
        };
        self.told_of_change(who, device, None, &result);
        result
    }

    fn told_of_change<T>(
        &mut self,
        who: usize,
        device: usize,
        to: Standing,
        result: &Result<T, ClientError>,
    ) {
        match result {
            Ok(_) => self.people[who].told_of_device(device, to, true),
            Err(ClientError::DevicesUnconfirmed(_)) => self.people[who].told_of_device(device, to, false),
            Err(_) => {}
        }
    }

    /// Saves one text from an enrolled device, without a passphrase. Whether it was said to be saved.
    pub async fn save_on_device(&mut self, who: usize, device: usize, text: &'static str) -> bool {
        let client = self.program(who, device);
        self.about_to_save(who, device, text);
        let result = self.saving_on_device(&client, who, device, text).await;
        self.told_of_save(who, device, text, result)
    }

    /// Tries to save one text from an enrolled device. Whether it was refused because there was no room.
    pub async fn is_without_room(&mut self, who: usize, device: usize, text: &'static str) -> bool {
        let client = self.program(who, device);
        self.about_to_save(who, device, text);
        let result = self.saving_on_device(&client, who, device, text).await;
        let is_refused =
            matches!(&result, Err(ClientError::Refused(refusal)) if refusal.code == ProblemCode::DeviceQuota);
        let is_saved = self.told_of_save(who, device, text, result);
        assert!(!is_saved, "a device saved that has no room");
        is_refused
    }

    /// Whether an enrolled device that tries to save is told that it may not, before anything is sent.
    pub async fn saving_on_device_refused(&self, who: usize, device: usize) -> bool {
        let disk = self.people[who].devices[device].copy();
        let (local_state, secrets) = enrolled(&disk);
        let client = self.program_on(&disk);
        let mut session = client.device_session(local_state, &secrets).await.expect("is let in");
        let refused = session.save(adding("by a device that may not")).await;
        matches!(refused, Err(ClientError::NotPermitted { .. }))
    }

    async fn saving_on_device(
        &self,
        client: &Client<InProcess>,
        who: usize,
        device: usize,
        text: &'static str,
    ) -> Result<(), ClientError> {
        let (local_state, secrets) = enrolled(&self.people[who].devices[device]);
        let mut session = client.resume_device(local_state, &secrets).await?;
        session.save(adding(text)).await?;
        self.look_at(who, &session);
        Ok(())
    }

    /// Finishes what is unfinished on an enrolled device, without a passphrase.
    pub async fn finish_on_device(
        &mut self,
        who: usize,
        device: usize,
    ) -> Result<PendingSaveOutcome, ClientError> {
        let client = self.program(who, device);
        let (local_state, secrets) = enrolled(&self.people[who].devices[device]);
        let mut session = client.resume_device(local_state, &secrets).await?;
        let outcome = session.finish_pending().await?;
        self.told_of_finish(who, device, outcome);
        Ok(outcome)
    }

    /// What a device is, as the vault sees it and as its own keys show; the device learns nothing of it.
    pub async fn stand(&self, who: usize, device: usize) -> Result<Standing, ClientError> {
        let disk = self.people[who].devices[device].copy();
        let (local_state, secrets) = enrolled(&disk);
        let client = self.program_on(&disk);
        let standing = match client.device_session(local_state, &secrets).await {
            Ok(session) => {
                self.look_at(who, &session);
                Ok(Some(session.permission()))
            }
            Err(ClientError::Refused(refusal)) if refusal.code == ProblemCode::DeviceRevoked => Ok(None),
            Err(error) => Err(error),
        };
        if let Ok(Some(permission)) = standing
            && permission.holds_account_key()
        {
            let (local_state, secrets) = enrolled(&disk);
            let session = client.restore_on_device(local_state, &secrets).await?;
            self.look(who, &session);
        }
        standing
    }

    /// A user of a device sees what they were told, and opens no more than the device may.
    fn look_at(&self, who: usize, session: &Session<InProcess>) {
        self.compare(who, &labels(session));
        let opened = permitted_texts(session);
        assert!(opened.is_none(), "a device opened {opened:?} without asking for a restore");
    }

    /// Someone's devices are what their owner was told, in the vault's table and in the list.
    pub async fn check_devices(&self, who: usize, session: &mut Session<InProcess>) {
        let person = &self.people[who];
        let listed = session.devices().await.expect("what the vault says of the devices holds together");
        for (at, disk) in person.devices.iter().enumerate() {
            let found = listed.iter().find(|known| known.device.id == disk.id());
            let found = found.map(|known| known.device.permission);
            let possible = person.standing(at);
            assert!(possible.contains(&found), "device {at} is {found:?}, and was to be one of {possible:?}");
        }
        let is_known = |id| person.devices.iter().any(|disk| disk.id() == id);
        assert!(listed.iter().all(|known| is_known(known.device.id)), "another user's device is enrolled");
    }
}

/// What an enrolled device continues with.
fn enrolled(disk: &Disk) -> (LocalState, DeviceSecrets) {
    (disk.local_state().expect("a device remembers"), disk.secrets().expect("a device has secrets"))
}
