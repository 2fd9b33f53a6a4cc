//! Progress for whoever watches: bars on a terminal, plain lines elsewhere.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;

/// Announces a chapter of a chore.
pub(crate) fn chapter(text: &str) {
    println!("\n== {text}");
}

/// A bar over a number of steps; on anything but a terminal it is one plain line.
pub(crate) fn bar(what: &'static str, steps: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        println!("{what}: {steps}");
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let style = ProgressStyle::with_template("{msg:24} [{bar:40}] {pos}/{len}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(u64::try_from(steps).unwrap_or(u64::MAX)).with_style(style).with_message(what)
}
