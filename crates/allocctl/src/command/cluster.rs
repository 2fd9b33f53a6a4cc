//! The cluster itself: its members, how they are, and how they change.

use allocd_types::cluster::{ClusterStatus, Member};
use allocd_types::id::MemberId;
use clap::{Args, Subcommand};

use super::backup::Backup;
use super::recovery::Recovery;
use crate::failure::Failure;
use crate::output::Format;
use crate::session::Session;
use crate::view::cluster::{ClusterJson, MemberRow};

/// Tells how the cluster is, and changes its members.
#[derive(Debug, Args)]
pub(crate) struct Cluster {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show what every member has: its role, how far it is, and the digest of its state.
    Status,
    /// Show who belongs to the cluster, how each follows the leader, and what it takes on disk.
    Members,
    /// Take in a new member: it gets the log and learns, and does not vote yet. Then start it with `join = true`.
    Add {
        /// Where it is reached: host and port.
        address: String,
        /// Its id. The next free one if it is not said; ids are never used again.
        #[arg(long, value_name = "MEMBER", value_parser = member)]
        id: Option<MemberId>,
    },
    /// Let a member vote that has caught up.
    Promote {
        /// Its id.
        #[arg(value_parser = member)]
        member: MemberId,
    },
    /// Remove a member that does not lead, dead or alive, if the rest has a majority that is there.
    Remove {
        /// Its id.
        #[arg(value_parser = member)]
        member: MemberId,
    },
    /// Write a backup, as of one revision, while the cluster goes on. `allocd restore` begins a new cluster with it.
    Backup(Backup),
    /// Show and end the recovery that follows a restore.
    Recovery(Recovery),
    /// Hand the lead to a member.
    Transfer {
        /// Its id.
        #[arg(value_parser = member)]
        member: MemberId,
    },
}

/// Asks or changes, through any member.
pub(crate) async fn run(session: &Session, cluster: &Cluster) -> Result<(), Failure> {
    let (client, output) = (&session.client, session.output);
    match &cluster.verb {
        None | Some(Verb::Status) => status(session).await,
        Some(Verb::Members) => members(session).await,
        Some(Verb::Add { address, id }) => {
            let member = client.add_member(*id, address).await?.value;
            output.note(&format!(
                "member {member} learns; start it with member_id = {member} and join = true, then: allocctl cluster promote {member}"
            ));
            output.text(&format!("{member}\n"))
        }
        Some(Verb::Promote { member }) => {
            let member = client.promote_member(*member).await?.value;
            output.note(&format!("member {member} votes"));
            note_even(session).await
        }
        Some(Verb::Remove { member }) => {
            let member = client.remove_member(*member).await?.value;
            output.note(&format!("member {member} is removed; its data directory is not needed any more"));
            note_even(session).await
        }
        Some(Verb::Backup(backup)) => super::backup::run(session, backup).await,
        Some(Verb::Recovery(recovery)) => super::recovery::run(session, recovery).await,
        Some(Verb::Transfer { member }) => {
            let member = client.transfer_leadership(*member).await?.value;
            output.note(&format!("member {member} leads"));
            Ok(())
        }
    }
}

async fn status(session: &Session) -> Result<(), Failure> {
    let status = session.client.cluster_status().await?.value;
    let output = session.output;
    match output.format() {
        Format::Json | Format::Jsonl => output.report("", &ClusterJson::from(&status), ""),
        Format::Name => output.list(&status.members),
        Format::Table | Format::Wide => {
            output.text(&headline(&status))?;
            output.list(&status.members)?;
            note_silent(session, &status.members);
            Ok(())
        }
    }
}

async fn members(session: &Session) -> Result<(), Failure> {
    let status = session.client.cluster_status().await?.value;
    let output = session.output;
    if let Format::Table | Format::Wide = output.format() {
        output.text(&headline(&status))?;
    }
    output.list(&MemberRow::all(&status))?;
    note_silent(session, &status.members);
    Ok(())
}

fn headline(status: &ClusterStatus) -> String {
    let leader = status.leader.map_or_else(|| "no leader".to_owned(), |id| format!("member {id} leads"));
    format!("cluster {}: {leader}\n", status.cluster_id)
}

fn note_silent(session: &Session, members: &[Member]) {
    for member in members {
        if let Err(why) = &member.answer {
            session.output.note(&format!("member {} at {}: {why}", member.id, member.address));
        }
    }
}

/// An even number of voters only adds a way to fail: that should not last.
async fn note_even(session: &Session) -> Result<(), Failure> {
    let status = session.client.cluster_status().await?.value;
    let voters = status.voters();
    if voters % 2 == 0 {
        session.output.note(&format!(
            "{voters} members vote, which survives no more failures than {} would; add and promote another one, or remove one",
            voters - 1
        ));
    }
    Ok(())
}

fn member(text: &str) -> Result<MemberId, String> {
    match text.parse() {
        Ok(id) if id > 0 => Ok(MemberId::new(id)),
        Ok(_) | Err(_) => Err("a member is named by its id, from 1".to_owned()),
    }
}
