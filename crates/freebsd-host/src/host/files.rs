//! What is under the jails: modules of the kernel, rule sets of devices, and the file systems of their roots.

use allocd_types::name::JailName;

use super::Host;
use crate::command::{self, bring_about};
use crate::dataset::{self, Dataset, DatasetName, PROPERTIES, SnapshotName};
use crate::error::CommandError;
use crate::invocation::{Invocation, TIME_LIMIT_JAIL};
use crate::module::{self, KernelFile, KernelModule};
use crate::mount::{self, Mount};
use crate::path::HostPath;
use crate::program::Program;
use crate::ruleset;
use crate::runner::Runner;

/// The address of a jail that ezjail-admin(8) wants to be told: none in particular.
const EZJAIL_NO_ADDRESS: &str = "0.0.0.0";

impl<R: Runner> Host<R> {
    /// Lists the files that are loaded into the kernel.
    ///
    /// # Errors
    /// [`CommandError`] if the command fails or cannot be read.
    pub fn kernel_files(&self) -> Result<Vec<KernelFile>, CommandError> {
        command::read(&self.runner, Invocation::new(Program::KLDSTAT, [""; 0]), module::parse)
    }

    /// Whether the kernel has a module, loaded or its own.
    ///
    /// # Errors
    /// [`CommandError`] if the command cannot be run.
    pub fn has_module(&self, module: KernelModule) -> Result<bool, CommandError> {
        let ask = Invocation::new(Program::KLDSTAT, ["-q", "-m", module.as_str()]);
        command::ask(&self.runner, ask, command::FAILED)
    }

    /// Loads a module. Afterwards the kernel has it.
    ///
    /// # Errors
    /// [`CommandError`] if it has not.
    pub fn load_module(&self, module: KernelModule) -> Result<(), CommandError> {
        let load = Invocation::new(Program::KLDLOAD, ["-n", module.as_str()]);
        bring_about(&self.runner, load, || self.has_module(module))
    }

    /// Lists the numbers of the rule sets of devfs(8).
    ///
    /// # Errors
    /// [`CommandError`] if the command fails or cannot be read.
    pub fn rulesets(&self) -> Result<Vec<u16>, CommandError> {
        let list = Invocation::new(Program::DEVFS, ["rule", "showsets"]);
        command::read(&self.runner, list, ruleset::parse)
    }

    /// Loads the rule sets of /etc/devfs.rules anew.
    ///
    /// # Errors
    /// [`CommandError`] if the command fails.
    pub fn load_rulesets(&self) -> Result<(), CommandError> {
        let restart = Invocation::new(Program::SERVICE, ["devfs", "restart"]);
        command::succeed(&self.runner, restart).map(drop)
    }

    /// Lists what is mounted.
    ///
    /// # Errors
    /// [`CommandError`] if the command fails or cannot be read.
    pub fn mounts(&self) -> Result<Vec<Mount>, CommandError> {
        command::read(&self.runner, Invocation::new(Program::MOUNT, ["-p"]), mount::parse)
    }

    /// Unmounts what is mounted at a path. Afterwards nothing is.
    ///
    /// # Errors
    /// [`CommandError`] if something is.
    pub fn unmount(&self, path: &HostPath) -> Result<(), CommandError> {
        let unmount = Invocation::new(Program::UMOUNT, [path.as_str()]);
        let is_free = || Ok(!self.mounts()?.iter().any(|mount| mount.path == path.as_str()));
        bring_about(&self.runner, unmount, is_free)
    }

    /// Looks at a dataset; none if it is not there.
    ///
    /// # Errors
    /// [`CommandError`] if the command cannot be run or read.
    pub fn dataset(&self, name: &DatasetName) -> Result<Option<Dataset>, CommandError> {
        let list = Invocation::new(Program::ZFS, ["list", "-H", "-o", PROPERTIES, name.as_str()]);
        let datasets = command::read_if(&self.runner, list, dataset::parse)?;
        Ok(datasets.and_then(|datasets| datasets.into_iter().find(|dataset| dataset.name == name.as_str())))
    }

    /// Makes a dataset of a snapshot, mounted at a path. Afterwards it is there, and a clone of that snapshot.
    ///
    /// # Errors
    /// [`CommandError`] if it is not.
    pub fn clone_snapshot(
        &self,
        snapshot: &SnapshotName,
        name: &DatasetName,
        path: &HostPath,
    ) -> Result<(), CommandError> {
        let mountpoint = format!("mountpoint={path}");
        let arguments = ["clone", "-o", &mountpoint, snapshot.as_str(), name.as_str()];
        bring_about(&self.runner, Invocation::new(Program::ZFS, arguments), || {
            let dataset = self.dataset(name)?;
            Ok(dataset.is_some_and(|dataset| dataset.origin.as_deref() == Some(snapshot.as_str())))
        })
    }

    /// Makes the root and the configuration of a jail by way of ezjail-admin(8), without an address. It fails if they are there.
    ///
    /// # Errors
    /// [`CommandError`] if the command fails.
    pub fn create_ezjail(&self, jail: &JailName) -> Result<(), CommandError> {
        let create = Invocation::new(Program::EZJAIL_ADMIN, ["create", jail.as_str(), EZJAIL_NO_ADDRESS]);
        command::succeed(&self.runner, create.within(TIME_LIMIT_JAIL)).map(drop)
    }
}
