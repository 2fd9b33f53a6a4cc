//! ping(8), as a question: is there an answer? It prints the summary, and its code says it: 0, or 2 for no answer.

use std::net::IpAddr;

use super::ending::{ended, output, refuse};
use crate::fake::kernel::{Kernel, Place};
use crate::output::Output;

/// The code for no answer (ping.8, EXIT STATUS).
const NO_ANSWER: i32 = 2;
/// Options that take a value.
const WITH_VALUE: &[&str] = &["-c", "-t", "-W", "-i", "-S", "-s", "-X", "-m", "-I"];

/// Asks an address for an answer.
pub fn ping(kernel: &mut dyn Kernel, place: Place, arguments: &[String]) -> Output {
    let mut words = arguments.iter().map(String::as_str);
    let mut target = None;
    let mut count = 1_u32;
    while let Some(word) = words.next() {
        if WITH_VALUE.contains(&word) {
            let value = words.next();
            if word == "-c" {
                count = value.and_then(|value| value.parse().ok()).unwrap_or(1);
            }
        } else if !word.starts_with('-') {
            target = Some(word);
        }
    }
    let Some(target) = target else {
        return Output::failure(64, "usage: ping [-c count] [-t timeout] [-W waittime] host\n");
    };
    let (text, scope) = target.split_once('%').map_or((target, None), |(text, scope)| (text, Some(scope)));
    let Ok(address) = text.parse::<IpAddr>() else {
        return output(refuse("ping", &format!("cannot resolve {target}: Unknown host")));
    };
    let is_answered = kernel.is_answered(place, address, scope);
    let (received, lost) = if is_answered { (count, 0) } else { (0, 100) };
    let summary = format!(
        "--- {target} ping statistics ---\n{count} packets transmitted, {received} packets received, {lost}.0% packet loss\n"
    );
    ended(if is_answered { 0 } else { NO_ANSWER }, summary, String::new())
}
