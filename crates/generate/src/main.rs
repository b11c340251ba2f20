//! `mailscope-generate`: writes an Outlook data file of made-up mail.
#![forbid(unsafe_code)]

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use mailscope_generate::{Behind, Profile, Recipe, Share, write};

/// Writes an Outlook data file of made-up mail. The same items, seed and profile give the same bytes.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// How many items
    #[arg(long)]
    items: u64,
    /// Another seed gives another mailbox
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// mail, office, attachments or text
    #[arg(long, default_value_t = Profile::Mail)]
    profile: Profile,
    /// Write the same mailbox some time later, when so many percent of its items are new, changed, moved or gone
    #[arg(long, value_name = "PERCENT")]
    changed: Option<Share>,
    /// Where to write it
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

fn main() -> ExitCode {
    match generate(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("error: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn generate(arguments: &Arguments) -> Result<(), String> {
    let path = &arguments.output;
    let about = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    // A name of its own until it is whole, so that nobody takes a part for the file.
    let partial = path.with_extension("part");
    let start = Instant::now();
    let Arguments { items, seed, profile, changed, .. } = *arguments;
    let file = File::create(&partial).map_err(|error| about(&error))?;
    let written = write(Recipe { items, seed, profile, changed }, Behind::new(file));
    let done = written.map_err(|error| about(&error)).and_then(|(behind, written)| {
        let file = behind.into_inner().map_err(|error| about(&error))?;
        let bytes = file.metadata().map_err(|error| about(&error))?.len();
        fs::rename(&partial, path).map_err(|error| about(&error))?;
        Ok((written, bytes))
    });
    if done.is_err() {
        // Nothing more can be said than the error that is told already.
        let _ = fs::remove_file(&partial);
    }
    let (written, bytes) = done?;
    let seconds = start.elapsed().as_secs_f64();
    eprintln!(
        "{}: {} items ({} new, {} changed, {} moved, {} gone), {} hidden, {} folders, {} attachments of {:.1} MB, {} of \
         them messages; {:.1} MB in {seconds:.1} s, {:.0} items a second",
        path.display(),
        written.items,
        written.new,
        written.changed,
        written.moved,
        written.deleted,
        written.hidden,
        written.folders,
        written.attachments,
        written.attachment_bytes as f64 / 1e6,
        written.embedded,
        bytes as f64 / 1e6,
        written.items as f64 / seconds
    );
    Ok(())
}
