//! Pure text: jail.conf(5), ezjail and the inventory format, rendered and parsed.

#[cfg(test)]
mod example;
pub mod inventory;
