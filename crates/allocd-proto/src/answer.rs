//! The messages of answers, both ways.
//!
//! A member writes them; a client reads them, and does not trust them more than a member trusts a request: an answer that
//! cannot be read is an error that names the fields, not a panic and not a guess.

mod admin;
mod agent;
mod audit;
mod contact;
mod lease;
mod resource;

#[cfg(test)]
mod tests;
