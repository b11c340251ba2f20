//! The command line of the window.

use crate::host::Chosen;
use crate::libraries;
use crate::preferences::Kept;
use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

const HELP: &str = "\
Mailscope reads Outlook data files (PST and OST) and searches them.

Usage: mailscope-desktop [--library DIR] [--log FILE] [FILE…]

  FILE            Outlook data files, or folders of them, to import
  --library DIR   folder of the library (or MAILSCOPE_LIBRARY; default: the one that was open last)
  --log FILE      write what happens to this file (or MAILSCOPE_LOG_FILE); of 8 MB the latest is kept.
                  The settings have a switch for it, too
  --version       print the version
  --help          print this

`mailscope --help` tells of the same without a window.
";

/// What a start is for.
#[derive(Debug, PartialEq)]
pub enum Start {
    /// Open the window.
    Open(Arguments),
    /// Print this and end.
    Say(String),
}

/// The arguments of a start that opens the window.
#[derive(Debug, Default, PartialEq)]
pub struct Arguments {
    /// Files and folders to import, absolute where the working folder is known.
    pub files: Vec<PathBuf>,
    /// Folder of the library where one was named.
    library: Option<PathBuf>,
    /// Where what happens is written down.
    log: Option<PathBuf>,
}

/// Reads the arguments after the program's name; relative paths are taken from `folder`.
///
/// # Errors
/// A sentence for the user when an option is unknown or lacks its value.
pub fn parse(arguments: impl Iterator<Item = OsString>, folder: Option<PathBuf>) -> Result<Start, String> {
    let absolute = |path: OsString| match &folder {
        Some(folder) => folder.join(path),
        None => PathBuf::from(path),
    };
    let mut parsed = Arguments::default();
    let mut arguments = arguments;
    let mut options = true;
    while let Some(argument) = arguments.next() {
        match argument.to_str().filter(|text| options && text.starts_with('-') && text.len() > 1) {
            None => parsed.files.push(absolute(argument)),
            Some("--") => options = false,
            Some("--help" | "-h") => return Ok(Start::Say(HELP.to_owned())),
            Some("--version" | "-V") => {
                return Ok(Start::Say(format!("mailscope-desktop {}\n", env!("CARGO_PKG_VERSION"))));
            }
            Some("--library") => {
                let value = arguments.next().filter(|value| !value.is_empty());
                let value = value.ok_or("After --library Mailscope needs the name of a folder.")?;
                parsed.library = Some(absolute(value));
            }
            Some("--log") => {
                let value = arguments.next().filter(|value| !value.is_empty());
                let value = value.ok_or("After --log Mailscope needs the name of a file.")?;
                parsed.log = Some(absolute(value));
            }
            Some(text) => match text.split_once('=').filter(|(_, value)| !value.is_empty()) {
                Some(("--library", value)) => parsed.library = Some(absolute(value.into())),
                Some(("--log", value)) => parsed.log = Some(absolute(value.into())),
                _ => return Err(format!("Mailscope knows no option {text}. Try --help.")),
            },
        }
    }
    Ok(Start::Open(parsed))
}

impl Arguments {
    /// The library: as named here, else by the environment, else the one that was open last.
    pub fn library(&self, kept: &Kept) -> Chosen {
        match self.chosen_library() {
            Some(folder) => {
                Chosen { folder: std::path::absolute(&folder).unwrap_or(folder), may_be_made: true }
            }
            None => libraries::last(kept),
        }
    }

    /// The file to write down what happens in: as named here, else by the environment.
    pub fn log(&self) -> Option<PathBuf> {
        let from_environment = || std::env::var_os("MAILSCOPE_LOG_FILE").filter(|value| !value.is_empty());
        self.log.clone().or_else(|| from_environment().map(PathBuf::from))
    }

    fn chosen_library(&self) -> Option<PathBuf> {
        let from_environment = || std::env::var_os("MAILSCOPE_LIBRARY").filter(|value| !value.is_empty());
        self.library.clone().or_else(|| from_environment().map(PathBuf::from))
    }

    /// The name under which a running window is found by a second start: one for each library that is named, and one for the starts
    /// that name none.
    pub fn instance_name(&self) -> String {
        self.chosen_library().map_or_else(|| "desktop".to_owned(), |library| instance_of(&library))
    }
}

fn instance_of(library: &Path) -> String {
    let library = std::path::absolute(library).unwrap_or_else(|_| library.to_owned());
    let mut hasher = DefaultHasher::new();
    library.components().for_each(|part| part.hash(&mut hasher));
    format!("library-{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(arguments: &[&str], expected: Result<(&[&str], Option<&str>), &str>) {
        let parsed = parse(arguments.iter().map(OsString::from), Some("/mail".into()));
        match (parsed, expected) {
            (Ok(Start::Open(found)), Ok((files, library))) => {
                assert_eq!(found.files, files.iter().map(PathBuf::from).collect::<Vec<_>>(), "{arguments:?}");
                assert_eq!(found.library, library.map(PathBuf::from), "{arguments:?}");
            }
            (Ok(Start::Say(text)), Err(part)) | (Err(text), Err(part)) => {
                assert!(text.contains(part), "{arguments:?} gave {text:?}");
            }
            (found, _) => panic!("{arguments:?} gave {found:?}"),
        }
    }

    #[test]
    fn arguments_are_read() {
        check(&[], Ok((&[], None)));
        check(&["a b.pst", "/x/c.ost"], Ok((&["/mail/a b.pst", "/x/c.ost"], None)));
        check(&["--library", "lib", "a.pst"], Ok((&["/mail/a.pst"], Some("/mail/lib"))));
        check(&["a.pst", "--library=/lib"], Ok((&["/mail/a.pst"], Some("/lib"))));
        check(&["--", "--library"], Ok((&["/mail/--library"], None)));
        check(&["-"], Ok((&["/mail/-"], None)));
        check(&["--library"], Err("needs the name of a folder"));
        check(&["--library="], Err("no option --library="));
        check(&["--log", "log.txt", "a.pst"], Ok((&["/mail/a.pst"], None)));
        check(&["--log=/log.txt"], Ok((&[], None)));
        check(&["--log"], Err("needs the name of a file"));
        check(&["--frob"], Err("no option --frob"));
        check(&["a.pst", "--help"], Err("Usage:"));
        check(&["-V"], Err(env!("CARGO_PKG_VERSION")));
    }

    #[test]
    fn each_library_has_a_name_of_its_own() {
        let name = |library: &str| {
            Arguments { library: Some(library.into()), ..Arguments::default() }.instance_name()
        };
        assert_eq!(name("/a/b"), name("/a/b/"));
        assert_ne!(name("/a/b"), name("/a/c"));
        // The address of a socket holds a hundred bytes, with its folder.
        assert!(name("/a").len() < 30);
    }
}
