//! Whether a request is to be done, or only decided (AIP-163 `validate_only`).

/// Whether a mutation is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Do it.
    Commit,
    /// Decide and answer, but write nothing.
    ValidateOnly,
}
