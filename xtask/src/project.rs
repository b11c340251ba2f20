//! Where things are.

use crate::shell::{Context as _, Failure, command, output, say};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The checkout that is worked on.
pub struct Project {
    /// Its top folder.
    pub root: PathBuf,
}

impl Project {
    /// The project that this chore was built from.
    ///
    /// # Errors
    /// When its folder is no longer there.
    pub fn find() -> Result<Self, Failure> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().unwrap_or(here);
        if root.join("Cargo.toml").is_file() {
            return Ok(Self { root: root.to_owned() });
        }
        Err(Failure::new(format!("the project is no longer in {}", root.display())))
    }

    /// The folder of the user interface.
    pub fn ui(&self) -> PathBuf {
        self.root.join("ui")
    }

    /// What `cargo metadata` says of the workspace.
    ///
    /// # Errors
    /// What cargo says.
    pub fn metadata(&self) -> Result<Value, Failure> {
        let text =
            output(&mut command(&self.root, "cargo", ["metadata", "--no-deps", "--format-version=1"]))?;
        serde_json::from_str(&text).context("cargo metadata")
    }

    /// The folder where cargo puts what it builds.
    ///
    /// # Errors
    /// What cargo says.
    pub fn target(&self) -> Result<PathBuf, Failure> {
        let metadata = self.metadata()?;
        let folder = metadata["target_directory"].as_str();
        folder.map(PathBuf::from).ok_or_else(|| Failure::new("cargo metadata names no target_directory"))
    }

    /// A program built by cargo, `profile` being "debug" or "release".
    ///
    /// # Errors
    /// What cargo says.
    pub fn binary(&self, profile: &str, name: &str) -> Result<PathBuf, Failure> {
        Ok(self.target()?.join(profile).join(name).with_extension(std::env::consts::EXE_EXTENSION))
    }

    /// The folder of test mail, which is never part of the project: `MAILSCOPE_CORPUS`, else `../shared/corpus`.
    pub fn corpus(&self) -> Option<PathBuf> {
        let named = std::env::var_os("MAILSCOPE_CORPUS").filter(|value| !value.is_empty());
        let folder = named.map_or_else(|| self.root.join("../shared/corpus"), PathBuf::from);
        folder.is_dir().then_some(folder)
    }

    /// Writes a file of the project that is made from other parts of it, where it is not so already, and says which.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn make(&self, file: &str, text: &str) -> Result<(), Failure> {
        let path = self.root.join(file);
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            say(format_args!("{file} is up to date"));
            return Ok(());
        }
        fs::write(&path, text).context(file)?;
        say(format_args!("{file} written"));
        Ok(())
    }

    /// Every file that is in the repository or about to be: tracked, or new and not ignored.
    ///
    /// # Errors
    /// What git says.
    pub fn files(&self) -> Result<Vec<String>, Failure> {
        let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let text = output(&mut command(&self.root, "git", list))?;
        let mut files: Vec<String> = text.split_terminator('\0').map(str::to_owned).collect();
        files.retain(|file| self.root.join(file).is_file());
        files.sort();
        files.dedup();
        Ok(files)
    }
}
