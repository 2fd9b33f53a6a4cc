//! What jls(8) of every release prints, read.

use proptest::prelude::*;

use super::*;

fn jail(jid: u32, name: &str, path: &str, has_vnet: Option<bool>, is_dying: bool) -> Jail {
    Jail { jid: Jid(jid), name: Seen::new(name), path: path.to_owned(), has_vnet, is_dying }
}

#[test]
fn pairs_with_quotes_before_release_11() {
    let jails = parse_pairs(include_str!("../../testdata/jls/10-pairs.txt")).unwrap();
    let expected = [
        jail(1, "web01", "/usr/jails/web01", Some(true), false),
        jail(2, "test01_local", "/usr/jails/test 01", Some(false), false),
        jail(7, "web01", "/usr/jails/web01", Some(true), true),
        jail(8, "8", "/usr/jails/\"quoted's\"", Some(true), false),
        jail(9, "back\\slash", "/", Some(true), false),
    ];
    assert_eq!(jails, expected);
    assert_eq!(jails[3].name.name(), None, "listed, and not a name of ours");
}

#[test]
fn the_verbose_listing_has_numbers_and_a_state() {
    let jails = parse_json(include_str!("../../testdata/jls/11-verbose.json")).unwrap();
    let expected =
        [jail(1, "irc", "/usr/jails/irc", None, false), jail(4, "web01", "/usr/jails/web01", None, true)];
    assert_eq!(jails, expected);
}

#[test]
fn parameters_by_name_are_strings() {
    let jails = parse_json(include_str!("../../testdata/jls/14-parameters.json")).unwrap();
    let expected = [
        jail(1, "web01", "/usr/jails/web01", Some(true), false),
        jail(2, "db-1", "/usr/jails/db 1", Some(false), false),
        jail(5, "mail", "/usr/jails/mail", Some(true), true),
        jail(83, "83", "/x", Some(true), false),
    ];
    assert_eq!(jails, expected);
}

#[test]
fn numbers_and_truths_may_come_as_such() {
    let jails = parse_json(include_str!("../../testdata/jls/15-named.json")).unwrap();
    let expected = [
        jail(1, "web01", "/usr/jails/web01", Some(true), false),
        jail(5, "mail", "/usr/jails/mail", Some(true), true),
    ];
    assert_eq!(jails, expected);
}

#[test]
fn a_host_without_jails_has_an_empty_listing() {
    for text in [
        r#"{"__version": "2", "jail-information": {"jail": []}}"#,
        r#"{"__version": "2", "jail-information": {}}"#,
    ] {
        assert_eq!(parse_json(text), Ok(Vec::new()));
    }
    assert_eq!(parse_pairs("\n"), Ok(Vec::new()));
}

#[test]
fn what_is_no_listing_is_an_error() {
    for text in [
        "",
        "jls: unknown parameter: vnet",
        "{}",
        r#"{"jail-information": {"jail": {}}}"#,
        r#"{"jail-information": {"jail": [{"jid": 1, "name": "a"}]}}"#,
        r#"{"jail-information": {"jail": [{"jid": -1, "name": "a", "path": "/"}]}}"#,
        r#"{"jail-information": {"jail": [7]}}"#,
    ] {
        assert_eq!(parse_json(text).unwrap_err().what, WHAT, "{text}");
    }
    for text in ["   JID  IP Address", "jid=1 name=a", "jid=x name=a path=/", "jid=1 name=\"a path=/"] {
        assert_eq!(parse_pairs(text).unwrap_err().line, text);
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_readers_panic(text in any::<String>()) {
        let _ = parse_json(&text);
        let _ = parse_pairs(&text);
        let _ = parse_pairs(&format!("jid=1 name={text}"));
    }

    #[test]
    fn what_jls_of_release_10_quotes_is_read_back(path in "[ -~]{1,20}") {
        let line = format!("jid=3 name=a path={} nodying vnet=new\n", quoted(&path));
        prop_assert_eq!(parse_pairs(&line), Ok(vec![jail(3, "a", &path, Some(true), false)]));
    }
}

/// As quoted_print in usr.sbin/jls/jls.c of 10.4 does it.
fn quoted(value: &str) -> String {
    let quote = match value {
        value if value.contains('\'') => Some('"'),
        value if value.contains('"') => Some('\''),
        value if value.contains(' ') => Some('"'),
        _ => None,
    };
    let escaped = value.chars().flat_map(|c| {
        let before = (c == '\\' || Some(c) == quote).then_some('\\');
        before.into_iter().chain([c])
    });
    quote.into_iter().chain(escaped).chain(quote).collect()
}
