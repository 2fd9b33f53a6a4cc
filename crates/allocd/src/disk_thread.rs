//! A thread that may wait for the disk, for one owner.
//!
//! It is not one of the runtime's: those are bounded, and whoever keeps them busy, with backups that nobody reads on for
//! example, must not keep a member from its disk.

use std::io;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

/// The thread. It ends when this is dropped.
pub(crate) struct DiskThread(Sender<Job>);

impl DiskThread {
    /// Starts it.
    pub(crate) fn start() -> io::Result<Self> {
        let (jobs, waiting) = channel::<Job>();
        thread::Builder::new()
            .name("disk".to_owned())
            .spawn(move || waiting.into_iter().for_each(|job| job()))?;
        Ok(Self(jobs))
    }

    /// Does something there. Nothing if that panicked; the thread has ended then.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        let job = move || {
            // Whoever waited may have gone, with the runtime.
            let _ = answer.send(work());
        };
        self.0.send(Box::new(job)).ok()?;
        answered.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_is_done_in_order_and_a_panic_ends_it() {
        let thread = DiskThread::start().unwrap();
        assert_eq!(thread.run(|| 1).await, Some(1));
        assert_eq!(
            thread.run(|| thread::current().name().map(str::to_owned)).await,
            Some(Some("disk".to_owned()))
        );
        assert_eq!(thread.run(|| -> u8 { panic!("as it is meant to") }).await, None);
        assert_eq!(thread.run(|| 2).await, None);
    }
}
