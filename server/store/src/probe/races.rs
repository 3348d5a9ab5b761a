//! The checks of concurrent writes. Each runs in several rounds, because a store that checks the condition before it
//! writes may pass once by chance. Each round has its own object, because some providers limit the writes to one.

use super::checks::{Bench, Ended};
use super::{Cause, Finding, of_write};
use crate::{Condition, Key, WriteError};

/// How often each race runs.
const ROUNDS: u32 = 3;
/// What each of the concurrent writers writes.
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

    async fn try_creators(&self) -> Ended {
        let mut decided = false;
        for round in 0..ROUNDS {
            decided |= self.race(&self.key(&creation(round)), &Condition::Absent).await?;
        }
        decided_by_one(decided)
    }

    pub(super) async fn lets_one_replacer_win(&mut self) {
        let ended = self.try_replacers().await;
        self.enter("race-replace", ended);
    }

    async fn try_replacers(&self) -> Ended {
        let mut decided = false;
        for round in 0..ROUNDS {
            let (key, etag) = self.create(&replacement(round)).await?;
            decided |= self.race(&key, &Condition::Matches(etag)).await?;
        }
        decided_by_one(decided)
    }

    /// Four concurrent writes with the same condition. Returns whether one of them succeeded. None has to, if responses get
    /// lost.
    async fn race(&self, key: &Key, condition: &Condition) -> Result<bool, Finding> {
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
            [(winner, _)] => self.expect(key, Some(winner), Cause::WrongWinner).await.map(|()| true),
            _ => Err(Finding::new(Cause::SeveralWinners)),
        }
    }
}

fn decided_by_one(decided: bool) -> Ended {
    if decided { Ok(Cause::OneWinner) } else { Err(Finding::new(Cause::NoWinner)) }
}
