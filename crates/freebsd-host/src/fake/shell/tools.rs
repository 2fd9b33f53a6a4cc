//! Small programs that hooks use on text, files and time.

use super::pattern::Pattern;
use crate::fake::kernel::Place;
use crate::fake::machine::FakeMachine;
use crate::output::{Exit, Output};

/// Where each lies; the shell has some of them itself.
const TOOLS: &[&str] = &[
    "/bin/cat",
    "/bin/cp",
    "/bin/echo",
    "/bin/mv",
    "/bin/rm",
    "/bin/sleep",
    "/usr/bin/false",
    "/usr/bin/grep",
    "/usr/bin/sed",
    "/usr/bin/touch",
    "/usr/bin/tr",
    "/usr/bin/true",
];

/// Runs one, if it is one.
pub(in crate::fake) fn tool(
    machine: &mut FakeMachine<'_>,
    place: Place,
    program: &str,
    arguments: &[&str],
    stdin: &str,
) -> Option<Output> {
    let is_named = |path: &&&str| **path == program || path.rsplit('/').next() == Some(program);
    let name = TOOLS.iter().find(is_named)?.rsplit('/').next()?;
    let mut tool = Tool { machine, place, stdin };
    let done = match name {
        "true" => Ok(Output::success("")),
        "false" => Err(String::new()),
        "echo" => Ok(Output::success(format!("{}\n", arguments.join(" ")))),
        "cat" => tool.read(arguments).map(Output::success),
        "grep" => tool.grep(arguments),
        "sed" => tool.sed(arguments),
        "tr" => tool.translate(arguments),
        "touch" | "cp" | "mv" | "rm" => tool.file(name, arguments),
        "sleep" => tool.wait(arguments),
        _ => return None,
    };
    Some(done.unwrap_or_else(|why| {
        let message = if why.is_empty() { why } else { format!("{name}: {why}\n") };
        Output::failure(1, message)
    }))
}

struct Tool<'m, 's> {
    machine: &'m mut FakeMachine<'s>,
    place: Place,
    stdin: &'m str,
}

impl Tool<'_, '_> {
    /// The text of the files, or what is on stdin if there are none.
    fn read(&self, paths: &[&str]) -> Result<String, String> {
        if paths.is_empty() {
            return Ok(self.stdin.to_owned());
        }
        let text = |path: &&str| {
            let file = self.machine.usage.files.get(&self.machine.path(self.place, path));
            file.cloned().ok_or_else(|| format!("{path}: No such file or directory"))
        };
        paths.iter().map(text).collect()
    }

    fn grep(&self, arguments: &[&str]) -> Result<Output, String> {
        let (options, rest) = options(arguments);
        let [pattern, paths @ ..] = rest else { return Err("a pattern is missing".to_owned()) };
        let mut pattern = Pattern::new(pattern)?;
        if options.contains('x') {
            pattern = pattern.of_whole_line();
        }
        // A file that is not there is another failure than text that is not.
        let text = match self.read(paths) {
            Ok(text) => text,
            Err(why) => return Ok(Output::failure(2, format!("grep: {why}\n"))),
        };
        let is_wanted = |line: &&str| pattern.is_in(line) != options.contains('v');
        let found: String = text.lines().filter(is_wanted).map(|line| format!("{line}\n")).collect();
        let code = i32::from(found.is_empty());
        let stdout = if options.contains('q') { String::new() } else { found };
        Ok(Output { exit: Exit::Code(code), stdout, is_stdout_cut: false, stderr: String::new() })
    }

    /// Only `/PATTERN/d`.
    fn sed(&self, arguments: &[&str]) -> Result<Output, String> {
        let [script, paths @ ..] = arguments else { return Err("a script is missing".to_owned()) };
        let pattern = script.strip_prefix('/').and_then(|rest| rest.strip_suffix("/d"));
        let pattern = Pattern::new(pattern.ok_or_else(|| format!("{script} is not understood here"))?)?;
        let text = self.read(paths)?;
        let kept = text.lines().filter(|line| !pattern.is_in(line));
        Ok(Output::success(kept.map(|line| format!("{line}\n")).collect::<String>()))
    }

    /// Only two sets, the second of at least as many characters, on stdin.
    fn translate(&self, arguments: &[&str]) -> Result<Output, String> {
        let [from, to] = arguments else { return Err("usage: tr string1 string2".to_owned()) };
        let (from, to) = (set(from), set(to));
        if from.len() > to.len() {
            return Err("a first set that is larger is not understood here".to_owned());
        }
        let other = |c: char| from.iter().position(|of| *of == c).map_or(c, |at| to[at]);
        Ok(Output::success(self.stdin.chars().map(other).collect::<String>()))
    }

    fn file(&mut self, name: &str, arguments: &[&str]) -> Result<Output, String> {
        let (options, paths) = options(arguments);
        let on_host: Vec<String> = paths.iter().map(|path| self.machine.path(self.place, path)).collect();
        let files = &mut self.machine.usage.files;
        match (name, on_host.as_slice()) {
            ("touch", [path]) => {
                files.entry(path.clone()).or_default();
            }
            ("cp", [from, to]) => {
                let text = files.get(from).cloned().ok_or_else(|| missing(paths))?;
                files.insert(to.clone(), text);
            }
            ("mv", [from, to]) => {
                let text = files.remove(from).ok_or_else(|| missing(paths))?;
                files.insert(to.clone(), text);
            }
            ("rm", [path]) => {
                if files.remove(path).is_none() && !options.contains('f') {
                    return Err(missing(paths));
                }
            }
            _ => return Err("so many files are not understood here".to_owned()),
        }
        Ok(Output::success(""))
    }

    /// Time passes on the machine's clock.
    fn wait(&mut self, arguments: &[&str]) -> Result<Output, String> {
        let [seconds] = arguments else { return Err("usage: sleep number".to_owned()) };
        let seconds: u64 = seconds.parse().map_err(|_| "usage: sleep number".to_owned())?;
        self.machine.kernel.world.advance(seconds.saturating_mul(1000));
        Ok(Output::success(""))
    }
}

/// The characters of a set of tr(1), which has ranges.
fn set(text: &str) -> Vec<char> {
    let characters: Vec<char> = text.chars().collect();
    match characters.as_slice() {
        [first, '-', last] => (*first..=*last).collect(),
        _ => characters,
    }
}

/// The letters of the options, and what is behind them.
fn options<'a, 'b>(arguments: &'a [&'b str]) -> (String, &'a [&'b str]) {
    let count = arguments.iter().take_while(|argument| argument.starts_with('-')).count();
    let (options, rest) = arguments.split_at(count);
    (options.concat().replace('-', ""), rest)
}

fn missing(paths: &[&str]) -> String {
    format!("{}: No such file or directory", paths.first().copied().unwrap_or_default())
}
