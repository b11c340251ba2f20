//! What the tests that cross crates share: the folder of test mail, and the programs as a user runs them.
//!
//! The tests in the real window are in `e2e/` and are run by `cargo xtask test e2e`.
#![forbid(unsafe_code)]

mod corpus;
mod program;

pub use corpus::{corpus, corpus_file};
pub use program::{Outcome, mailscope, program};
