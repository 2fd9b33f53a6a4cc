//! The MAC addresses that FreeBSD's kernel gives the interfaces it creates, by its own rules.
//!
//! * to 11 (sys/net/if_epair.c): 02, two bytes of the stack that nobody set, the end's interface index, 0a or 0b;
//! * 12 to 14: 02, a hash of a counter and the hostid, 0a; the other end differs in the last byte;
//! * 15 and `net.link.epair.ether_gen_addr`: ether_gen_addr(9) for each end (sys/net/if_ethersubr.c).
//!
//! None of them knows of other machines, which is what makes them meet there.

use std::collections::BTreeSet;

use allocd_types::mac::Mac;
use sha1::{Digest as _, Sha1};

use super::interface::Driver;
use super::release::Release;

/// How ether_gen_addr(9) comes to its last three bytes: they depend on release and machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GeneratedRule {
    /// To 14 where `char` is signed, as on amd64: bytes from 0x80 on fill all above them.
    SignedDigest,
    /// To 14 where `char` is unsigned, as on arm64.
    UnsignedDigest,
    /// Later: two bytes of the digest behind 58:9c:fc:10.
    TwoBytes,
}

/// How an epair's ends get their MACs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EpairRule {
    /// By interface index.
    Index,
    /// By a hash of a counter and the hostid.
    Counter,
    /// By ether_gen_addr(9).
    Generated,
}

/// What a machine's MACs are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// `kern.hostuuid`.
    pub hostuuid: String,
    /// `kern.hostid`.
    pub hostid: u64,
    /// What the stack happens to hold where if_epair(4) to 11 sets nothing; the same each time.
    pub uninitialised: [u8; 2],
    /// How ether_gen_addr(9) works.
    pub generated: GeneratedRule,
}

/// The generator of one kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockMacs {
    identity: Identity,
    /// The counter that if_epair(4) of 12 to 14 keeps for all network stacks.
    next_index: u32,
    /// State of what stands for the kernel's random numbers.
    random: u64,
}

/// What a new interface's MAC may depend on besides the machine.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// Time since boot.
    pub ticks: u32,
    /// MACs that interfaces of the machine have.
    pub taken: &'a BTreeSet<Mac>,
}

/// The variable that says how epairs get their MACs, where there is a choice.
pub const CHOICE_OF_MACS: &str = "net.link.epair.ether_gen_addr";

/// The hostuuid of a machine that has none, with which ether_gen_addr(9) draws at random.
const NO_HOSTUUID: &str = "00000000-0000-0000-0000-000000000000";
/// The Organizationally Unique Identifier of the FreeBSD Foundation.
const OUI: [u8; 3] = [0x58, 0x9c, 0xfc];

impl EpairRule {
    /// The rule of a release whose settings nobody changed.
    #[must_use]
    pub const fn of(release: Release) -> Self {
        match release.major {
            0..=11 => Self::Index,
            12..=14 => Self::Counter,
            15.. => Self::Generated,
        }
    }

    /// The rule of a release and of `net.link.epair.ether_gen_addr`, where there is that choice.
    #[must_use]
    pub fn chosen(release: Release, choice: Option<&str>) -> Self {
        match choice {
            Some("1") => Self::Generated,
            Some(_) => Self::Counter,
            None => Self::of(release),
        }
    }
}

impl GeneratedRule {
    /// The rule of a release on amd64; which of them 15.0 has is not certain.
    #[must_use]
    pub const fn of(release: Release) -> Self {
        if release.major < 15 { Self::SignedDigest } else { Self::TwoBytes }
    }
}

impl Identity {
    /// A machine by its hostuuid. Its hostid is the beginning of a digest of it, so that clones share both, as in rc.d/hostid.
    #[must_use]
    pub fn new(hostuuid: &str, release: Release) -> Self {
        let digest = Digest::of(hostuuid).0;
        let [_, _, _, _, a, b, ..] = digest;
        Self {
            hostuuid: hostuuid.to_owned(),
            hostid: u64::from(u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])),
            uninitialised: [a, b],
            generated: GeneratedRule::of(release),
        }
    }
}

impl StockMacs {
    /// The generator of a kernel that has just booted.
    #[must_use]
    pub const fn new(identity: Identity) -> Self {
        let random = identity.hostid;
        Self { identity, next_index: 0, random }
    }

    /// The generator of a kernel that has given epairs so many indices.
    #[must_use]
    pub const fn resume(identity: Identity, next_index: u32) -> Self {
        let random = identity.hostid;
        Self { identity, next_index, random }
    }

    /// The last index that was used for an epair.
    #[must_use]
    pub const fn next_index(&self) -> u32 {
        self.next_index
    }

    /// What the generator is made of.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The MACs of a new pair, whose ends have these indices and this unit, created in a jail of this name (`0` on the host).
    pub fn epair(&mut self, rule: EpairRule, indices: [u32; 2], unit: u32, jail: &str) -> [Mac; 2] {
        match rule {
            EpairRule::Index => {
                let [x, y] = self.identity.uninitialised;
                let end = |index: u32, last: u8| {
                    let [_, _, high, low] = index.to_be_bytes();
                    Mac::new([0x02, x, y, high, low, last])
                };
                [end(indices[0], 0x0a), end(indices[1], 0x0b)]
            }
            EpairRule::Counter => {
                self.next_index = if indices[0] > self.next_index { indices[0] } else { self.next_index + 1 };
                let hostid = if self.identity.hostid == 0 { self.draw() } else { self.identity.hostid };
                let [h0, h1, h2, h3, l0, l1, l2, l3] = hostid.to_be_bytes();
                let high = u32::from_be_bytes([h0, h1, h2, h3]);
                let low = u32::from_be_bytes([l0, l1, l2, l3]);
                // The kernel copies the hash as it lies in memory.
                let [a, b, c, d] = jenkins_hash32([self.next_index, low, high]).to_le_bytes();
                [0x0a, 0x0b].map(|last| Mac::new([0x02, a, b, c, d, last]))
            }
            EpairRule::Generated => ["a", "b"].map(|end| self.generated(&format!("epair{unit}{end}"), jail)),
        }
    }

    /// The MAC of a new interface that is no epair, if it has one.
    pub fn single(
        &mut self,
        release: Release,
        driver: Driver,
        unit: u32,
        jail: &str,
        moment: Moment<'_>,
    ) -> Option<Mac> {
        let name = format!("{}{unit}", driver.as_str());
        match driver {
            Driver::Tap if release.major < 12 => Some(Self::tap(moment.ticks, unit)),
            Driver::Bridge if release.major < 13 => {
                let first = self.bridge(unit);
                Some(match moment.taken.contains(&first) {
                    false => first,
                    true if release.major < 12 => self.random_local(),
                    true => self.generated(&name, jail),
                })
            }
            Driver::Tap | Driver::Bridge => Some(self.generated(&name, jail)),
            Driver::Loopback | Driver::Tun | Driver::Card | Driver::Epair | Driver::Ngeth => None,
        }
    }

    /// ether_gen_addr(9) for an interface created in a jail of this name.
    pub fn generated(&mut self, interface: &str, jail: &str) -> Mac {
        if self.identity.hostuuid == NO_HOSTUUID {
            return self.random_local();
        }
        let digest = Digest::of(&format!("{}-{interface}-{jail}", self.identity.hostuuid));
        digest.address(self.identity.generated)
    }

    /// The first try of if_bridge(4) to 12: the hostid and the unit.
    #[must_use]
    pub fn bridge(&self, unit: u32) -> Mac {
        let [_, _, _, _, a, b, c, d] = self.identity.hostid.to_be_bytes();
        let [_, _, _, unit] = unit.to_be_bytes();
        Mac::new([0x02, a, b, c, d, unit])
    }

    /// if_tap(4) to 11: the time since boot and the unit.
    #[must_use]
    pub const fn tap(ticks: u32, unit: u32) -> Mac {
        let [_, a, b, c] = ticks.to_be_bytes();
        let [_, _, _, unit] = unit.to_be_bytes();
        Mac::new([0x00, 0xbd, a, b, c, unit])
    }

    /// A locally administered address such as `ifconfig ether random` makes.
    pub fn random_local(&mut self) -> Mac {
        let [_, _, a, b, c, d, e, f] = self.draw().to_be_bytes();
        Mac::new([(a & 0xfe) | 0x02, b, c, d, e, f])
    }

    /// The next number of a sequence that is the same in each run (SplitMix64).
    const fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// What SHA-1 makes of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; 20]);

impl Digest {
    /// The digest of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha1::digest(text.as_bytes()).into())
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(self) -> [u8; 20] {
        self.0
    }

    /// The address that ether_gen_addr(9) makes of it.
    #[must_use]
    pub fn address(self, rule: GeneratedRule) -> Mac {
        let [d0, d1, d2, ..] = self.0;
        let low = match rule {
            GeneratedRule::SignedDigest => {
                let [d0, d1, d2] = [d0, d1, d2].map(|byte| i32::from(i8::from_ne_bytes([byte])));
                u32::from_ne_bytes(((d0 << 16 | d1 << 8 | d2) & 0x0010_ffff).to_ne_bytes())
            }
            GeneratedRule::UnsignedDigest => u32::from_be_bytes([0, d0, d1, d2]) & 0x0010_ffff,
            GeneratedRule::TwoBytes => u32::from_be_bytes([0, 0x10, d0, d1]),
        };
        let [_, a, b, c] = low.to_be_bytes();
        Mac::new([OUI[0], OUI[1], OUI[2], a, b, c])
    }
}

/// sys/libkern/jenkins_hash.c for three words and no initial value: Bob Jenkins' `lookup3`.
const fn jenkins_hash32(key: [u32; 3]) -> u32 {
    // The constant, and four times the number of words.
    let start = 0xdead_beef_u32.wrapping_add(3 << 2);
    let (mut a, mut b, mut c) =
        (start.wrapping_add(key[0]), start.wrapping_add(key[1]), start.wrapping_add(key[2]));
    c = (c ^ b).wrapping_sub(b.rotate_left(14));
    a = (a ^ c).wrapping_sub(c.rotate_left(11));
    b = (b ^ a).wrapping_sub(a.rotate_left(25));
    c = (c ^ b).wrapping_sub(b.rotate_left(16));
    a = (a ^ c).wrapping_sub(c.rotate_left(4));
    b = (b ^ a).wrapping_sub(a.rotate_left(14));
    (c ^ b).wrapping_sub(b.rotate_left(24))
}

#[cfg(test)]
mod tests;
