//! From a fresh clone to the open window, in one command.

use crate::packages;
use crate::project::Project;
use crate::shell::{Context as _, Failure, command, headline, run as execute, say};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds Mailscope and opens it with `files`, or with a sample mailbox; without a display does the same in the terminal.
///
/// # Errors
/// When a file is missing, something does not build, or Mailscope ends without success.
pub fn run(project: &Project, files: &[&str]) -> Result<(), Failure> {
    let files = files.iter().map(|file| existing(file)).collect::<Result<Vec<_>, _>>()?;
    let window = has_display();
    headline("what Mailscope needs");
    packages::ensure(&project.root, packages::BUILD)?;
    if window {
        packages::ensure_node(&project.root)?;
        packages::ensure_npm(&project.ui())?;
        headline("the pages of the window");
        execute(&mut command(&project.ui(), "npm", ["run", "build"]))?;
    }
    headline("the programs (the first time takes some minutes)");
    let mut build =
        command(&project.root, "cargo", ["build", "--release", "--locked", "--package", "mailscope-cli"]);
    if window {
        build.args(["--package", "mailscope-desktop"]);
    }
    execute(&mut build)?;

    let cli = project.binary("release", "mailscope")?;
    let files = if files.is_empty() { vec![sample(project, &cli)?] } else { files };
    if window {
        headline("the window");
        let mut desktop = Command::new(project.binary("release", "mailscope-desktop")?);
        return execute(desktop.args(&files));
    }
    say(
        "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so Mailscope does the same in the terminal.",
    );
    in_terminal(&cli, &files)
}

/// An existing file or folder, as an absolute path.
fn existing(file: &str) -> Result<PathBuf, Failure> {
    let path = std::path::absolute(file).context(file)?;
    if path.exists() { Ok(path) } else { Err(Failure::new(format!("there is no file {}", path.display()))) }
}

fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(windows, target_os = "macos")) || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// A small mailbox made by Mailscope itself.
pub fn sample(project: &Project, cli: &Path) -> Result<PathBuf, Failure> {
    let path = project.target()?.join("sample.pst");
    if !path.exists() {
        execute(Command::new(cli).arg("sample").arg(&path))?;
    }
    Ok(path)
}

fn in_terminal(cli: &Path, files: &[PathBuf]) -> Result<(), Failure> {
    /// Ended well, but something in a file could not be read; the summary names it.
    const WITH_LOSSES: i32 = 3;

    headline("import");
    let status = Command::new(cli).arg("import").args(files).status().context(cli.display())?;
    if !status.success() && status.code() != Some(WITH_LOSSES) {
        return Err(Failure::new(format!("the import ended with {status}")));
    }
    headline("what the library holds");
    execute(Command::new(cli).arg("sources"))?;
    headline("a search: items with attachments, newest first");
    execute(Command::new(cli).args(["search", "has:attachment", "--limit", "5"]))?;
    say(format_args!("Search for anything with: {} search WORDS", cli.display()));
    Ok(())
}
