//! The text of attached files: where its reading stands.

use super::{Library, MAX_LOSSES};
use crate::contents::TextStatus;
use crate::error::Result;
use crate::ids::SourceId;
use crate::store::LossRow;

impl Library {
    /// How much of the text of attachments is read, and whether more is being read.
    ///
    /// # Errors
    /// SQLite's.
    pub fn texts(&self) -> Result<TextStatus> {
        let mut status = TextStatus { sources: self.shared.store.text_counts()?, ..TextStatus::default() };
        if let Some(stage) = &self.stage {
            stage.tell(&mut status);
        }
        Ok(status)
    }

    /// Waits until the attachments of all imports that have ended were looked at, as far as they can be. Returns at once where
    /// attachments are not read.
    pub fn wait_texts(&self) {
        if let Some(stage) = &self.stage {
            stage.wait(self.importer.ends());
        }
    }

    /// Attachments of a source whose text could not be read, each with its reason.
    ///
    /// # Errors
    /// SQLite's.
    pub fn unread_attachments(&self, source: SourceId) -> Result<Vec<LossRow>> {
        self.shared.store.unread_attachments(source, MAX_LOSSES)
    }
}
