//! The library of mail.
