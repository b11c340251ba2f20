//! The checks of layout: who may use whom, and what no file may hold.
//!
//! Each check takes plain data and gives findings, so that it can be tried on small inputs.

mod layering;
mod pages;
mod text;

use crate::project::Project;
use crate::shell::{Context as _, Failure, complain, say};
use std::fmt::{self, Display};
use std::fs;

/// Something to mend, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    /// File or package, with a line where there is one.
    place: String,
    /// What is wrong.
    what: String,
}

impl Finding {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into() }
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Runs all checks and prints what they find.
///
/// # Errors
/// When there is anything to mend, or cargo or git cannot be asked.
pub fn tidy(project: &Project) -> Result<(), Failure> {
    let packages = layering::packages(&project.metadata()?)?;
    let mut findings = layering::check(&packages);
    for root in packages.iter().flat_map(|package| &package.roots) {
        let source = fs::read_to_string(root).context(root.display())?;
        let place = root.strip_prefix(&project.root).unwrap_or(root);
        findings.extend(text::check_crate_root(&place.to_string_lossy(), &source));
    }
    let files = project.files()?;
    let mut long = Vec::new();
    for file in &files {
        let bytes = fs::read(project.root.join(file)).context(file)?;
        findings.extend(text::check_file(file, &bytes));
        long.extend(text::check_length(file, &bytes));
        if let Ok(source) = std::str::from_utf8(&bytes) {
            findings.extend(pages::check(file, source));
        }
    }
    for (finding, fails) in long {
        if fails {
            findings.push(finding);
        } else {
            say(format_args!("warning: {finding}"));
        }
    }
    for finding in &findings {
        complain(format_args!("tidy: {finding}"));
    }
    if findings.is_empty() {
        say(format_args!("tidy: {} packages and {} files are in order", packages.len(), files.len()));
        return Ok(());
    }
    Err(Failure::new(format!("{} places to mend", findings.len())))
}
