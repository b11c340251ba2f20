//! `mailscope completions SHELL` and `mailscope manual DIR`: what packages install beside the program.

use crate::args::Arguments;
use crate::output::say;
use crate::{CommandResult, Outcome};
use clap::CommandFactory as _;
use clap_complete::Shell;
use std::io::Write as _;
use std::path::Path;

/// Prints the script that completes commands and options in `shell`.
pub fn completions(shell: Shell) -> CommandResult {
    // Made in memory: writing to a pipe that closes must not be a fault.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "mailscope", &mut script);
    std::io::stdout().lock().write_all(&script)?;
    Ok(Outcome::Well)
}

/// Writes one manual page for the program and one for each command into the folder `out`.
pub fn write(out: &Path) -> CommandResult {
    std::fs::create_dir_all(out)?;
    clap_mangen::generate_to(Arguments::command(), out)?;
    say!("{}", out.display());
    Ok(Outcome::Well)
}
