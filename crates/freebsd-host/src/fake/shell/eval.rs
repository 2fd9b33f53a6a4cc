//! A script is run.

use std::collections::BTreeMap;

use super::lexer::{Part, Word, tokens};
use super::parse::{Node, Redirect, parse};
use crate::fake::kernel::Place;
use crate::fake::machine::FakeMachine;
use crate::output::{Exit, Output};

/// The code of a script that is not understood.
const SYNTAX_ERROR: i32 = 2;
/// The code of a program that is not there.
const NOT_FOUND: i32 = 127;

/// Runs a script in a place.
pub(in crate::fake) fn run(machine: &mut FakeMachine<'_>, place: Place, script: &str) -> Output {
    let node = match tokens(script).and_then(parse) {
        Ok(node) => node,
        Err(why) => return Output::failure(SYNTAX_ERROR, format!("sh: {why}: {script}\n")),
    };
    let mut shell =
        Shell { machine, place, variables: BTreeMap::new(), stderr: String::new(), is_broken: false };
    let (code, stdout) = shell.run(&node, "");
    let stderr = shell.stderr;
    Output { exit: Exit::Code(code), stdout, is_stdout_cut: false, stderr }
}

struct Shell<'m, 's> {
    machine: &'m mut FakeMachine<'s>,
    place: Place,
    variables: BTreeMap<String, String>,
    stderr: String,
    /// True from `break` to the end of its loop.
    is_broken: bool,
}

/// A code, and what came out.
type Ran = (i32, String);

impl Shell<'_, '_> {
    fn run(&mut self, node: &Node, stdin: &str) -> Ran {
        match node {
            Node::Sequence(nodes) => {
                let mut ran = (0, String::new());
                for node in nodes {
                    self.then(&mut ran, node, stdin);
                    if self.is_broken {
                        break;
                    }
                }
                ran
            }
            Node::And(first, second) => self.either(first, second, stdin, true),
            Node::Or(first, second) => self.either(first, second, stdin, false),
            Node::Not(node) => {
                let (code, stdout) = self.run(node, stdin);
                (i32::from(code == 0), stdout)
            }
            Node::Pipeline(nodes) => {
                let mut ran = (0, stdin.to_owned());
                for node in nodes {
                    ran = self.run(node, &ran.1);
                }
                ran
            }
            Node::If { condition, then, otherwise } => {
                let (code, mut stdout) = self.run(condition, stdin);
                let (code, rest) = self.run(if code == 0 { then } else { otherwise }, stdin);
                stdout.push_str(&rest);
                (code, stdout)
            }
            Node::For { variable, words, body } => {
                let mut ran = (0, String::new());
                for value in words.iter().map(|word| self.expand(word)).collect::<Vec<_>>() {
                    self.variables.insert(variable.clone(), value);
                    self.then(&mut ran, body, stdin);
                    if std::mem::take(&mut self.is_broken) {
                        break;
                    }
                }
                ran
            }
            Node::Simple { words, redirects } => self.simple(words, redirects, stdin),
        }
    }

    fn then(&mut self, ran: &mut Ran, node: &Node, stdin: &str) {
        let (code, stdout) = self.run(node, stdin);
        ran.0 = code;
        ran.1.push_str(&stdout);
    }

    /// Runs the second only if the first succeeded, or only if it failed.
    fn either(&mut self, first: &Node, second: &Node, stdin: &str, on_success: bool) -> Ran {
        let mut ran = self.run(first, stdin);
        if (ran.0 == 0) == on_success && !self.is_broken {
            self.then(&mut ran, second, stdin);
        }
        ran
    }

    fn simple(&mut self, words: &[Word], redirects: &[Redirect], stdin: &str) -> Ran {
        let mut words: Vec<String> = words.iter().map(|word| self.expand(word)).collect();
        // Settings of the environment before a command mean nothing to the programs that there are.
        while words.len() > 1 && is_setting(&words[0]) {
            words.remove(0);
        }
        let mut stdin = stdin.to_owned();
        for redirect in redirects {
            if let Redirect::File { is_input: true, path, .. } = redirect {
                let path = self.path(path);
                match self.machine.usage.files.get(&path) {
                    Some(text) => stdin.clone_from(text),
                    None => {
                        return (1, self.complain(&format!("cannot open {path}: No such file or directory")));
                    }
                }
            }
        }
        // A file that is written is emptied before its command runs.
        for redirect in redirects {
            if let Redirect::File { is_input: false, is_appending: false, path, .. } = redirect {
                self.write(&self.path(path), "", false);
            }
        }
        let output = self.program(&words, &stdin);
        self.redirect(output, redirects)
    }

    fn program(&mut self, words: &[String], stdin: &str) -> Output {
        let (program, arguments) = words.split_first().expect("a command has a name");
        if program == "break" {
            self.is_broken = true;
            return Output::success("");
        }
        let output = self.machine.execute_with(self.place, program, arguments, stdin);
        output.unwrap_or_else(|| Output::failure(NOT_FOUND, format!("sh: {program}: not found\n")))
    }

    fn redirect(&mut self, output: Output, redirects: &[Redirect]) -> Ran {
        let Output { exit, mut stdout, mut stderr, .. } = output;
        for redirect in redirects {
            match redirect {
                Redirect::ErrorsToOutput => {
                    // To where stdout goes by now, which is nowhere if that was said before.
                    let is_output_moved =
                        redirects.iter().any(|other| matches!(other, Redirect::File { descriptor: 1, .. }));
                    let text = std::mem::take(&mut stderr);
                    if !is_output_moved {
                        stdout.push_str(&text);
                    }
                }
                Redirect::File { is_input: true, .. } => {}
                Redirect::File { descriptor, path, .. } => {
                    let text = std::mem::take(if *descriptor == 2 { &mut stderr } else { &mut stdout });
                    self.write(&self.path(path), &text, true);
                }
            }
        }
        self.stderr.push_str(&stderr);
        match exit {
            Exit::Code(code) => (code, stdout),
            Exit::Signal(signal) => (128 + signal, stdout),
        }
    }

    fn write(&mut self, path: &str, text: &str, is_appending: bool) {
        if path.ends_with("/dev/null") {
            return;
        }
        let file = self.machine.usage.files.entry(path.to_owned()).or_default();
        if !is_appending {
            file.clear();
        }
        file.push_str(text);
    }

    fn complain(&mut self, message: &str) -> String {
        self.stderr.push_str(&format!("sh: {message}\n"));
        String::new()
    }

    fn path(&self, word: &Word) -> String {
        self.machine.path(self.place, &self.expand(word))
    }

    fn expand(&self, word: &Word) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Variable(name) => self.variables.get(name).cloned().unwrap_or_default(),
        };
        word.parts.iter().map(part).collect()
    }
}

fn is_setting(word: &str) -> bool {
    let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    word.split_once('=').is_some_and(|(name, _)| is_name(name))
}
