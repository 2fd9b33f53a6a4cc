//! Scripts: members in memory, driven by hand. Each tells a story, step by step; time passes by ticks alone.

mod chaos;
mod cluster;
mod deadlines;
mod elections;
mod members;
mod proposals;
mod reads;
mod restarts;
mod snapshots;

fn hosts(state: &super::State) -> Vec<String> {
    state.hosts().map(|host| host.spec.name.as_str().to_owned()).collect()
}
