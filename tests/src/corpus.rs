//! The folder of test mail. It is never part of the project; tests that need it say so and pass without it.

use std::path::{Path, PathBuf};

/// The folder of test mail: `MAILSCOPE_CORPUS`, else `../shared/corpus` beside the checkout; `None` where neither is.
pub fn corpus() -> Option<PathBuf> {
    let named = std::env::var_os("MAILSCOPE_CORPUS").filter(|value| !value.is_empty());
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let folder = named.map_or_else(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// A file of the folder of test mail; where it is not there, says which test passes without it.
pub fn corpus_file(test: &str, name: &str) -> Option<PathBuf> {
    let file = corpus().map(|folder| folder.join(name)).filter(|file| file.is_file());
    if file.is_none() {
        eprintln!(
            "{test}: not run, because there is no {name} in the folder of test mail (MAILSCOPE_CORPUS)"
        );
    }
    file
}
