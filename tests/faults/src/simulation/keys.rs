//! New recovery codes, new keys and newer suites of a world's people.

use super::Simulation;
use crate::person::Disk;
use rootcellar_client::ClientError;
use rootcellar_client::pending_code::CodeState;
use rootcellar_client::recovery_code::RecoveryCode;
use rootcellar_spec::ProblemCode;

impl Simulation {
    /// Logs in, and finds out what became of the recovery code that the device recorded, as every program does.
    pub async fn finish_code(&self, who: usize, device: usize) -> Result<Option<CodeState>, ClientError> {
        let client = self.program(who, device);
        let mut session = self.log_in(&client, who, self.people[who].passphrase()).await?;
        let notice = session.finish_code().await?;
        Ok(notice.map(|notice| notice.state))
    }

    /// Logs in, and sets a new recovery code, which is on paper before.
    pub async fn set_code(&mut self, who: usize, device: usize) -> Result<(), ClientError> {
        let client = self.program(who, device);
        let mut session = self.log_in(&client, who, self.people[who].passphrase()).await?;
        let code = RecoveryCode::generate(&mut self.draws.clone());
        let result = session.new_recovery_code(&code).await.map(drop);
        let is_unclear = matches!(result, Err(ClientError::RecoveryCodeUnconfirmed(_)));
        self.told_of_code(who, &code, result.is_ok(), is_unclear);
        result
    }

    /// Logs in, and changes the account's keys, with a new recovery code, which is on paper before.
    pub async fn rekey(&mut self, who: usize, device: usize) -> Result<(), ClientError> {
        let client = self.program(who, device);
        let mut session = self.log_in(&client, who, self.people[who].passphrase()).await?;
        let code = RecoveryCode::generate(&mut self.draws.clone());
        let result = session.rekey(&code, None).await.map(drop);
        let is_unclear = matches!(result, Err(ClientError::RekeyUnconfirmed(_)));
        self.told_of_code(who, &code, result.is_ok(), is_unclear);
        if result.is_ok() || is_unclear {
            let person = &mut self.people[who];
            let enrolled: Vec<usize> = person.standings.keys().copied().collect();
            enrolled.into_iter().for_each(|other| person.told_of_device(other, None, result.is_ok()));
        }
        result
    }

    /// Remembers what was said of a new recovery code.
    fn told_of_code(&mut self, who: usize, code: &RecoveryCode, is_done: bool, is_unclear: bool) {
        let person = &mut self.people[who];
        let words = code.words().to_string();
        if is_done {
            person.ended_codes.append(&mut person.codes);
        }
        match is_done || is_unclear {
            true => person.codes.push(words),
            false => person.ended_codes.push(words),
        }
    }

    /// Tries all of someone's recovery codes that may hold, the newest first: the one that does, which from now on is known.
    /// It looks at what is there, on a device that has seen nothing.
    pub async fn find_code(&self, who: usize) -> Result<Option<String>, ClientError> {
        // A write that came late may have ended one after the other was tried.
        let codes = &self.people[who].codes;
        for words in codes.iter().rev().chain(codes) {
            if self.opens(who, words).await? {
                return Ok(Some(words.clone()));
            }
        }
        Ok(None)
    }

    /// Whether a recovery code opens someone's account.
    pub async fn opens(&self, who: usize, words: &str) -> Result<bool, ClientError> {
        let disk = Disk::default();
        let client = self.program_on(&disk);
        let code = RecoveryCode::parse(words).expect("a code");
        match client.recover(self.people[who].recovery(&disk), &code).await {
            Ok(session) => {
                self.look(who, &session);
                Ok(true)
            }
            Err(ClientError::Refused(refusal)) if refusal.code == ProblemCode::RecoveryRefused => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// From now on it is known which recovery code holds.
    pub fn settle_code(&mut self, who: usize, holds: &str) {
        let person = &mut self.people[who];
        let ended = person.codes.extract_if(.., |words| words != holds);
        person.ended_codes.extend(ended);
    }
}
