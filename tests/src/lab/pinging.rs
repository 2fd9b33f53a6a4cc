//! A ping that runs on in a jail, and remembers which of its requests were answered, and how often.

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::echo::{answer, open, request};
use super::host::LabHost;
use super::netlink::within;

/// From one request to the next.
const INTERVAL: Duration = Duration::from_millis(20);
/// How long answers are waited for after the last.
const REST: Duration = Duration::from_secs(1);

/// How often each request was answered, by its number; they count from 1.
pub type Answers = BTreeMap<u16, usize>;

/// A ping that runs until it is stopped.
#[derive(Debug)]
pub struct Pinging {
    is_over: Arc<AtomicBool>,
    answers: Arc<Mutex<Answers>>,
    thread: JoinHandle<io::Result<()>>,
}

impl Pinging {
    /// Begins in a jail.
    #[must_use]
    pub fn start(host: &LabHost, jail: &str, to: IpAddr) -> Self {
        let network = host.network_of(jail);
        let (is_over, answers) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Answers>>::default());
        let (ends, noted) = (Arc::clone(&is_over), Arc::clone(&answers));
        let thread = thread::spawn(move || ping(&network, to, &ends, &noted));
        Self { is_over, answers, thread }
    }

    /// The answers so far.
    #[must_use]
    pub fn answers(&self) -> Answers {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends it; what was answered.
    ///
    /// # Errors
    /// Says why it could not even be tried.
    pub fn stop(self) -> Result<Answers, String> {
        self.is_over.store(true, Ordering::Relaxed);
        let ended = self.thread.join().map_err(|_| "the ping ended with a panic".to_owned())?;
        ended.map_err(|error| format!("the ping could not go on: {error}"))?;
        Ok(self.answers.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

fn ping(network: &Path, to: IpAddr, is_over: &AtomicBool, answers: &Mutex<Answers>) -> io::Result<()> {
    let (socket, target) = within(network, || open(to, None))?;
    let receive = |time: Duration| -> io::Result<()> {
        let deadline = Instant::now() + time;
        while let Some((from, number)) = answer(&socket, deadline)? {
            if from == to {
                let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
                *answers.entry(number).or_default() += 1;
            }
        }
        Ok(())
    };
    for number in 1..=u16::MAX {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        answers.lock().unwrap_or_else(PoisonError::into_inner).insert(number, 0);
        // One that cannot even be sent, because nobody says where to, is one that is lost.
        let _ = socket.send_to(&request(to, number), target);
        // So is one of which somebody says that it did not arrive.
        let _ = receive(INTERVAL);
    }
    receive(REST)
}
