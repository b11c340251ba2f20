//! Pictures of every view, to be looked at.

use crate::packages;
use crate::project::Project;
use crate::shell::{Failure, command, run, say};

/// Takes a picture of every view, light and dark, at 1280×800 and 1920×1080, into `artifacts/e2e/views`; with `--walkthrough`
/// those of the documentation, into `docs/images`.
///
/// # Errors
/// When something does not build, or a view does not come.
pub fn screenshots(project: &Project, arguments: &[&str]) -> Result<(), Failure> {
    if let Some(odd) = arguments.iter().find(|argument| **argument != "--walkthrough") {
        return Err(Failure::new(format!("`screenshots` knows no {odd}")));
    }
    packages::ensure(&project.root, &[packages::BUILD, packages::WINDOW_TESTS].concat())?;
    packages::ensure_npm(&project.ui())?;
    run(&mut command(&project.ui(), "npm", ["run", "build"]))?;
    // As the tests in the real window build them.
    run(&mut command(&project.root, "cargo", ["build", "--workspace", "--all-targets", "--locked"]))?;
    let screen = ["-a", "-s", "-screen 0 2000x1200x24", "node", "tests/e2e/screenshots.mjs"];
    let mut pictures = command(&project.root, "xvfb-run", screen);
    pictures.args(arguments).env_remove("WAYLAND_DISPLAY");
    run(pictures.env("MAILSCOPE_PROGRAMS", project.target()?.join("debug")))?;
    say(if arguments.is_empty() { "look at artifacts/e2e/views" } else { "look at docs/images" });
    Ok(())
}
