//! What happened, line by line: shown to whoever asks, and always put into a digest, by which two runs are compared.

use std::fmt::{self, Write as _};

use sha2::{Digest as _, Sha256};

/// Shows a line.
type Show = Box<dyn FnMut(&str)>;

/// The lines of one run.
pub struct Trace {
    digest: Sha256,
    shown: Option<Show>,
    line: String,
}

impl Trace {
    /// A trace that is only digested.
    #[must_use]
    pub fn silent() -> Self {
        Self { digest: Sha256::new(), shown: None, line: String::new() }
    }

    /// A trace whose lines are also handed to `show`.
    #[must_use]
    pub fn shown(show: impl FnMut(&str) + 'static) -> Self {
        Self { shown: Some(Box::new(show)), ..Self::silent() }
    }

    /// Adds a line.
    pub fn note(&mut self, real: u64, what: fmt::Arguments<'_>) {
        self.line.clear();
        write!(self.line, "{real:>7} {what}").expect("a string takes everything");
        self.digest.update(self.line.as_bytes());
        self.digest.update(b"\n");
        if let Some(show) = &mut self.shown {
            show(&self.line);
        }
    }

    /// Adds bytes that are not worth a line but have to be the same in another run.
    pub fn digest_bytes(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
    }

    /// The digest of everything so far.
    #[must_use]
    pub fn digest(&self) -> String {
        let bytes = self.digest.clone().finalize();
        bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}
