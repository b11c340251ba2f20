//! Files of every kind, made here, and what is read of them; files that mean harm, and what they cost.
// Helpers of tests fail by panicking; clippy exempts only the test functions themselves.
#![allow(clippy::unwrap_used, clippy::panic)]

mod binary;
mod child;
mod hostile;
mod kinds;
mod make;
mod office;

use mailscope_extract::{Extracted, Limits, Reason, text_of};

/// The text of a file, without regard to white space.
fn words(name: &str, bytes: &[u8]) -> String {
    let found = found(name, bytes).unwrap_or_else(|reason| panic!("{name}: {reason}"));
    assert!(found.notes.is_empty(), "{name}: {:?}", found.notes);
    found.text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn found(name: &str, bytes: &[u8]) -> Result<Extracted, Reason> {
    text_of(name, "", bytes, &Limits::default())
}
