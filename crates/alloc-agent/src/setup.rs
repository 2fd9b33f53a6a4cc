//! `alloc-agent setup`: what this host's own files need before the first jail, and what of it is there.
//!
//! The files themselves are freebsd-config's; nothing is written here. Whoever reads a file below a root of another machine, such
//! as an image, says so with `--root`.

mod compare;
mod options;
mod release;
mod report;

use std::io::{self, Write as _};
use std::path::PathBuf;

use allocd_types::violation::Violations;
use clap::{Args, ValueEnum};
use freebsd_config::Release;
use freebsd_config::setup::{EzjailStorage, SetupOptions, render};
use freebsd_host::SystemRunner;

use self::compare::compare;
use self::options::{BridgeArgument, UplinkArgument};
use crate::failure::Failure;
use crate::files::Files;

/// What follows the help.
const AFTER_HELP: &str = "\
A bridge is NAME, and behind it what is only its own: NAME,uplink=CARD,vlan=ID,mtu=BYTES,address=ADDRESS/LENGTH.
An uplink is a network card, or several as one: lagg0=bge0+bge1, with a protocol lagg0=lacp:bge0+bge1 (failover, lacp, loadbalance).

Exit code: 0 done; with --diff 1 if something is missing, different or not understood.

Examples:
  alloc-agent setup --bridge vswitch0 --uplink bge0
  alloc-agent setup --release 10 --bridge vswitch0 --uplink lagg0=bge0+bge1 --ezjail=zroot/ezjail --tap
  alloc-agent setup --uplink ix0 --mtu 9000 --bridge lan,vlan=300,address=192.0.2.2/24 --bridge dmz,vlan=301,mtu=1500
  alloc-agent setup --bridge vswitch0 --uplink bge0 --diff
  alloc-agent setup --bridge vswitch0 --uplink bge0 --diff --release 15 --root /mnt/image -o json";

/// Prints, file by file, what a jail server needs; with --diff, what of it is missing. Writes nothing.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Setup {
    /// The FreeBSD release to print for, such as 10, 12.4 or 15. Nothing said: that of this host, by uname(1).
    #[arg(long, value_parser = options::release, value_name = "RELEASE")]
    release: Option<Release>,
    /// A bridge that jails are plugged into; may be given several times [default: vswitch0].
    #[arg(long, value_parser = options::bridge, value_name = "BRIDGE")]
    bridge: Vec<BridgeArgument>,
    /// What joins each bridge to the wire, unless the bridge says its own.
    #[arg(long, value_parser = options::uplink, value_name = "UPLINK")]
    uplink: Option<UplinkArgument>,
    /// The VLAN that the uplink carries each bridge in, unless the bridge says its own.
    #[arg(long, value_name = "ID")]
    vlan: Option<u16>,
    /// The MTU of each bridge, unless the bridge says its own.
    #[arg(long, value_name = "BYTES")]
    mtu: Option<u16>,
    /// Jails are ezjail's; with a file system of ZFS if one is named.
    #[arg(long, require_equals = true, value_name = "DATASET")]
    #[expect(clippy::option_option, reason = "clap's way to say a flag whose value may be left out")]
    ezjail: Option<Option<String>>,
    /// Virtual machines use tap(4) on the host.
    #[arg(long)]
    tap: bool,
    /// A kernel of one's own, before FreeBSD 12, gets netgraph(4).
    #[arg(long)]
    netgraph: bool,
    /// Show jails the memory of the host's kernel: dangerous, and of use for netstat(1) of old jails only.
    #[arg(long)]
    with_kmem: bool,
    /// Compare with what is there instead.
    #[arg(long)]
    diff: bool,
    /// Below which directory the host's files are.
    #[arg(long, default_value = "/", requires = "diff", value_name = "DIR")]
    root: PathBuf,
    /// How it is written [default: text, with --diff table].
    #[arg(long, short, value_enum, value_name = "FORMAT")]
    output: Option<Format>,
}

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The files one after the other, each below a line with its path; with --diff a sentence for each difference.
    Text,
    /// A table of the files, or of the differences.
    Table,
    /// A JSON array of the files with what is in them, or with every item and whether it is there.
    Json,
}

/// Prints the files or the differences.
pub(crate) fn run(setup: &Setup) -> Result<(), Failure> {
    let release = match setup.release {
        Some(release) => release,
        None => {
            let release = release::of_host(SystemRunner)?;
            note(&format!(
                "for FreeBSD {release}, which uname(1) says is this host's; another one: --release"
            ));
            release
        }
    };
    let options = setup.options(release);
    if options.bridges.iter().any(|bridge| bridge.uplink.is_none()) {
        note(
            "a bridge without an uplink joins its jails to this host and each other only; one with: --uplink",
        );
    }
    if options.with_kmem {
        note(
            "warning: with mem and kmem, root in any jail with that rule set reads the memory of the host's kernel",
        );
    }
    let files = render(&options).map_err(wrong)?;
    let format = setup.output.unwrap_or(if setup.diff { Format::Table } else { Format::Text });
    if !setup.diff {
        return write(&match format {
            Format::Text => report::text(&files),
            Format::Table => report::table(&files),
            Format::Json => report::json(&files),
        });
    }
    let compared = compare(&files, &Files::below(&setup.root))?;
    write(&match format {
        Format::Text => report::diff_text(&compared),
        Format::Table => report::diff_table(&compared),
        Format::Json => report::diff_json(&compared),
    })?;
    report::notes(&compared).iter().for_each(|text| note(text));
    note(&report::summary(&compared));
    if compared.iter().all(compare::ComparedFile::is_there) { Ok(()) } else { Err(Failure::No) }
}

impl Setup {
    fn options(&self, release: Release) -> SetupOptions {
        let unsaid = [BridgeArgument::unsaid()];
        let bridges = if self.bridge.is_empty() { unsaid.iter() } else { self.bridge.iter() };
        let bridges = bridges.map(|bridge| bridge.over(self.uplink.as_ref(), self.vlan, self.mtu)).collect();
        let ezjail = self.ezjail.as_ref().map(|dataset| match dataset {
            None => EzjailStorage::Directory,
            Some(dataset) => EzjailStorage::Zfs { dataset: dataset.clone() },
        });
        SetupOptions {
            release,
            bridges,
            jails: Vec::new(),
            ezjail,
            with_tap: self.tap,
            with_netgraph: self.netgraph,
            with_kmem: self.with_kmem,
        }
    }
}

fn wrong(wrong: Violations) -> Failure {
    let lines: String =
        wrong.iter().map(|violation| format!("\n  {}: {}", violation.field, violation.description)).collect();
    Failure::Input {
        message: format!("no host can be set up so:{lines}"),
        hint: "`alloc-agent setup --help` has examples",
    }
}

fn write(text: &str) -> Result<(), Failure> {
    io::stdout().write_all(text.as_bytes()).map_err(Failure::Output)
}

/// Tells a person something that is no data.
fn note(text: &str) {
    // If stderr is gone, nobody wants to know.
    let _ = writeln!(io::stderr(), "{text}");
}
