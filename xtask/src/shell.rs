//! Running commands, and talking to the terminal.

use std::ffi::{OsStr, OsString};
use std::fmt::{self, Display};
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Why a chore could not be done, as a sentence.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// A failure that says `sentence`.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Adds what was being done to an error.
pub trait Context<T> {
    /// Turns an error into a [`Failure`] that begins with `doing`.
    fn context(self, doing: impl Display) -> Result<T, Failure>;
}

impl<T, E: Display> Context<T> for Result<T, E> {
    fn context(self, doing: impl Display) -> Result<T, Failure> {
        self.map_err(|error| Failure(format!("{doing}: {error}")))
    }
}

/// Prints a line.
pub fn say(line: impl Display) {
    // A closed pipe is no reason to stop the work.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints a line where errors go.
pub fn complain(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Prints a line that begins something.
pub fn headline(line: impl Display) {
    if std::io::stdout().is_terminal() {
        say(format_args!("\x1b[1m== {line}\x1b[0m"))
    } else {
        say(format_args!("== {line}"))
    }
}

/// A command in the folder `folder`.
pub fn command<A: AsRef<OsStr>>(
    folder: &Path,
    program: &str,
    arguments: impl IntoIterator<Item = A>,
) -> Command {
    // npm is a script on Windows, which only the shell's name resolution finds.
    let program = if cfg!(windows) && program == "npm" { "npm.cmd" } else { program };
    let mut command = Command::new(program);
    command.current_dir(folder).args(arguments);
    command
}

/// Prints a command, runs it and lets it talk to the terminal.
///
/// # Errors
/// When it cannot be started, or ends without success.
pub fn run(command: &mut Command) -> Result<(), Failure> {
    say(format_args!("$ {}", line_of(command)));
    let status = command.status().context(line_of(command))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure(format!("`{}` ended with {status}", line_of(command))))
    }
}

/// Runs a command quietly and gives what it printed.
///
/// # Errors
/// When it cannot be started, ends without success (then with what it complained), or prints no UTF-8.
pub fn output(command: &mut Command) -> Result<String, Failure> {
    let output = command.stdin(Stdio::null()).output().context(line_of(command))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(Failure(format!("`{}` ended with {}\n{complaint}", line_of(command), output.status)));
    }
    String::from_utf8(output.stdout).context(line_of(command))
}

/// Whether `program` can be started.
pub fn exists(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| {
            let file = folder.join(program);
            file.is_file()
                || (cfg!(windows) && ["exe", "cmd"].iter().any(|end| file.with_extension(end).is_file()))
        })
    })
}

/// A command as one would type it.
pub fn line_of(command: &Command) -> String {
    let quote = |word: &OsStr| {
        let word = word.to_string_lossy();
        if word.is_empty() || word.contains([' ', '\'', '"', '$', '\\']) {
            format!("'{word}'")
        } else {
            word.into_owned()
        }
    };
    let words: Vec<OsString> =
        std::iter::once(command.get_program()).chain(command.get_args()).map(OsStr::to_owned).collect();
    words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ")
}

/// A duration as people read it.
pub fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{} min {:02} s", duration.as_secs() / 60, duration.as_secs() % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_read_as_typed() {
        let check = |arguments: &[&str], expected: &str| {
            assert_eq!(line_of(&command(Path::new("."), "ls", arguments)), expected);
        };
        check(&[], "ls");
        check(&["-l", "a b"], "ls -l 'a b'");
        check(&[""], "ls ''");
    }

    #[test]
    fn failures_of_commands_are_told() {
        let here = Path::new(".");
        assert!(run(&mut command(here, "cargo", ["--version"])).is_ok());
        let error = output(&mut command(here, "cargo", ["frobnicate-nothing"])).map_err(|e| e.to_string());
        assert!(error.is_err_and(|text| text.contains("cargo frobnicate-nothing")));
        assert!(run(&mut command(here, "no-such-program-here", [""; 0])).is_err());
        assert!(exists("cargo") && !exists("no-such-program-here"));
    }

    #[test]
    fn times_are_short() {
        assert_eq!(time(Duration::from_millis(1234)), "1.2 s");
        assert_eq!(time(Duration::from_secs(125)), "2 min 05 s");
    }
}
