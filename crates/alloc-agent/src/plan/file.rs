//! A jail's file and its entry in rc.conf(5): as its leases have them, and never over what is somebody else's.

use allocd_types::name::JailName;
use freebsd_config::origin::Origin;

use super::{Context, Finding, JailPlan, Why};
use crate::config::{JailSettings, Root, Target};
use crate::observe::{ObservedHost, SeenFile};
use crate::step::{RcEdit, Replaces, Step, is_ezjail_admins};
use crate::want::{WantedFile, WantedJail};

/// A jail's file, and what is where it belongs.
pub(super) struct FilePlan<'a> {
    file: &'a WantedFile,
    jail: &'a JailName,
    seen: &'a ObservedHost,
    is_ezjail_admins: bool,
}

impl<'a> FilePlan<'a> {
    pub(super) fn new(
        file: &'a WantedFile,
        wanted: &WantedJail,
        jail: &'a JailName,
        seen: &'a ObservedHost,
        is_building: bool,
    ) -> Self {
        let settings = &wanted.settings;
        let makes_both = settings.target == Target::Ezjail && settings.root == Root::EzjailAdmin;
        let found = seen.files.get(&file.path);
        let is_ezjails = found.is_some_and(|found| is_ezjail_admins(&found.text, jail));
        Self { file, jail, seen, is_ezjail_admins: makes_both && is_building && is_ezjails }
    }

    /// What stands in the way of writing it.
    pub(super) fn obstacle(&self) -> Option<Finding> {
        let path = &self.file.path;
        let found = self.seen.files.get(path);
        let is_ours =
            |found: &SeenFile| found.origin.as_ref().is_some_and(|origin| origin.jail == *self.jail);
        if found.is_some_and(|found| !is_ours(found)) && !self.is_ezjail_admins {
            return Some(Finding::ForeignFile { path: path.clone() });
        }
        // rc.d/jail looks there first, on every release.
        let first = format!("/etc/jail.{}.conf", self.jail);
        let is_shadowed = path.starts_with("/etc/jail.conf.d/")
            && self.seen.files.get(&first).is_some_and(|found| !is_ours(found));
        is_shadowed.then_some(Finding::ShadowedFile { path: first })
    }
}

/// Brings the jail's file, what else there is of it, and rc.conf in line.
pub(super) fn keep_file(
    part: &mut JailPlan,
    file: Option<FilePlan<'_>>,
    context: Context<'_>,
    settings: &JailSettings,
) {
    let (seen, _, policy) = context;
    if let Some(plan) = &file {
        let WantedFile { path, text } = plan.file;
        let found = seen.files.get(path);
        let makes_both = settings.root == Root::EzjailAdmin && settings.target == Target::Ezjail;
        let is_made_now = part.steps.iter().any(|planned| planned.step == Step::CreateEzjail);
        if found.is_none_or(|found| found.text != *text) || is_made_now {
            let why = if found.is_some() { Why::Drift } else { Why::Missing };
            if found.is_some() {
                part.findings.push(Finding::File { path: path.clone() });
            }
            let is_ezjails = makes_both && (is_made_now || plan.is_ezjail_admins);
            let replaces = if is_ezjails { Replaces::EzjailAdmins } else { Replaces::Ours };
            part.add(why, Step::WriteFile { path: path.clone(), text: text.clone(), replaces });
        }
    }
    // One of another target or another release would start the jail a second time.
    let wanted = file.as_ref().map(|plan| &plan.file.path);
    let others: Vec<String> =
        files_of(seen, &part.jail).filter(|path| Some(*path) != wanted).cloned().collect();
    for path in others {
        part.add(Why::Leftover, Step::RemoveFile { path });
    }
    if policy.keeps_rc_conf {
        keep_rc_conf(part, seen, settings);
    }
}

fn keep_rc_conf(part: &mut JailPlan, seen: &ObservedHost, settings: &JailSettings) {
    let (jail, rc) = (part.jail.clone(), &seen.rc_conf);
    if let Some(problem) = &rc.problem {
        part.findings.push(Finding::RcConf(problem.clone()));
        return;
    }
    let is_listed = rc.jail_list.iter().any(|word| word == jail.as_str());
    match (settings.target, settings.is_listed) {
        (Target::Ezjail, _) if !rc.is_ezjail_enabled => {
            part.add(Why::Missing, Step::EditRcConf(RcEdit::EnableEzjail));
        }
        (Target::JailConf, true) if !is_listed && rc.jail_list.is_empty() && rc.has_jail_conf => {
            let problem =
                "jail_list is empty, which starts every jail of /etc/jail.conf; put those on it first";
            part.findings.push(Finding::RcConf(problem.to_owned()));
        }
        (Target::JailConf, true) => {
            if !rc.is_jail_enabled {
                part.add(Why::Missing, Step::EditRcConf(RcEdit::EnableJails));
            }
            if !is_listed {
                part.add(Why::Missing, Step::EditRcConf(RcEdit::List(jail)));
            }
        }
        (Target::JailConf, false) | (Target::Direct, _) if is_listed => unlist(part, seen, Why::Drift),
        (Target::JailConf, false) | (Target::Ezjail | Target::Direct, _) => {}
    }
}

/// Takes the jail off `jail_list`, unless that would start every jail of /etc/jail.conf.
pub(super) fn unlist(part: &mut JailPlan, seen: &ObservedHost, why: Why) {
    let jail = part.jail.clone();
    if seen.rc_conf.jail_list.iter().all(|word| word == jail.as_str()) && seen.rc_conf.has_jail_conf {
        let problem = "without this jail jail_list is empty, which starts every jail of /etc/jail.conf";
        part.findings.push(Finding::RcConf(problem.to_owned()));
    } else {
        part.add(why, Step::EditRcConf(RcEdit::Unlist(jail)));
    }
}

/// The paths of our files of a jail.
pub(super) fn files_of<'a>(seen: &'a ObservedHost, jail: &JailName) -> impl Iterator<Item = &'a String> {
    let is_of = |of: &Origin| of.jail == *jail;
    seen.files.iter().filter(move |(_, file)| file.origin.as_ref().is_some_and(is_of)).map(|(path, _)| path)
}

/// True of a path among ezjail's configurations.
pub(super) fn is_ezjail(path: &str) -> bool {
    path.starts_with("/usr/local/")
}
