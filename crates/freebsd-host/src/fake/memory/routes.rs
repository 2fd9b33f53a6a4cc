//! Routes in memory: those that somebody set, as long as their interface reaches the gateway.

use std::net::IpAddr;

use super::machine::{Machine, NicId};
use crate::fake::errno::Errno;
use crate::fake::kernel::Place;
use crate::fake::route::{Destination, Gateway, Route};

impl Machine {
    pub(super) fn add_route(
        &mut self,
        place: Place,
        destination: Destination,
        gateway: &Gateway,
    ) -> Result<(), Errno> {
        let place = self.vnet(place);
        let interface = self.interface_to(place, gateway).ok_or(Errno::NoNetwork)?;
        let routes = self.routes.entry(place).or_default();
        if routes.iter().any(|route| route.destination == destination) {
            return Err(Errno::Exists);
        }
        routes.push(Route { destination, gateway: Some(gateway.clone()), interface });
        Ok(())
    }

    pub(super) fn delete_route(&mut self, place: Place, destination: Destination) -> Result<(), Errno> {
        let routes = self.routes.entry(self.vnet(place)).or_default();
        let before = routes.len();
        routes.retain(|route| route.destination != destination);
        if routes.len() == before { Err(Errno::NoProcess) } else { Ok(()) }
    }

    pub(super) fn routes_of(&self, place: Place) -> Vec<Route> {
        self.routes.get(&self.vnet(place)).cloned().unwrap_or_default()
    }

    /// Drops the routes that leave by an interface.
    pub(super) fn drop_routes(&mut self, id: NicId) {
        let (place, name) = (self.nic(id).place, self.nic(id).view.name.clone());
        if let Some(routes) = self.routes.get_mut(&place) {
            routes.retain(|route| route.interface != name);
        }
        if let Some(entries) = self.arp.get_mut(&place) {
            entries.retain(|entry| entry.interface != name);
        }
    }

    /// Drops the routes whose gateway nothing reaches any more.
    pub(super) fn drop_stale_routes(&mut self) {
        for place in self.routes.keys().copied().collect::<Vec<_>>() {
            let reached = |route: &Route| {
                route.gateway.as_ref().is_none_or(|gateway| self.interface_to(place, gateway).is_some())
            };
            let kept: Vec<Route> = self.routes_of(place).into_iter().filter(reached).collect();
            self.routes.insert(place, kept);
        }
    }

    fn interface_to(&self, place: Place, gateway: &Gateway) -> Option<String> {
        let is_link_local = matches!(gateway.address, IpAddr::V6(v6) if v6.is_unicast_link_local());
        let mut nics = self.nics.values().filter(|nic| nic.place == place && nic.view.is_up);
        let found = match &gateway.scope {
            Some(scope) => nics.find(|nic| nic.view.name == *scope),
            // Without its interface a link-local address says nothing.
            None if is_link_local => None,
            None => nics.find(|nic| nic.is_on_link(gateway.address)),
        };
        found.map(|nic| nic.view.name.clone())
    }
}
