//! A bounded resource that client networks share.

use ipnet::IpNet;
use rootcellar_vault::limit::{Full, Report};
use rootcellar_vault::network::{LEVELS, networks_of};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The divisors that give the shares of an address's networks, narrowest first.
pub(super) const PARTS: [u64; LEVELS] = [8, 6, 4];
/// Pause between two attempts to get a resource.
const LOOK: Duration = Duration::from_millis(20);

/// A number of units, with a share for each client network.
#[derive(Debug)]
pub struct Resource {
    total: u64,
    /// The share of a network, by level.
    most: [u64; LEVELS],
    table: Mutex<Table>,
    report: Report,
}

/// What is in use. A network that uses nothing has no entry, so the size is bounded by the total.
#[derive(Debug, Default)]
struct Table {
    taken: u64,
    by_network: HashMap<IpNet, u64>,
}

/// Units of a resource. Dropping it returns them.
#[derive(Debug)]
pub struct Reservation {
    resource: Arc<Resource>,
    networks: Option<[IpNet; LEVELS]>,
    amount: u64,
}

impl Resource {
    /// `total` units. A network's share is at least `least`, unless there are fewer.
    #[must_use]
    pub fn new(name: &'static str, total: u64, least: u64) -> Arc<Self> {
        let most = PARTS.map(|part| (total / part).max(least).min(total));
        let report = Report::new(name, total);
        Arc::new(Self { total, most, table: Mutex::default(), report })
    }

    /// Takes `amount` units, or all if there are fewer. Without an address, they count for no
    /// network.
    ///
    /// # Errors
    /// If the client's share or the resource is exhausted.
    pub fn take(self: &Arc<Self>, client: Option<IpAddr>, amount: u64) -> Result<Reservation, Full> {
        let mut held = self.nothing(client);
        held.grow(amount.min(self.total))?;
        Ok(held)
    }

    /// Like [`Self::take`], but waits for up to `longest`. Use it only for what is returned soon,
    /// whatever clients do.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub async fn wait(
        self: &Arc<Self>,
        client: Option<IpAddr>,
        amount: u64,
        longest: Duration,
    ) -> Result<Reservation, Full> {
        let mut held = self.nothing(client);
        held.wait_to_grow(amount.min(self.total), longest).await?;
        Ok(held)
    }

    fn nothing(self: &Arc<Self>, client: Option<IpAddr>) -> Reservation {
        Reservation { resource: self.clone(), networks: client.map(networks_of), amount: 0 }
    }
}

impl Reservation {
    /// Takes `more` units for the same client.
    ///
    /// # Errors
    /// As [`Resource::take`]. The reservation does not change then.
    pub fn grow(&mut self, more: u64) -> Result<(), Full> {
        self.try_grow(more).inspect_err(|full| self.resource.report.refused(*full))
    }

    /// Like [`Self::grow`], but waits for up to `longest`.
    ///
    /// # Errors
    /// As [`Self::grow`].
    pub async fn wait_to_grow(&mut self, more: u64, longest: Duration) -> Result<(), Full> {
        let end = Instant::now() + longest;
        while self.try_grow(more).is_err() {
            if Instant::now() >= end {
                return self.grow(more);
            }
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// Takes or returns units, so that the reservation has `amount`.
    ///
    /// # Errors
    /// As [`Self::grow`].
    pub fn resize(&mut self, amount: u64) -> Result<(), Full> {
        self.shrink_to(amount);
        self.grow(amount - self.amount)
    }

    /// Returns units until `amount` are left.
    pub fn shrink_to(&mut self, amount: u64) {
        let returned = self.amount.saturating_sub(amount);
        if returned == 0 {
            return;
        }
        let mut table = self.resource.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.taken -= returned;
        for network in self.networks.iter().flatten() {
            let held = table.by_network.get_mut(network).expect("what is held has an entry");
            *held -= returned;
            if *held == 0 {
                table.by_network.remove(network);
            }
        }
        drop(table);
        self.amount -= returned;
        self.resource.report.returned(returned);
    }

    fn try_grow(&mut self, more: u64) -> Result<(), Full> {
        let Resource { total, most, table, report } = &*self.resource;
        let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
        let Table { taken, by_network } = &mut *table;
        let networks = self.networks.iter().flatten();
        for (network, most) in networks.clone().zip(most) {
            let held = by_network.get(network).copied().unwrap_or_default();
            if more > most.saturating_sub(held) {
                return Err(Full::Share);
            }
        }
        if more > total.saturating_sub(*taken) {
            return Err(Full::Total);
        }
        *taken += more;
        networks.for_each(|network| *by_network.entry(*network).or_default() += more);
        self.amount += more;
        report.taken(more);
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.shrink_to(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take_all(resource: &Arc<Resource>, addresses: impl Iterator<Item = String>) -> Vec<Reservation> {
        let addresses = addresses.map(|text| Some(text.parse().expect("an address")));
        addresses.map_while(|address| resource.take(address, 1).ok()).collect()
    }

    #[test]
    fn an_address_holds_its_share_and_leaves_the_rest() {
        let resource = Resource::new("test", 768, 1);
        let held = take_all(&resource, std::iter::repeat("127.0.0.2".to_owned()));
        assert_eq!(held.len(), 96);
        let refused = resource.take(Some("127.0.0.2".parse().expect("an address")), 1);
        assert_eq!(refused.expect_err("its share"), Full::Share);
        assert!(resource.take(Some("127.0.0.1".parse().expect("an address")), 1).is_ok());
    }

    #[test]
    fn networks_of_every_width_hold_their_shares() {
        let resource = Resource::new("test", 768, 1);
        let of_56 = take_all(&resource, (0..=255).map(|n| format!("2001:db8:0:{n:x}::1")));
        assert_eq!(of_56.len(), 128, "one each of a /56's /64s");
        drop(of_56);
        let of_48 = take_all(&resource, (0..=255).map(|n| format!("2001:db8:0:{n:x}00::1")));
        assert_eq!(of_48.len(), 192, "one each of a /48's /56s");
        assert_eq!(take_all(&resource, (0..=255).map(|n| format!("192.0.2.{n}"))).len(), 192);
        let others = take_all(&resource, (1..=999).map(|n| format!("2001:db8:{n:x}:{n:x}::1")));
        assert_eq!(others.len() + of_48.len(), 768, "others get the rest");
        assert_eq!(resource.take(None, 1).expect_err("all is held"), Full::Total);
    }

    #[test]
    fn what_is_dropped_is_returned_and_forgotten() {
        let resource = Resource::new("test", 100, 60);
        let client = Some("192.0.2.1".parse().expect("an address"));
        let mut held = resource.take(client, 20).expect("there is room");
        held.grow(40).expect("there is room");
        assert_eq!(held.grow(1), Err(Full::Share));
        held.shrink_to(10);
        held.shrink_to(30);
        held.grow(50).expect("what was returned");
        drop(held);
        let table = resource.table.lock().expect("one user");
        assert_eq!((table.taken, table.by_network.len()), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_gets_what_others_return() {
        let resource = Resource::new("test", 1, 1);
        let held = resource.take(None, 1).expect("there is one");
        let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
        assert_eq!(resource.wait(None, 1, second).await.expect_err("it is held"), Full::Total);
        let waiting = tokio::spawn({
            let resource = resource.clone();
            async move { resource.wait(None, 1, minute).await.is_ok() }
        });
        sleep(second).await;
        drop(held);
        assert!(waiting.await.expect("ends"));
    }
}
