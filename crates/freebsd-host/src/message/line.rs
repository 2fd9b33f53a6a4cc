//! What stands before a message of the kernel in a line.
//!
//! ```text
//! epair1b: manual intervention required                                            dmesg
//! [1234] epair1b: ...    [1234.567890] epair1b: ...                                with kern.msgbuf_show_timestamp
//! Nov 29 10:00:01 host kernel: epair1b: ...                                        messages
//! <3>1 2026-11-29T10:00:01.123456+00:00 host kernel - - - epair1b: ...             messages of syslogd -O rfc5424
//! ```
//!
//! Only the place decides who wrote a line: a program may write `kernel:` into the text of its own message.

/// The message of a line: what is behind the header of syslogd(8) if it has one that names the kernel, else the line itself.
pub(super) fn message(line: &str) -> &str {
    let line = line.trim_end();
    let line = line.strip_prefix('<').and_then(|rest| behind(rest, ">", is_number)).unwrap_or(line);
    let line = after_fields(line, [is_month, is_day, is_time, is_host, is_tag])
        .or_else(|| after_fields(line, [is_one, is_timestamp, is_host, is_app, is_nil, is_nil, is_nil]))
        .unwrap_or(line);
    line.strip_prefix('[').and_then(|rest| behind(rest, "] ", is_uptime)).unwrap_or(line)
}

/// What is behind a beginning that is as it should be, and its end.
fn behind<'a>(text: &'a str, end: &str, is_right: fn(&str) -> bool) -> Option<&'a str> {
    let (beginning, rest) = text.split_once(end)?;
    is_right(beginning).then_some(rest)
}

/// What is behind fields that are as they should be, with blanks between.
fn after_fields<const N: usize>(line: &str, fields: [fn(&str) -> bool; N]) -> Option<&str> {
    let mut rest = line;
    for is_right in fields {
        let (field, behind) = rest.split_once(' ')?;
        if !is_right(field) {
            return None;
        }
        // A day of one digit has two blanks before it.
        rest = behind.trim_start_matches(' ');
    }
    Some(rest)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_uptime(text: &str) -> bool {
    text.splitn(2, '.').all(is_number)
}

fn is_month(text: &str) -> bool {
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"].contains(&text)
}

fn is_day(text: &str) -> bool {
    is_number(text) && text.len() <= 2
}

fn is_time(text: &str) -> bool {
    text.len() == 8 && text.split(':').all(|part| part.len() == 2 && is_number(part))
}

fn is_host(text: &str) -> bool {
    !text.is_empty()
}

fn is_tag(text: &str) -> bool {
    text == "kernel:"
}

fn is_one(text: &str) -> bool {
    text == "1"
}

fn is_timestamp(text: &str) -> bool {
    text.contains('T') && text.starts_with(|first: char| first.is_ascii_digit())
}

fn is_app(text: &str) -> bool {
    text == "kernel"
}

fn is_nil(text: &str) -> bool {
    text == "-"
}
