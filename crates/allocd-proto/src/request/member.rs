//! Requests to change the members of the cluster. They need no request id: what is so already is a success.

use allocd_types::cluster::MemberChange;
use allocd_types::id::MemberId;
use allocd_types::violation::Violations;
use http::uri::Authority;

use crate::v1;

impl TryFrom<v1::AddMemberRequest> for MemberChange {
    type Error = Violations;

    fn try_from(request: v1::AddMemberRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let address = wrong.keep("address", address(&request.address));
        let member = (request.member_id != 0).then_some(MemberId::new(request.member_id));
        wrong.finish(address).map(|address| Self::Add { member, address })
    }
}

impl TryFrom<v1::PromoteMemberRequest> for MemberChange {
    type Error = Violations;

    fn try_from(request: v1::PromoteMemberRequest) -> Result<Self, Violations> {
        named(request.member_id).map(Self::Promote)
    }
}

impl TryFrom<v1::RemoveMemberRequest> for MemberChange {
    type Error = Violations;

    fn try_from(request: v1::RemoveMemberRequest) -> Result<Self, Violations> {
        named(request.member_id).map(Self::Remove)
    }
}

/// A member that has to be named.
///
/// # Errors
/// [`Violations`] if it is not.
pub fn named(id: u64) -> Result<MemberId, Violations> {
    let mut wrong = Violations::default();
    let known = if id == 0 { Err("a member is named by its id, from 1") } else { Ok(MemberId::new(id)) };
    let member = wrong.keep("member_id", known);
    wrong.finish(member)
}

/// An address by which a member is reached: a host and a port.
///
/// # Errors
/// A sentence, if it is none.
pub fn address(text: &str) -> Result<String, String> {
    let authority: Option<Authority> = text.parse().ok();
    let is_address = authority.is_some_and(|authority| {
        let has_port = authority.port_u16().is_some_and(|port| port != 0);
        has_port && !authority.host().is_empty() && !text.contains('@')
    });
    if is_address {
        Ok(text.to_owned())
    } else {
        Err(format!("{text:?} is no address: a host and a port, such as 127.0.0.1:7421"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_and_a_port() {
        for good in ["10.0.0.4:7421", "alpha.example.org:1", "[2001:db8::4]:7421"] {
            assert_eq!(address(good), Ok(good.to_owned()));
        }
        for bad in ["", "alpha", "alpha:0", ":7421", "a@b:7421", "alpha:99999", "alpha:7421/x"] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_addition_names_its_place_and_perhaps_its_id() {
        let request = v1::AddMemberRequest { member_id: 0, address: "10.0.0.4:7421".to_owned() };
        let address = request.address.clone();
        assert_eq!(MemberChange::try_from(request), Ok(MemberChange::Add { member: None, address }));
        assert!(MemberChange::try_from(v1::AddMemberRequest::default()).is_err());
        assert!(MemberChange::try_from(v1::RemoveMemberRequest::default()).is_err());
    }
}
