//! Waiting for something to become so, within bounds.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// How long one look may take.
const LOOK_MAX: Duration = Duration::from_secs(30);

/// Looks until there is something to see; a look that fails is repeated, and the last failure is told.
pub(super) async fn until<T>(
    what: &str,
    patience: Duration,
    mut look: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Instant::now() + patience;
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = "nothing was to be seen".to_owned();
    loop {
        ticks.tick().await;
        match timeout(LOOK_MAX, look()).await {
            Ok(Ok(Some(seen))) => return Ok(seen),
            Ok(Ok(None)) => {}
            Ok(Err(error)) => last = format!("{error:#}"),
            Err(_) => last = format!("no answer within {LOOK_MAX:?}"),
        }
        if Instant::now() > deadline {
            bail!("it did not come true within {patience:?} that {what}: {last}");
        }
    }
}
