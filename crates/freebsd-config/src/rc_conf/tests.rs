//! The reader against tables and against the shell that reads such files, and what editing leaves alone.

use std::fs;
use std::process::Command;

use proptest::prelude::*;

use super::*;

fn name(text: &str) -> VariableName {
    VariableName::new(text).unwrap()
}

fn jails(text: &str) -> Result<Option<String>, RcConfError> {
    get(text, &name("jail_list"))
}

/// What sh(1) makes of a file: the value of `jail_list`.
fn by_shell(text: &str) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    let script = format!("set -f; . {}; printf %s \"$jail_list\"", file.path().display());
    let output = Command::new("/bin/sh").env_clear().args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{text:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_value_is_read_as_the_shell_reads_it() {
    for (text, value) in [
        ("jail_list=\"web01 db01\"\n", "web01 db01"),
        ("jail_list='web01 db01'", "web01 db01"),
        ("jail_list=web01", "web01"),
        ("jail_list=\n", ""),
        ("jail_list=\"\"  # none yet\n", ""),
        ("  jail_list=web01 # web02\n", "web01"),
        ("jail_list=web#01\n", "web#01"),
        ("jail_list=\"web01 # no comment\"\n", "web01 # no comment"),
        ("jail_list=a; jail_list=b\n", "b"),
        ("jail_list=a jail_list=b other=c\n", "b"),
        ("jail_list=old\n\tjail_list=new\n#jail_list=later\n", "new"),
        ("jail_list=\"web01 \\\ndb01\"\n", "web01 db01"),
        ("jail_list=web\\\n01\n", "web01"),
        ("jail_list=\"web01\ndb01\"\n", "web01\ndb01"),
        ("jail_list=\"a\"'b'c\\ d\n", "abc d"),
        ("jail_list=\"\\\"a\\\" \\b \\$c\"\n", "\"a\" \\b $c"),
        ("jail_list='a\\b$c`d'\n", "a\\b$c`d"),
        ("jail_list=*{a,b}!=~\n", "*{a,b}!=~"),
        ("jail_list=\"\u{e4}\"\n", "\u{e4}"),
        ("dir=${HOME}/x:~/y\njail_list=web01\n", "web01"),
        ("jail_listen=a\nmy_jail_list=b\njail_list=c\n", "c"),
    ] {
        assert_eq!(by_shell(text), value, "{text:?}");
        assert_eq!(jails(text).unwrap().unwrap_or_default(), value, "{text:?}");
    }
}

#[test]
fn a_variable_that_is_not_set_has_no_value() {
    for text in ["", "\n", "# jail_list=web01\n", "jail_lists=web01\n", "jail_enable=YES"] {
        assert_eq!(jails(text), Ok(None), "{text:?}");
    }
}

#[test]
fn what_the_shell_would_expand_is_refused_by_line() {
    for value in ["\"${jail_list} web01\"", "$other", "\"a$b\"", "~/jails", "a:~b", "\"$\"", "${x}y"] {
        let text = format!("jail_list=first\nother=\"${{x}}\"\njail_list={value}\n");
        let expanded = RcConfError::Expanded { line: 3, name: "jail_list".to_owned() };
        assert_eq!(jails(&text), Err(expanded.clone()), "{value}");
        assert_eq!(set(&text, &name("jail_list"), "web01"), Err(expanded.clone()), "{value}");
        assert_eq!(add_word(&text, ListVariable::JailList, "web01"), Err(expanded), "{value}");
        // Another variable of the same file is no mystery.
        assert_eq!(get(&format!("jail_enable=YES\n{text}"), &name("jail_enable")).unwrap().unwrap(), "YES");
    }
}

#[test]
fn anything_that_could_set_a_variable_unseen_stops_the_reading() {
    for (line, text) in [
        (1, ". /etc/rc.conf.site\n"),
        (1, "if [ -r x ]; then jail_list=a; fi\n"),
        (2, "a=b\neval jail_list=a\n"),
        (1, "export jail_list=a\n"),
        (1, "jail_list=a echo\n"),
        (1, "jail_list+=a\n"),
        (1, "a=$(jail_list=b)\n"),
        (1, "a=\"`date`\"\n"),
        (1, "a=${jail_list:=b}\n"),
        (1, "a=$'x\\'y'\n"),
        (1, "a=b & jail_list=c\n"),
        (1, "a=b;; jail_list=c\n"),
        (3, "a='\n'\nb=c|d\n"),
        (1, "jail_list = a\n"),
        (1, "1a=b\n"),
        (1, "a=b \\"),
    ] {
        assert_eq!(jails(text), Err(RcConfError::NotUnderstood { line }), "{text:?}");
    }
    for (line, text) in [(1, "a=\"b"), (2, "a=b\nc='d\n\n"), (1, "a=b\\")] {
        assert_eq!(jails(text), Err(RcConfError::Unterminated { line }), "{text:?}");
    }
}

#[test]
fn the_last_assignment_is_edited_where_it_stands() {
    let text = "jail_list=a\nsshd_enable=\"YES\"\n\tjail_list='b c'\t# ours\n# end";
    let edited = set(text, &name("jail_list"), "d").unwrap();
    assert_eq!(edited, "jail_list=a\nsshd_enable=\"YES\"\n\tjail_list=\"d\"\t# ours\n# end");
}

#[test]
fn what_is_not_there_is_added_as_a_line_of_its_own() {
    let list = name("jail_list");
    assert_eq!(set("", &list, "a").unwrap(), "jail_list=\"a\"\n");
    assert_eq!(set("b=c", &list, "a").unwrap(), "b=c\njail_list=\"a\"\n");
    // A line that goes on would swallow the new one; a comment never does.
    for open in ["b=c\\\n", "b=c \\\n", "b=c\\\n#d\\\n", "b='c\\\n'\\\n"] {
        let text = set(open, &list, "a").unwrap();
        assert_eq!(
            (by_shell(&text).as_str(), jails(&text).unwrap().as_deref()),
            ("a", Some("a")),
            "{open:?}"
        );
        assert_eq!(text, format!("{open}\njail_list=\"a\"\n"));
    }
    assert_eq!(set("# b \\\n", &list, "a").unwrap(), "# b \\\njail_list=\"a\"\n");
}

#[test]
fn words_come_and_go_and_the_rest_of_the_list_stays() {
    let text = "jail_enable=\"YES\"\njail_list=\"web01\n\tdb01\" # by hand\n";
    assert_eq!(add_word(text, ListVariable::JailList, "db01").unwrap(), text);
    assert_eq!(remove_word(text, ListVariable::JailList, "db0").unwrap(), text);
    let more = add_word(text, ListVariable::JailList, "mail01").unwrap();
    assert_eq!(more, "jail_enable=\"YES\"\njail_list=\"web01 db01 mail01\" # by hand\n");
    let less = remove_word(&more, ListVariable::JailList, "web01").unwrap();
    assert_eq!(jails(&less).unwrap().unwrap(), "db01 mail01");
    assert_eq!(remove_word("", ListVariable::KldList, "if_epair").unwrap(), "");
}

#[test]
fn what_is_on_is_left_as_it_is_written() {
    let enable_jail = |text: &str| enable(text, &name("jail_enable")).unwrap();
    for on in ["jail_enable=YES\n", "jail_enable=\"yes\"\n", "jail_enable=On\n", "jail_enable='1'\n"] {
        assert_eq!(enable_jail(on), on);
    }
    assert_eq!(enable_jail("jail_enable=NO # off\n"), "jail_enable=\"YES\" # off\n");
    assert_eq!(enable_jail(""), "jail_enable=\"YES\"\n");
}

#[test]
fn what_would_not_stay_as_it_is_written_is_refused() {
    for value in ["$x", "`x`", "a\"b", "a\\", "a\nb", "\u{e4}", "a\0", "a\tb"] {
        assert!(matches!(set("", &name("x"), value), Err(RcConfError::Value { .. })), "{value:?}");
    }
    for word in ["", "a b", "a;b", "a\nb", "a'b", "*"] {
        let refused = add_word("", ListVariable::JailList, word);
        assert!(matches!(refused, Err(RcConfError::Word { .. })), "{word:?}");
    }
    for text in ["", "1a", "a-b", "a b", "a=b", "\u{e4}"] {
        assert!(matches!(VariableName::new(text), Err(RcConfError::Name { .. })), "{text:?}");
    }
}

/// Lines of a file that other people wrote, whole or in part understood.
fn lines() -> impl Strategy<Value = Vec<String>> {
    let line = prop_oneof![
        Just(String::new()),
        "# [ -~]{0,20}",
        "[a-z]{1,8}_enable=(YES|\"NO\"|'yes')",
        "ifconfig_[a-z]{1,4}[0-9]=\"[a-z0-9. /]{0,20}\"( # [a-z'\"]{0,8})?",
        "jail_list=(\"[a-z ]{0,12}\"|'[a-z$]{0,6}'|[a-z]{0,6})",
        "dir=\"\\$\\{HOME\\}/[a-z]{0,4}\"",
        "[ \t]{0,2}a=b; c=d[ \t]{0,2}",
    ];
    proptest::collection::vec(line, 0..8)
}

fn value() -> impl Strategy<Value = String> {
    "[ !#%-\\[\\]^_a-~]{0,24}"
}

proptest! {
    #[test]
    fn editing_keeps_every_other_line(lines in lines(), value in value(), ends: bool) {
        let text = lines.join("\n") + if ends { "\n" } else { "" };
        let edited = set(&text, &name("jail_list"), &value).unwrap();
        let others = |text: &str| -> Vec<String> {
            text.lines().filter(|line| !line.starts_with("jail_list=")).map(str::to_owned).collect()
        };
        prop_assert_eq!(others(&edited), others(&text));
        let is_there = text.lines().any(|line| line.starts_with("jail_list="));
        prop_assert_eq!(edited.lines().count(), text.lines().count() + usize::from(!is_there));
    }

    #[test]
    fn what_is_set_is_told_and_setting_it_again_changes_nothing(lines in lines(), value in value()) {
        let list = name("jail_list");
        let once = set(&lines.join("\n"), &list, &value).unwrap();
        prop_assert_eq!(get(&once, &list).unwrap(), Some(value.clone()));
        prop_assert_eq!(set(&once, &list, &value).unwrap(), once);
    }

    #[test]
    fn a_word_comes_once_and_goes_for_good(lines in lines(), word in "[a-z0-9_]{1,8}") {
        let text = lines.join("\n");
        // A value that set(1) cannot write back is the file's owner's business.
        prop_assume!(!jails(&text).unwrap().unwrap_or_default().contains('$'));
        let words = |text: &str| -> Vec<String> {
            jails(text).unwrap().unwrap_or_default().split_whitespace().map(str::to_owned).collect()
        };
        let with = add_word(&text, ListVariable::JailList, &word).unwrap();
        prop_assert_eq!(&add_word(&with, ListVariable::JailList, &word).unwrap(), &with);
        prop_assert!(words(&with).contains(&word));
        let without = remove_word(&with, ListVariable::JailList, &word).unwrap();
        let mut expected = words(&text);
        expected.retain(|present| *present != word);
        prop_assert_eq!(words(&without), expected);
    }

    #[test]
    fn no_text_is_too_strange_to_read(text in "[a-z=\"'\\\\$`{}()#;&~: \t\n]{0,60}") {
        let _ = jails(&text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn where_a_value_is_told_the_shell_tells_the_same(value in "[a-z\"'\\\\#;:= \t\n~]{0,16}", ends: bool) {
        let text = format!("a=b\njail_list={value}") + if ends { "\n" } else { "" };
        if let Ok(told) = jails(&text) {
            prop_assert_eq!(by_shell(&text), told.unwrap_or_default());
        }
    }
}
