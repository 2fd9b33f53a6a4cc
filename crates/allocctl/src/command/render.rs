//! A jail's leases as what its host needs: a file for jail(8), one for ezjail, or the commands to type.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use allocd_types::filter::LeaseFilter;
use allocd_types::lease::Lease;
use allocd_types::name::{HostName, JailName};
use clap::{Args, ValueEnum};
use freebsd_config::{
    JailInterfaces, ProfileLayers, ProfileValues, Release, RenderProfile, TapPlace, commands, ezjail,
    jail_conf,
};
use serde::Serialize;

use crate::failure::Failure;
use crate::input;
use crate::output::{Format, Output, json_lines};
use crate::progress::bar;
use crate::session::Session;

/// Renders a jail, or all jails of a host.
#[derive(Debug, Args)]
pub(crate) struct Render {
    /// HOST/JAIL, or HOST for all its jails.
    #[arg(value_parser = place, value_name = "HOST[/JAIL]")]
    place: Place,
    /// As what.
    #[arg(long, value_enum, default_value_t = Target::JailConf, value_name = "TARGET")]
    target: Target,
    /// The host's FreeBSD release: 9.3 to 10.4, 11 to 12, or 13 and later.
    #[arg(long, default_value = "14", value_parser = release, value_name = "RELEASE")]
    release: Release,
    /// Write files into this directory, under the names they have on the host. Nothing said: to stdout.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    profile: Profile,
}

/// What a jail's leases are rendered as.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Target {
    /// A file for jail(8): /etc/jail.conf.d/JAIL.conf, before FreeBSD 13 /etc/jail.JAIL.conf.
    JailConf,
    /// A file for ezjail: /usr/local/etc/ezjail/JAIL.
    Ezjail,
    /// The commands, for people who type or script them.
    Commands,
}

/// What a jail is besides its interfaces.
#[derive(Debug, Args)]
struct Profile {
    /// Its root; {jail} stands for its name [default: /usr/jails/{jail}].
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Its host name; {jail} stands for its name [default: {jail}].
    #[arg(long, value_name = "NAME")]
    hostname: Option<String>,
    /// Its devfs rule set [default: 4].
    #[arg(long, value_name = "NUMBER")]
    devfs_ruleset: Option<u32>,
    /// Allow this, such as raw_sockets for allow.raw_sockets; may be given several times.
    #[arg(long, value_name = "PARAMETER")]
    allow: Vec<String>,
    /// Write nothing into the jail's root; its IPv6 then comes late.
    #[arg(long)]
    keep_out: bool,
    /// Move its taps in, for a program of its own; otherwise they stay on the host's bridge, for a virtual machine.
    #[arg(long)]
    tap_inside: bool,
}

#[derive(Debug, Clone)]
struct Place {
    host: HostName,
    jail: Option<JailName>,
}

/// One rendered file.
#[derive(Serialize)]
struct Rendered {
    /// The jail server.
    host: String,
    /// The jail.
    jail: String,
    /// Where the file belongs on the host; of commands only a name.
    path: String,
    /// What is in it.
    text: String,
}

pub(crate) async fn run(session: &Session, render: &Render) -> Result<(), Failure> {
    let Place { host, jail } = &render.place;
    let filter = LeaseFilter { host: Some(host.clone()), jail: jail.clone(), ..LeaseFilter::default() };
    let leases = session.client.export(&filter).await?.value;
    let mut jails: BTreeMap<JailName, Vec<Lease>> = BTreeMap::new();
    for lease in leases {
        jails.entry(lease.holder.jail.clone()).or_default().push(lease);
    }
    if jails.is_empty() {
        let place = jail.as_ref().map_or_else(|| host.to_string(), |jail| format!("{host}/{jail}"));
        return Err(Failure::Missing {
            message: format!("there is no lease of {place}"),
            hint: format!("see which there are: `allocctl leases --host {host}`"),
        });
    }
    if let Some(lease) = jails.values().flatten().find(|lease| lease.is_unconfirmed) {
        return Err(Failure::Findings {
            message: format!("{} is not confirmed: the cluster is in recovery", lease.id.resource_name()),
            hint: "finish the recovery first: `allocctl cluster recovery status`".to_owned(),
        });
    }
    let progress = bar("rendering", jails.len());
    let mut files = Vec::new();
    for (jail, leases) in jails {
        files.push(render.jail(&jail, leases)?);
        progress.inc(1);
    }
    progress.finish_and_clear();
    if let Some(directory) = &render.out {
        for file in &mut files {
            file.path = write(directory, file)?.display().to_string();
        }
    }
    tell(session.output, &files, render.out.is_some())
}

/// Tells the files themselves, or where they were written, or both as JSON.
fn tell(output: Output, files: &[Rendered], is_written: bool) -> Result<(), Failure> {
    let paths = || files.iter().map(|file| format!("{}\n", file.path)).collect::<String>();
    match output.format() {
        Format::Table | Format::Wide if is_written => output.text(&paths()),
        Format::Table | Format::Wide => {
            let texts: Vec<&str> = files.iter().map(|file| file.text.as_str()).collect();
            output.text(&texts.join("\n"))
        }
        Format::Json => output.json(&files),
        Format::Jsonl => output.text(&json_lines(files)?),
        Format::Name => output.text(&paths()),
    }
}

impl Render {
    fn jail(&self, jail: &JailName, leases: Vec<Lease>) -> Result<Rendered, Failure> {
        let refused = |error: &dyn std::error::Error| Failure::Findings {
            message: format!("{}/{jail}: {}", self.place.host, input::told(error)),
            hint: "see the commands to type: --target commands".to_owned(),
        };
        let interfaces = JailInterfaces::new(leases).map_err(|error| refused(&error))?;
        let profile = self.profile(jail)?;
        let (path, text) = match self.target {
            Target::JailConf => (
                jail_conf::target_path(jail, self.release),
                jail_conf::render(&interfaces, &profile, self.release),
            ),
            Target::Ezjail => {
                (ezjail::target_path(jail), ezjail::render(&interfaces, &profile, self.release))
            }
            Target::Commands => (format!("{jail}.sh"), Ok(commands::render(&interfaces, &profile))),
        };
        let text = text.map_err(|error| refused(&error))?;
        Ok(Rendered { host: self.place.host.to_string(), jail: jail.to_string(), path, text })
    }

    fn profile(&self, jail: &JailName) -> Result<RenderProfile, Failure> {
        let Profile { path, hostname, devfs_ruleset, allow, keep_out, tap_inside } = &self.profile;
        let values = ProfileValues {
            path: path.clone(),
            hostname: hostname.clone(),
            devfs_ruleset: *devfs_ruleset,
            allow: (!allow.is_empty()).then(|| allow.clone()),
            may_write_jail_root: keep_out.then_some(false),
            tap: tap_inside.then_some(TapPlace::Jail),
            ..ProfileValues::default()
        };
        // For one jail a path may be its own; for all jails of a host it has to name each.
        let layers = match self.place.jail {
            Some(_) => ProfileLayers { jail: values, ..ProfileLayers::default() },
            None => ProfileLayers { host: values, ..ProfileLayers::default() },
        };
        layers.resolve(jail).map_err(Failure::from)
    }
}

/// Writes a file at once: whoever reads it meanwhile sees the old one or the new one.
fn write(directory: &Path, file: &Rendered) -> Result<PathBuf, Failure> {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    let path = directory.join(name);
    let new = directory.join(format!(".{name}.new"));
    let failed = |source| Failure::File { attempt: "write", path: path.clone(), source };
    fs::create_dir_all(directory).map_err(failed)?;
    fs::write(&new, &file.text).map_err(failed)?;
    fs::rename(&new, &path).map_err(failed)?;
    Ok(path)
}

fn place(text: &str) -> Result<Place, String> {
    let (host, jail) = match text.split_once('/') {
        None => (text, None),
        Some((host, jail)) => (host, Some(JailName::new(jail).map_err(|error| input::told(&error))?)),
    };
    Ok(Place { host: HostName::new(host).map_err(|error| input::told(&error))?, jail })
}

fn release(text: &str) -> Result<Release, String> {
    text.parse().map_err(|error| input::told(&error))
}
