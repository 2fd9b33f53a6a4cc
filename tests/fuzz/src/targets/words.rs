//! Words of the vocabulary as text: what is read and written is read again as the same. The first byte says which.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use allocd_types::address::{AddressRange, Prefix};
use allocd_types::filter::LeaseFilter;
use allocd_types::holder::Holder;
use allocd_types::host::HostUuid;
use allocd_types::id::{Caller, ClusterId, Generation, RequestId};
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::lease::LeaseState;
use allocd_types::mac::{Mac, MacBlock};
use allocd_types::name::{HostName, InterfaceLabel, InterfaceName, JailName, NetworkName, VrfName};
use allocd_types::page::PageToken;
use allocd_types::violation::Violations;
use freebsd_config::Release;

/// What each first byte stands for. New ones go to the end: the corpus counts on the numbers.
const KINDS: &[fn(&str)] = &[
    reads_back::<HostName>,
    reads_back::<JailName>,
    reads_back::<InterfaceLabel>,
    reads_back::<InterfaceName>,
    reads_back::<NetworkName>,
    reads_back::<VrfName>,
    reads_back::<Holder>,
    reads_back::<Mac>,
    reads_back::<MacBlock>,
    reads_back::<UnitIndex>,
    reads_back::<InterfaceKind>,
    reads_back::<LeaseState>,
    reads_back::<Prefix>,
    reads_back::<AddressRange>,
    reads_back::<Generation>,
    reads_back::<Release>,
    |text| keeps(text, RequestId::new(text)),
    |text| keeps(text, Caller::new(text)),
    |text| keeps(text, ClusterId::new(text)),
    |text| settles(text, HostUuid::new),
    |text| keeps(text, PageToken::new(text)),
    filter,
];

pub(crate) fn run(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else { return };
    if let (Some(try_one), Ok(text)) = (KINDS.get(usize::from(*kind)), std::str::from_utf8(bytes)) {
        try_one(text);
    }
}

fn reads_back<T: FromStr<Err: Display + Debug> + Display + PartialEq + Debug>(text: &str) {
    settles(text, str::parse::<T>);
}

/// However it was written, it is read again as it is written here.
fn settles<T: Display + PartialEq + Debug, E: Display + Debug>(text: &str, read: fn(&str) -> Result<T, E>) {
    match read(text) {
        Err(error) => assert!(!error.to_string().is_empty(), "a refusal says why"),
        Ok(word) => assert_eq!(read(&word.to_string()).expect("what is written is read"), word),
    }
}

/// Words that are opaque: they are kept as they come.
fn keeps<T: Display, E: Display>(text: &str, read: Result<T, E>) {
    match read {
        Err(error) => assert!(!error.to_string().is_empty(), "a refusal says why"),
        Ok(word) => assert_eq!(word.to_string(), text),
    }
}

fn filter(text: &str) {
    let read = |text: &str| {
        let mut wrong = Violations::default();
        let filter = LeaseFilter::parse("filter", text, &mut wrong);
        assert_eq!(filter.is_some(), wrong.is_empty(), "it is read, or it is told what is wrong");
        filter
    };
    if let Some(filter) = read(text) {
        assert_eq!(read(&filter.to_string()), Some(filter), "what is written is read");
    }
}
