//! The cluster itself: its members and how they are.

use clap::{Args, Subcommand};

use crate::failure::Failure;
use crate::output::Format;
use crate::session::Session;
use crate::view::cluster::ClusterJson;

/// Tells how the cluster is.
#[derive(Debug, Args)]
pub(crate) struct Cluster {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show every member: its role, how far it is, and the digest of its state.
    Status,
}

/// Asks every member, through the one that answers.
pub(crate) async fn run(session: &Session, cluster: &Cluster) -> Result<(), Failure> {
    match cluster.verb {
        None | Some(Verb::Status) => {}
    }
    let status = session.client.cluster_status().await?.value;
    let output = session.output;
    match output.format() {
        Format::Json | Format::Jsonl => output.report("", &ClusterJson::from(&status), ""),
        Format::Name => output.list(&status.members),
        Format::Table | Format::Wide => {
            let leader =
                status.leader.map_or_else(|| "no leader".to_owned(), |id| format!("member {id} leads"));
            output.text(&format!("cluster {}: {leader}\n", status.cluster_id))?;
            output.list(&status.members)?;
            for member in &status.members {
                if let Err(why) = &member.answer {
                    output.note(&format!("member {} at {}: {why}", member.id, member.address));
                }
            }
            Ok(())
        }
    }
}
