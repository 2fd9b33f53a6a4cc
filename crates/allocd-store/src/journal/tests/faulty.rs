//! A disk in memory that keeps apart what was synced and what was not, and loses any part of the latter when power fails.
//!
//! What was written and not synced is kept sector by sector, in each version it had; names are kept by their changes. A cut
//! takes or leaves each of them as a seed decides. Power fails before an operation that the test names: that one and all after
//! it give errors.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use super::chance::Chance;
use crate::journal::directory::{Directory, Storage};

/// A disk writes this much as a whole, or not at all.
#[derive(Debug, Clone, Copy)]
pub(super) struct SectorBytes(pub(super) usize);

#[derive(Debug, Clone, Default)]
pub(super) struct FaultyDirectory(Rc<RefCell<Disk>>);

#[derive(Debug, Clone, Default)]
struct Disk {
    files: Vec<Contents>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    changes: Vec<Change>,
    power: Power,
    syncs: u64,
}

/// How long power stays on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Power {
    #[default]
    Stays,
    /// For so many more operations.
    Fails {
        after: u64,
    },
    Off,
}

#[derive(Debug, Clone, Default)]
struct Contents {
    durable: Vec<u8>,
    current: Vec<u8>,
    unsynced: Vec<(usize, Vec<u8>)>,
}

#[derive(Debug, Clone)]
enum Change {
    Put(String, usize),
    Moved(String, String),
    Gone(String),
}

impl Disk {
    /// Every operation that changes something passes here.
    fn work(&mut self) -> io::Result<()> {
        match self.power {
            Power::Stays => Ok(()),
            Power::Fails { after } if after > 0 => {
                self.power = Power::Fails { after: after - 1 };
                Ok(())
            }
            Power::Fails { .. } | Power::Off => {
                self.power = Power::Off;
                Err(io::Error::other("power has failed"))
            }
        }
    }
}

fn make(names: &mut BTreeMap<String, usize>, change: &Change) {
    match change {
        Change::Put(name, file) => drop(names.insert(name.clone(), *file)),
        Change::Moved(from, to) => {
            if let Some(file) = names.remove(from) {
                names.insert(to.clone(), file);
            }
        }
        Change::Gone(name) => drop(names.remove(name)),
    }
}

fn put(into: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if into.len() < end {
        into.resize(end, 0);
    }
    into[offset..end].copy_from_slice(bytes);
}

impl FaultyDirectory {
    /// Lets power fail after so many more operations.
    pub(super) fn fail_after(&self, operations: u64) {
        self.0.borrow_mut().power = Power::Fails { after: operations };
    }

    /// How often something was synced.
    pub(super) fn syncs(&self) -> u64 {
        self.0.borrow().syncs
    }

    /// The files as another process finds them, with power on: nothing is lost that was written.
    pub(super) fn copy(&self) -> Self {
        let mut disk = self.0.borrow().clone();
        disk.power = Power::Stays;
        Self(Rc::new(RefCell::new(disk)))
    }

    /// What is found after power failed now.
    pub(super) fn after_power_cut(&self, sector: SectorBytes, chance: &mut Chance) -> Self {
        let mut disk = self.0.borrow().clone();
        // All, none, or any part of it.
        let odds = [0, 0, 20, 50, 80, 100][chance.below(6)];
        for change in std::mem::take(&mut disk.changes) {
            if chance.percent(odds) {
                make(&mut disk.durable_names, &change);
            }
        }
        disk.names = disk.durable_names.clone();
        for file in &mut disk.files {
            for (offset, bytes) in std::mem::take(&mut file.unsynced) {
                let mut at = 0;
                while at < bytes.len() {
                    let step = (sector.0 - (offset + at) % sector.0).min(bytes.len() - at);
                    if chance.percent(odds) {
                        put(&mut file.durable, offset + at, &bytes[at..at + step]);
                    }
                    at += step;
                }
            }
            file.current = file.durable.clone();
        }
        (disk.power, disk.syncs) = (Power::Stays, 0);
        Self(Rc::new(RefCell::new(disk)))
    }

    /// Changes a file as rot, an operator or a stray program would.
    pub(super) fn damage(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let disk = &mut *self.0.borrow_mut();
        let file = &mut disk.files[disk.names[name]];
        change(&mut file.current);
        (file.durable, file.unsynced) = (file.current.clone(), Vec::new());
    }

    pub(super) fn contents(&self, name: &str) -> Vec<u8> {
        let disk = self.0.borrow();
        disk.files[disk.names[name]].current.clone()
    }

    /// How many bytes all files have.
    pub(super) fn bytes(&self) -> usize {
        let disk = self.0.borrow();
        disk.names.values().map(|&file| disk.files[file].current.len()).sum()
    }

    fn change_name(&self, change: Change) -> io::Result<()> {
        let mut disk = self.0.borrow_mut();
        disk.work()?;
        make(&mut disk.names, &change);
        disk.changes.push(change);
        Ok(())
    }

    fn find(&self, name: &str) -> io::Result<usize> {
        self.0.borrow().names.get(name).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Directory for FaultyDirectory {
    type File = FaultyFile;

    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.0.borrow().names.keys().cloned().collect())
    }

    fn create(&self, name: &str) -> io::Result<FaultyFile> {
        let file = self.0.borrow().files.len();
        self.change_name(Change::Put(name.to_owned(), file))?;
        self.0.borrow_mut().files.push(Contents::default());
        Ok(FaultyFile { disk: Rc::clone(&self.0), file })
    }

    fn open(&self, name: &str) -> io::Result<FaultyFile> {
        Ok(FaultyFile { disk: Rc::clone(&self.0), file: self.find(name)? })
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.find(from)?;
        self.change_name(Change::Moved(from.to_owned(), to.to_owned()))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.find(name)?;
        self.change_name(Change::Gone(name.to_owned()))
    }

    fn sync(&self) -> io::Result<()> {
        let disk = &mut *self.0.borrow_mut();
        disk.work()?;
        disk.changes.clear();
        disk.durable_names.clone_from(&disk.names);
        disk.syncs += 1;
        Ok(())
    }
}

#[derive(Debug)]
pub(super) struct FaultyFile {
    disk: Rc<RefCell<Disk>>,
    file: usize,
}

impl Storage for FaultyFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.disk.borrow().files[self.file].current.len().try_into().unwrap())
    }

    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        let offset = usize::try_from(offset).unwrap();
        let disk = self.disk.borrow();
        let found = disk.files[self.file].current.get(offset..offset + bytes.len());
        bytes.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let offset = usize::try_from(offset).unwrap();
        let disk = &mut *self.disk.borrow_mut();
        // A write that power interrupts may have begun.
        let was_off = disk.power == Power::Off;
        let done = disk.work();
        let file = &mut disk.files[self.file];
        if !was_off {
            file.unsynced.push((offset, bytes.to_vec()));
        }
        done?;
        put(&mut file.current, offset, bytes);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let disk = &mut *self.disk.borrow_mut();
        disk.work()?;
        disk.syncs += 1;
        let file = &mut disk.files[self.file];
        file.unsynced.clear();
        file.durable.clone_from(&file.current);
        Ok(())
    }
}
