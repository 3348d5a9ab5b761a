//! The checks of writes at the same time, each in several rounds: an engine that looks first and writes afterwards may be
//! lucky once. Each round has an object of its own, because some providers limit writes to one.

use super::checks::{Bench, Failure, IGNORES};
use super::{CheckResult, of_write};
use crate::{Condition, Key, WriteError};

/// How often each race is run.
const ROUNDS: u32 = 3;
/// Who races: what each writes.
const RACERS: [&str; 4] = ["a", "b", "c", "d"];

/// Names of all objects that races make.
pub(super) fn names() -> impl Iterator<Item = String> {
    (0..ROUNDS).flat_map(|round| [creation(round), replacement(round)])
}

fn creation(round: u32) -> String {
    format!("race/create-{round}")
}

fn replacement(round: u32) -> String {
    format!("race/replace-{round}")
}

impl Bench<'_> {
    pub(super) async fn lets_one_creator_win(&mut self) {
        let ended = self.try_creators().await;
        self.enter("race-create", ended);
    }

    async fn try_creators(&self) -> Result<String, Failure> {
        let mut decided = false;
        for round in 0..ROUNDS {
            decided |= self.race(&self.key(&creation(round)), &Condition::Absent).await?;
        }
        told("creations", decided)
    }

    pub(super) async fn lets_one_replacer_win(&mut self) {
        let ended = self.try_replacers().await;
        self.enter("race-replace", ended);
    }

    async fn try_replacers(&self) -> Result<String, Failure> {
        let mut decided = false;
        for round in 0..ROUNDS {
            let (key, etag) = self.create(&replacement(round)).await?;
            decided |= self.race(&key, &Condition::Matches(etag)).await?;
        }
        told("replacements", decided)
    }

    /// Four write at the same time under one condition. Tells whether one of them won; nobody has to, where the answers get
    /// lost.
    async fn race(&self, key: &Key, condition: &Condition) -> Result<bool, Failure> {
        let put = |text: &'static str| self.store.put(key, self.body(text), condition.clone());
        let [a, b, c, d] = RACERS;
        let ended = tokio::join!(put(a), put(b), put(c), put(d));
        let ended = [ended.0, ended.1, ended.2, ended.3];
        let refused = ended.iter().find(|ended| matches!(ended, Err(WriteError::Refused { .. })));
        if let Some(Err(error)) = refused {
            return Err(of_write(error));
        }
        let winners: Vec<_> = RACERS.into_iter().zip(&ended).filter(|(_, ended)| ended.is_ok()).collect();
        match winners[..] {
            [] => Ok(false),
            [(winner, _)] => {
                let otherwise = "of writes at the same time another one stands than was told that it won";
                self.expect(key, Some(winner), otherwise).await.map(|()| true)
            }
            _ => {
                let meaning =
                    format!("of writes at the same time several were told that they won: {IGNORES}");
                Err((CheckResult::Failed, meaning))
            }
        }
    }
}

fn told(what: &str, decided: bool) -> Result<String, Failure> {
    match decided {
        true => Ok(format!("of {what} at the same time one wins, and the others learn that they did not")),
        false => Err((CheckResult::Unclear, format!("of {what} at the same time none was told that it won"))),
    }
}
