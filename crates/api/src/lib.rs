//! What the hosts of Mailscope say to its engine, and what it answers.
//!
//! One list of commands ([`commands`]) is the whole surface: a host (window, command line, later HTTP) passes a command's
//! name and a JSON request to [`Service::call`] and gets JSON or an [`ApiError`] back; events come from [`Service::events`].
//! The TypeScript twin of everything here is made by [`typescript`] and checked against `ui/src/ipc/generated` by a test.
//!
//! Invariants: nothing here does anything with a window, Tauri or a terminal (what a desktop is asked is named, not done, here); nothing is global, so several services (each with a
//! library of its own) can live in one process.
#![forbid(unsafe_code)]

mod answers;
pub mod commands;
mod convert;
mod errors;
mod log;
mod measures;
mod meter;
mod openmetrics;
mod service;
pub mod types;
mod typescript;

pub use commands::{Commands, DeskCommands};
pub use errors::{number, to_api as to_api_error};
pub use log::{Log, log_size, start_log};
pub use mailscope_engine::contents::serve_if_asked;
pub use openmetrics::openmetrics;
pub use service::asked::ask as ask_beside;
pub use service::{Service, ServiceOptions, default_library};
pub use types::*;
pub use typescript::typescript;
