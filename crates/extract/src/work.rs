//! The text so far, and what may still be spent on a file.

use crate::{Limits, Reason};

/// What any file may unpack to, however small it is.
const LEAST_UNPACKED: u64 = 32 << 20;
/// Beyond that, at most so many times its size. Spreadsheets reach a hundred.
const MOST_RATIO: u64 = 200;
/// Of what could not be read inside of a file, so many are told.
const MAX_NOTES: usize = 20;
/// Of a name, at most this much is told.
const MAX_NAME: usize = 200;

/// Collects the text of one file and of the files in it.
pub(crate) struct Work<'l> {
    limits: &'l Limits,
    text: String,
    notes: Vec<String>,
    unpacked: u64,
    entries: u32,
    depth: u32,
    cut: bool,
}

impl<'l> Work<'l> {
    /// For a file of `size` bytes.
    pub fn new(limits: &'l Limits, size: u64) -> Self {
        let unpacked = limits.unpacked.min(size.saturating_mul(MOST_RATIO).max(LEAST_UNPACKED));
        Self {
            limits,
            text: String::new(),
            notes: Vec::new(),
            unpacked,
            entries: limits.entries,
            depth: 0,
            cut: false,
        }
    }

    /// Text, whether anything of it was cut, and notes. The text has no white space at its ends.
    pub fn into_parts(mut self) -> (String, bool, Vec<String>) {
        self.text.truncate(self.text.trim_end().len());
        (self.text, self.cut, self.notes)
    }

    /// Bytes of text that still find room.
    pub fn room(&self) -> usize {
        // One more than is kept, so that it shows whether there was more.
        self.limits.text.saturating_sub(self.text.len()) + 1
    }

    /// Whether no more text finds room.
    pub fn is_full(&self) -> bool {
        self.cut
    }

    /// Adds text. White space at the very beginning is left out.
    pub fn push(&mut self, text: &str) {
        let text = if self.text.is_empty() { text.trim_start() } else { text };
        let room = self.limits.text.saturating_sub(self.text.len());
        if text.len() <= room {
            self.text.push_str(text);
            return;
        }
        self.cut = true;
        let end = (0..=room).rev().find(|&end| text.is_char_boundary(end)).unwrap_or_default();
        self.text.push_str(&text[..end]);
    }

    /// Ends a word.
    pub fn space(&mut self) {
        if !self.text.ends_with([' ', '\n']) {
            self.push(" ");
        }
    }

    /// Ends a line.
    pub fn line(&mut self) {
        if !self.text.ends_with('\n') {
            self.push("\n");
        }
    }

    /// Remembers something that could not be read.
    pub fn note(&mut self, what: &str, why: impl std::fmt::Display) {
        if self.notes.len() < MAX_NOTES {
            let what: String = what.chars().take(MAX_NAME).collect();
            self.notes.push(if what.is_empty() { why.to_string() } else { format!("{what}: {why}") });
        }
    }

    /// How many bytes may still be unpacked.
    pub fn unpackable(&self) -> u64 {
        self.unpacked
    }

    /// Counts bytes that were unpacked.
    pub fn unpacked(&mut self, bytes: u64) {
        self.unpacked = self.unpacked.saturating_sub(bytes);
    }

    /// Counts a file in the file; whether it may be looked at.
    pub fn entry(&mut self) -> bool {
        self.entries = self.entries.saturating_sub(1);
        self.entries > 0
    }

    /// Adds the text of a file that lies in this one. What it lacks becomes a note.
    pub fn nested(&mut self, name: &str, mime: &str, bytes: &[u8]) {
        self.inside(name, |work| crate::read(work, name, mime, bytes));
    }

    /// Has `read` add the text of what lies in this file under `name`. What it lacks becomes a note.
    pub fn inside(&mut self, name: &str, read: impl FnOnce(&mut Self) -> Result<&'static str, Reason>) {
        if self.depth >= self.limits.depth {
            self.note(name, "files in it lie too deep in each other to be looked at");
            return;
        }
        self.depth += 1;
        self.line();
        match read(self) {
            Ok(_) | Err(Reason::NoText(_)) => {}
            Err(reason) => self.note(name, reason),
        }
        self.line();
        self.depth -= 1;
    }
}
