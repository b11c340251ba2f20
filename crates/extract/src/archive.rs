//! ZIP files: archives, and the formats that are archives inside.

use crate::work::Work;
use crate::{Reason, odf, ooxml};
use std::io::{Cursor, Read};

/// An archive that lies in memory.
pub struct Archive<'b> {
    zip: zip::ZipArchive<Cursor<&'b [u8]>>,
    names: Vec<String>,
}

impl<'b> Archive<'b> {
    fn open(bytes: &'b [u8]) -> Result<Self, Reason> {
        let zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(Reason::damaged)?;
        let names = zip.file_names_raw().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        Ok(Self { zip, names })
    }

    /// The names of its files, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The file called `name`.
    pub fn named(&mut self, work: &mut Work<'_>, name: &str) -> Option<Vec<u8>> {
        let index = self.names.iter().position(|known| known == name)?;
        self.file(work, index)
    }

    /// A file's content, as far as it may be unpacked; what is wrong with it is noted.
    pub fn file(&mut self, work: &mut Work<'_>, index: usize) -> Option<Vec<u8>> {
        let name = self.names.get(index).cloned().unwrap_or_default();
        if !work.entry() {
            work.note("", "it holds more files than are looked at");
            return None;
        }
        let most = work.unpackable();
        if most == 0 {
            return None;
        }
        let mut content = Vec::new();
        let read = match self.zip.by_index(index) {
            Ok(file) if file.encrypted() => Err(Reason::Protected),
            Ok(file) => file.take(most).read_to_end(&mut content).map(|_| ()).map_err(Reason::damaged),
            Err(zip::result::ZipError::UnsupportedArchive(zip::result::ZipError::PASSWORD_REQUIRED)) => {
                Err(Reason::Protected)
            }
            Err(error) => Err(Reason::damaged(error)),
        };
        work.unpacked(content.len() as u64);
        if work.unpackable() == 0 {
            work.note(&name, "it unpacks to more than is looked at");
        }
        match read {
            Ok(()) => Some(content),
            Err(reason) => {
                work.note(&name, reason);
                // What was unpacked before the fault is worth reading.
                (!content.is_empty()).then_some(content)
            }
        }
    }
}

/// Adds the text of a ZIP file of any kind; gives the kind.
pub fn read(work: &mut Work<'_>, bytes: &[u8]) -> Result<&'static str, Reason> {
    let mut archive = Archive::open(bytes)?;
    let has = |name: &str| archive.names.iter().any(|known| known == name);
    if has("[Content_Types].xml") {
        return ooxml::read(work, &mut archive);
    }
    if has("content.xml") && (has("mimetype") || has("META-INF/manifest.xml")) {
        return odf::read(work, &mut archive);
    }
    for index in 0..archive.names.len() {
        if work.is_full() || work.unpackable() == 0 {
            break;
        }
        let name = archive.names[index].clone();
        if name.ends_with('/') {
            continue;
        }
        work.line();
        work.push(&name);
        let Some(content) = archive.file(work, index) else {
            if work.entry() {
                continue;
            }
            break;
        };
        work.nested(&name, "", &content);
    }
    Ok("ZIP archive")
}
