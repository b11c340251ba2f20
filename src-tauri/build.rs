//! Prepares what the shell embeds: Tauri's context and the pages of the window.

use std::path::Path;
use std::{fs, io};

const PAGES: &str = "../ui/dist";

/// Shown only by an application that was built before its user interface.
const PLACEHOLDER: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Mailscope</title>\
    <body><p>The user interface has not been built. Run <code>cargo xtask run</code>.</p></body></html>\n";

fn main() -> io::Result<()> {
    // A missing folder of pages is a compile error in Tauri; a plain `cargo build` must work in a fresh clone.
    let index = Path::new(PAGES).join("index.html");
    if !index.exists() {
        fs::create_dir_all(PAGES)?;
        fs::write(&index, PLACEHOLDER)?;
    }
    println!("cargo:rerun-if-changed={PAGES}");
    tauri_build::try_build(tauri_build::Attributes::new()).map_err(|e| io::Error::other(format!("{e:#}")))
}
