//! What is made from other parts of the project: the TypeScript twin of the API from the Rust types, and the list of licences.

use crate::licences;
use crate::project::Project;
use crate::shell::{Context as _, Failure, command, output, say};
use std::fs;
use std::process::Command;

const TARGET: &str = "ui/src/ipc/generated/api.ts";

/// Writes both anew.
///
/// # Errors
/// When `crates/api` does not build, a package cannot be fetched, or a file cannot be written.
pub fn write(project: &Project) -> Result<(), Failure> {
    twin(project)?;
    licences::write(project)
}

fn twin(project: &Project) -> Result<(), Failure> {
    let run = ["run", "--quiet", "--locked", "--package", "mailscope-api", "--example", "typescript"];
    let text = output(&mut command(&project.root, "cargo", run))?;
    project.make(TARGET, &text)
}

/// Checks that both are as they would be made today; the twin by the program that the whole build has left: asking
/// cargo to run it would build half of the packages a second time, with the features of that package alone.
///
/// # Errors
/// The first line of the twin that differs, or what is wrong with the list of licences.
pub fn check(project: &Project) -> Result<(), Failure> {
    let program = project.binary("debug", "examples/typescript")?;
    let text = output(&mut Command::new(program))?;
    let old = fs::read_to_string(project.root.join(TARGET)).context(TARGET)?;
    match first_difference(&old, &text) {
        None => {
            say(format_args!("{TARGET} is up to date"));
            licences::check(project)
        }
        Some(line) => Err(Failure::new(format!("{TARGET}:{line} is stale; run `cargo xtask codegen`"))),
    }
}

/// The number of the first line in which two texts differ, from 1.
fn first_difference(a: &str, b: &str) -> Option<usize> {
    if a == b {
        return None;
    }
    let same = a.split('\n').zip(b.split('\n')).take_while(|(a, b)| a == b).count();
    Some(same + 1)
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn differences_are_found() {
        let check = |a, b, expected| assert_eq!(first_difference(a, b), expected, "{a:?} {b:?}");
        check("", "", None);
        check("a\nb\n", "a\nb\n", None);
        check("a\nb\n", "a\nc\n", Some(2));
        check("a\n", "a\nb\n", Some(2));
        check("a\nb\n", "a\n", Some(2));
        check("a", "a\n", Some(2));
    }
}
