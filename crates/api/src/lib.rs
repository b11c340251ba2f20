//! The API of Mailscope.
