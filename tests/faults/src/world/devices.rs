//! Enrolled devices: enrolling one, what it may do, and a save on it.

use super::{World, adding};
use crate::person::{Disk, typed};
use rootcellar_client::device::DeviceSecrets;
use rootcellar_client::{ClientError, Login};
use rootcellar_spec::ProblemCode;
use rootcellar_spec::wire::login::Permission;

impl World {
    /// Logs in on a device and enrols it, with secrets that it keeps before. Whether it was said to be enrolled.
    pub async fn enrol(&mut self, who: usize, device: usize, permission: Permission) -> bool {
        let disk = self.people[who].devices[device].clone();
        let former = disk.secrets();
        let secrets = disk.secrets().unwrap_or_else(|| DeviceSecrets::generate(&mut self.draws.clone()));
        disk.keep_secrets(Some(&secrets));
        let mut client = self.program(who, device);
        let result = match self.log_in(&mut client, who, self.people[who].passphrase()).await {
            Ok(opened) => client.session(opened).enrol(&secrets, permission).await,
            Err(error) => Err(error),
        };
        if result.is_err() && !matches!(result, Err(ClientError::DevicesUnconfirmed(_))) {
            disk.keep_secrets(former.as_ref());
        }
        self.told_of_device(who, device, Some(permission), &result)
    }

    /// Logs in on the first device and changes what one may do, or revokes it. Whether it was said to be done.
    pub async fn permit(&mut self, who: usize, device: usize, permission: Option<Permission>) -> bool {
        let id = self.people[who].devices[device].device();
        let mut client = self.program(who, 0);
        let opened = match self.log_in(&mut client, who, self.people[who].passphrase()).await {
            Ok(opened) => opened,
            Err(error) => return self.told_of_device::<()>(who, device, permission, &Err(error)),
        };
        let mut session = client.session(opened);
        let result = match permission {
            Some(permission) => session.permit(id, permission).await,
            None => session.revoke(id).await,
        };
        let possible = &mut self.people[who].permitted[device];
        if let (Err(ClientError::NoSuchDevice(_)), None) = (&result, permission) {
            assert!(possible.contains(&None), "a device is gone that nobody revoked");
            *possible = vec![None];
            return true;
        }
        self.told_of_device(who, device, permission, &result)
    }

    fn told_of_device<T>(
        &mut self,
        who: usize,
        device: usize,
        permission: Option<Permission>,
        result: &Result<T, ClientError>,
    ) -> bool {
        let possible = &mut self.people[who].permitted[device];
        match result {
            Ok(_) => *possible = vec![permission],
            Err(ClientError::DevicesUnconfirmed(_)) => possible.push(permission),
            Err(_) => {}
        }
        result.is_ok()
    }

    /// Saves one text on an enrolled device, without a login. Whether it was said to be saved.
    pub async fn save_on_device(&mut self, who: usize, device: usize, text: &'static str) -> bool {
        self.about_to_save(who, device, text);
        let mut client = self.program(who, device);
        let disk = &self.people[who].devices[device];
        let secrets = disk.secrets().expect("an enrolled device keeps its secrets");
        let memory = disk.memory().expect("it has seen the account");
        let result = match client.resume_device(memory, &secrets).await {
            Ok(mut session) => session.save(adding(text)).await.map(drop),
            Err(error) => Err(error),
        };
        self.told_of_save(who, device, text, result)
    }

    /// Each device is let in as its owner was told, and nothing contradicts its list.
    pub(crate) async fn check_devices(&self, who: usize) {
        let person = &self.people[who];
        for (disk, possible) in person.devices.iter().zip(&person.permitted) {
            let (Some(secrets), Some(memory)) = (disk.secrets(), disk.memory()) else {
                assert_eq!(possible, &[None], "a device has lost its secrets");
                continue;
            };
            let mut client = self.program_on(disk);
            let found = match client.device_session(memory, &secrets).await {
                Ok(session) => {
                    assert_eq!(session.devices_fault(), None, "an honest vault is trusted");
                    Some(session.permission())
                }
                Err(ClientError::Refused(refusal)) if refusal.code == ProblemCode::DeviceRevoked => None,
                Err(error) => panic!("{}'s device is refused: {error}", person.name),
            };
            assert!(
                possible.contains(&found),
                "{}'s device may {found:?}, and not {possible:?}",
                person.name
            );
        }
    }

    /// Whoever gets in with the passphrase finds the devices that are enrolled, and no others.
    pub(crate) async fn check_list(&self, who: usize, passphrase: &str) {
        let person = &self.people[who];
        let mut client = self.program_on(&Disk::default());
        let login = Login::new_device(person.account_name());
        let mut session = client.login(login, &typed(passphrase)).await.expect("logs in");
        assert_eq!(session.devices_fault(), None, "an honest vault is trusted");
        let known = session.devices().await.expect("the devices are listed");
        let mut others = known.len();
        for (disk, possible) in person.devices.iter().zip(&person.permitted) {
            let found = known.iter().find(|known| known.device.id == disk.device());
            let found = found.map(|known| known.device.permission);
            others -= usize::from(found.is_some());
            assert!(possible.contains(&found), "the list has {found:?}, and not {possible:?}");
        }
        assert_eq!(others, 0, "the list names devices that nobody enrolled");
    }
}
