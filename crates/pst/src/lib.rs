//! Outlook data files (PST and OST), read and written without Outlook.
#![forbid(unsafe_code)]

pub mod ndb;
