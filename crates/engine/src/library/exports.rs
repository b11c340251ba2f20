//! Exports of a library.

use super::Library;
use super::answers::guarded;
use crate::error::{Error, Result};
use crate::export::{self, Digesting, ExportRequest, ExportView, eml};
use crate::ids::{ItemId, JobId};
use std::io::Write;

impl Library {
    /// Begins an export on a thread of its own.
    ///
    /// # Errors
    /// [`Error::BadQuery`]; [`Error::Io`], [`Error::NoSpace`] when the folder cannot be made.
    pub fn export(&self, request: ExportRequest) -> Result<ExportView> {
        Ok(guarded(|| export::start(&self.exports, &self.shared, request))?.view())
    }

    /// All exports since the library was opened, oldest first.
    pub fn exports(&self) -> Vec<ExportView> {
        self.exports.views()
    }

    /// An export.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn export_of(&self, id: JobId) -> Result<ExportView> {
        Ok(self.exports.find(id)?.view())
    }

    /// Asks an export to stop; what it wrote stays, but for a data file that is not whole.
    ///
    /// # Errors
    /// [`Error::NoSuch`].
    pub fn cancel_export(&self, id: JobId) -> Result<ExportView> {
        let record = self.exports.find(id)?;
        record.cancel();
        Ok(record.view())
    }

    /// Writes an item, or the message embedded in it at `path`, to `out` as an Internet message (RFC 5322), in constant memory; gives a
    /// sentence for each part that could not be read and is replaced by a note.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::SourceAway`]; [`Error::Io`] when `out` fails.
    pub fn eml(&self, id: ItemId, path: &[u32], out: &mut dyn Write) -> Result<Vec<String>> {
        let row = self.shared.store.item(id)?;
        let away = |reason| Error::SourceAway { path: row.source_path.clone(), reason };
        let source = self.open_source(&row).map_err(away)?;
        let mut reader = source.reader(self.cache_per_reader);
        let mut out = Digesting::new(out);
        let written = eml::eml(reader.as_mut(), row.key, row.version, path, &mut out);
        let failed = out.failed.take();
        match (written, failed) {
            (_, Some(error)) | (Err(eml::Stop::Output(error)), None) => {
                Err(Error::io("writing", std::path::Path::new("the message"), error))
            }
            (Ok(losses), None) => Ok(losses),
            (Err(eml::Stop::Unreadable(reason)), None) => Err(away(reason)),
        }
    }
}
