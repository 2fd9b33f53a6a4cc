//! A jail.conf(5): what is read of a file is what another one says that is written with all its quotes.

use std::fmt::Write as _;

use freebsd_config::jail_conf::{JailBlock, Operator, Parameter, parse};

pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match parse(text) {
        Err(error) => assert!(!error.to_string().is_empty(), "a refusal says why"),
        Ok(conf) => {
            let mut written = String::new();
            conf.globals.iter().for_each(|parameter| write_parameter(&mut written, parameter));
            for JailBlock { name, parameters } in &conf.jails {
                write_word(&mut written, name);
                written.push_str(" {\n");
                parameters.iter().for_each(|parameter| write_parameter(&mut written, parameter));
                written.push_str("}\n");
            }
            assert_eq!(parse(&written), Ok(conf.clone()), "{written}");
            for jail in &conf.jails {
                for parameter in &jail.parameters {
                    assert!(jail.has(&parameter.name));
                    assert!(jail.values(&parameter.name).len() <= values_of(jail, &parameter.name));
                }
            }
        }
    }
}

/// How many values all lines of a parameter have together.
fn values_of(jail: &JailBlock, name: &str) -> usize {
    let lines = jail.parameters.iter().filter(|parameter| parameter.name == name);
    lines.map(|parameter| parameter.values.len()).sum()
}

fn write_parameter(text: &mut String, Parameter { name, operator, values }: &Parameter) {
    write_word(text, name);
    text.push_str(match operator {
        Operator::Flag => "",
        Operator::Set => " = ",
        Operator::Append => " += ",
    });
    for (at, value) in values.iter().enumerate() {
        text.push_str(if at == 0 { "" } else { ", " });
        write_word(text, value);
    }
    text.push_str(";\n");
}

/// A word between double quotes, with every character that could mean something after a backslash.
fn write_word(text: &mut String, word: &str) {
    text.push('"');
    for character in word.chars() {
        match character {
            '"' | '\\' | '$' => text.extend(['\\', character]),
            '\n' => text.push_str("\\n"),
            '\u{1}'..='\u{1f}' | '\u{7f}' => {
                write!(text, "\\{:03o}", u32::from(character)).expect("a string takes everything");
            }
            _ => text.push(character),
        }
    }
    text.push('"');
}
