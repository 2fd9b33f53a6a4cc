//! A jail's start, by its file or step by step, and how one that did not end is taken back.

use allocd_types::name::InterfaceName;
use freebsd_host::HostPath;
use freebsd_host::host::NewJail;

use super::file::{files_of, is_ezjail};
use super::link::{Outer, SeenLink};
use super::{Finding, JailPlan, Planned, Why};
use crate::cache::Progress;
use crate::config::{JailSettings, Root, Target};
use crate::observe::{ObservedHost, Sight};
use crate::step::{Step, Way};
use crate::want::WantedJail;

/// A start.
pub(super) struct Start<'a> {
    pub(super) wanted: &'a WantedJail,
    pub(super) links: &'a [SeenLink<'a>],
    pub(super) progress: Option<Progress>,
    /// True if what there was of it is taken back first.
    pub(super) is_anew: bool,
}

impl Start<'_> {
    /// Writes down that it begins: what is made and not marked from here on is ours.
    pub(super) fn note_building(&self, part: &mut JailPlan) {
        if self.progress != Some(Progress::Building) {
            part.add(Why::Missing, note(self.wanted, Progress::Building));
        }
    }

    /// Makes the jail's root if it is not there.
    pub(super) fn make_root(&self, part: &mut JailPlan, seen: &ObservedHost) {
        let path = self.wanted.settings.profile.path();
        if seen.roots.get(path).copied().unwrap_or(false) {
            return;
        }
        match &self.wanted.settings.root {
            Root::None => {}
            Root::EzjailAdmin => part.add(Why::Missing, Step::CreateEzjail),
            Root::Zfs { template, dataset } => {
                let (template, dataset) = (template.clone(), dataset.clone());
                part.add(Why::Missing, Step::CloneRoot { template, dataset, path: host_path(path) });
            }
        }
    }

    /// Starts it as its file says, whose hooks take away what a failed start left behind.
    pub(super) fn by_file(&self, part: &mut JailPlan) {
        for link in self.links {
            let lease = link.link.lease;
            match link.outer {
                Outer::Unmarked(name) => part.add(Why::Leftover, Step::Claim { name: name.clone(), lease }),
                // The hooks look for it under the lease's names only.
                Outer::Outdated(interface) => {
                    if let Some(name) = interface.name.name() {
                        part.add(Why::Leftover, Step::Destroy { name: name.clone(), lease });
                    }
                }
                Outer::Absent
                | Outer::Ours(_)
                | Outer::Renamed(_)
                | Outer::Moved
                | Outer::Foreign(_)
                | Outer::Ambiguous(_) => {}
            }
        }
        let Some(file) = &self.wanted.file else { return };
        part.add(Why::Missing, Step::Start(way(self.wanted.settings.target, &file.path)));
        part.add(Why::Missing, note(self.wanted, Progress::Built));
    }

    /// Starts it step by step; or only makes its interfaces, if somebody else starts it.
    pub(super) fn directly(&self, part: &mut JailPlan, seen: &ObservedHost) {
        let links: Vec<Planned> = self.links.iter().flat_map(|link| self.make(link)).collect();
        let is_started = self.wanted.settings.is_started;
        if !is_started && links.is_empty() && self.progress == Some(Progress::Built) {
            return;
        }
        if is_started {
            part.findings.push(Finding::NotRunning);
        }
        self.note_building(part);
        if is_started {
            self.make_root(part, seen);
            // Nobody removes it at the end of this start.
            if seen.starts.has_begun(&part.jail) && !self.is_anew {
                part.add(Why::Leftover, Step::ForgetStart);
            }
            // Who removed the jail last may not have come to this.
            if self.progress.is_some() && !self.is_anew {
                part.steps
                    .extend(unmount(&self.wanted.settings).map(|step| Planned { step, why: Why::Leftover }));
            }
        }
        part.steps.extend(links);
        if is_started {
            self.fill(part);
        }
        part.add(Why::Missing, note(self.wanted, Progress::Built));
    }

    /// Makes what is not there of an interface.
    fn make(&self, link: &SeenLink<'_>) -> Vec<Planned> {
        let missing = |step| Planned { step, why: Why::Missing };
        let has_maker = link.link.outer().is_some();
        match link.outer {
            Outer::Outdated(interface) if !self.is_anew => {
                let name = interface.name.name().cloned();
                let destroy = name.map(|name| Step::Destroy { name, lease: link.link.lease });
                let destroy = destroy.map(|step| Planned { step, why: Why::Drift });
                destroy.into_iter().chain(link.whole_creation().map(missing)).collect()
            }
            Outer::Absent
            | Outer::Ours(_)
            | Outer::Unmarked(_)
            | Outer::Outdated(_)
            | Outer::Renamed(_)
            | Outer::Moved
            | Outer::Foreign(_)
            | Outer::Ambiguous(_) => {
                if self.is_anew && has_maker {
                    link.whole_creation().map(missing).collect()
                } else {
                    link.missing().into_iter().map(missing).collect()
                }
            }
        }
    }

    /// Makes the jail and does in it what a file's exec.start would.
    fn fill(&self, part: &mut JailPlan) {
        let WantedJail { settings, steps, .. } = self.wanted;
        let new = NewJail {
            name: part.jail.clone(),
            path: host_path(settings.profile.path()),
            hostname: settings.profile.hostname().to_owned(),
            devfs_ruleset: settings.profile.devfs_ruleset(),
            allow: settings.profile.allow().map(str::to_owned).collect(),
        };
        part.add(Why::Missing, Step::CreateJail(Box::new(new)));
        for link in self.links {
            if let Some(name) = &link.link.moved {
                part.add(Why::Missing, Step::MoveIn { name: name.clone() });
            }
        }
        let inside = steps.before_services.iter().chain([&steps.start]).chain(&steps.after_services);
        part.steps
            .extend(inside.cloned().map(|step| Planned { step: Step::Inside(step), why: Why::Missing }));
    }
}

/// Takes back a start that did not end, as jail(8) does.
pub(super) fn take_back(
    part: &mut JailPlan,
    wanted: &WantedJail,
    links: &[SeenLink<'_>],
    seen: &ObservedHost,
) {
    for name in links.iter().filter_map(|link| link.link.moved.as_ref().filter(|name| link.is_inside(name))) {
        part.add(Why::Unfinished, Step::TakeOut { name: name.clone() });
    }
    part.add(Why::Unfinished, Step::RemoveJail);
    part.steps.extend(unmount(&wanted.settings).map(|step| Planned { step, why: Why::Unfinished }));
    for link in links {
        destroy(part, link, seen, Why::Unfinished);
    }
}

/// Stops a jail that jail(8) did not come to the end of, as its file says, in the order of any other stop; what its hooks may not
/// have come to goes by steps.
pub(super) fn stop_half_started(
    part: &mut JailPlan,
    wanted: &WantedJail,
    links: &[SeenLink<'_>],
    seen: &ObservedHost,
) {
    part.add(Why::Drift, Step::StopServices(wanted.steps.stop.clone()));
    for name in links.iter().filter_map(|link| link.link.moved.as_ref().filter(|name| link.is_inside(name))) {
        part.add(Why::Unfinished, Step::TakeOut { name: name.clone() });
    }
    let file = files_of(seen, &part.jail).next().cloned();
    part.add(Why::Drift, file.map_or(Step::RemoveJail, |path| Step::Stop(way_of(&path))));
    for link in links {
        destroy(part, link, seen, Why::Unfinished);
    }
    part.add(Why::Unfinished, Step::ForgetStart);
}

/// Destroys an interface of ours, whatever there is of it.
pub(super) fn destroy(part: &mut JailPlan, link: &SeenLink<'_>, seen: &ObservedHost, why: Why) {
    let (lease, Some(outer)) = (link.link.lease, link.link.outer()) else { return };
    let on_host = |name: &InterfaceName| matches!(seen.on_host(name), Sight::One(_));
    let name = match link.outer {
        Outer::Absent | Outer::Renamed(_) | Outer::Foreign(_) | Outer::Ambiguous(_) => return,
        Outer::Unmarked(name) => {
            part.add(why, Step::Claim { name: name.clone(), lease });
            name
        }
        Outer::Outdated(interface) | Outer::Ours(interface) => interface.name.name().unwrap_or(&outer.name),
        Outer::Moved if on_host(&outer.made) => &outer.made,
        Outer::Moved => &outer.name,
    };
    part.add(why, Step::Destroy { name: name.clone(), lease });
}

/// Unmounts the /dev of a jail that was removed without a file.
pub(super) fn unmount(settings: &JailSettings) -> Option<Step> {
    settings.profile.devfs_ruleset()?;
    Some(Step::UnmountDev { path: host_path(&format!("{}/dev", settings.profile.path())) })
}

/// By what a jail with this file of ours is started and stopped.
pub(super) fn way_of(path: &str) -> Way {
    way(if is_ezjail(path) { Target::Ezjail } else { Target::JailConf }, path)
}

/// By what a jail with a file is started and stopped.
fn way(target: Target, path: &str) -> Way {
    match target {
        Target::Ezjail => Way::Ezjail,
        Target::JailConf | Target::Direct => Way::File(host_path(path)),
    }
}

pub(super) fn note(wanted: &WantedJail, progress: Progress) -> Step {
    Step::Note { target: wanted.settings.target, progress }
}

/// A path of a profile, or of a file of ours.
fn host_path(path: &str) -> HostPath {
    HostPath::new(path).expect("a profile's path is checked by the same rule, and our files' paths fit it")
}
