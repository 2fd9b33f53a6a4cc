//! raft's log lines, passed on to `tracing`, where all other log lines are.

use std::fmt::{self, Write};

use slog::{Drain, KV, Level, Logger, Never, OwnedKVList, Record, Serializer, o};

/// A logger for raft that passes on to `tracing`. raft tells every message at its debug level: that is our trace.
pub(crate) fn logger() -> Logger {
    Logger::root(ToTracing, o!())
}

struct ToTracing;

impl Drain for ToTracing {
    type Ok = ();
    type Err = Never;

    fn log(&self, record: &Record<'_>, context: &OwnedKVList) -> Result<(), Never> {
        match record.level() {
            Level::Critical | Level::Error => tracing::error!(target: "raft", "{}", line(record, context)),
            Level::Warning => tracing::warn!(target: "raft", "{}", line(record, context)),
            // Elections are told by the daemon; raft's account of them is for those who look closer.
            Level::Info => tracing::debug!(target: "raft", "{}", line(record, context)),
            // Not formatted unless somebody listens: raft says something for every message.
            Level::Debug | Level::Trace => {
                if tracing::enabled!(target: "raft", tracing::Level::TRACE) {
                    tracing::trace!(target: "raft", "{}", line(record, context));
                }
            }
        }
        Ok(())
    }
}

fn line(record: &Record<'_>, context: &OwnedKVList) -> String {
    let mut line = Line(record.msg().to_string());
    // A line that cannot be completed is told as far as it goes.
    let _ = record.kv().serialize(record, &mut line);
    let _ = context.serialize(record, &mut line);
    line.0
}

struct Line(String);

impl Serializer for Line {
    fn emit_arguments(&mut self, key: slog::Key, value: &fmt::Arguments<'_>) -> slog::Result {
        write!(self.0, ", {key}: {value}")?;
        Ok(())
    }
}
