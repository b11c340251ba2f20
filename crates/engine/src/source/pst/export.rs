//! A new Outlook data file made from items of others.

use crate::source::{AttachmentFacts, ItemReader, Person, Role, SourceItem, Version};
use mailscope_pst::FileTime;
use mailscope_pst::write::{
    Content, ContentSource, FolderId, NewAttachment, NewMessage, Options, PstWriter, Recipient, RecipientLine,
};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Attachments up to this size are held in memory, larger ones in a file beside the one that is written.
const MAX_HELD: u64 = 1024 * 1024;
/// Embedded messages deeper than this are left out.
const MAX_DEPTH: usize = 32;
/// Milliseconds from 1601 to 1970.
const EPOCH: i64 = 11_644_473_600_000;

/// An Outlook data file that is being written.
pub struct PstExport {
    writer: PstWriter<BufWriter<File>>,
    folders: HashMap<String, FolderId>,
    spool: PathBuf,
    spooled: u64,
}

impl PstExport {
    /// Begins the file at `path`. `key` makes it different from every other file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(path: &Path, key: [u8; 16]) -> io::Result<Self> {
        let options =
            Options { display_name: "Mailscope export".into(), record_key: key, ..Options::default() };
        let writer = PstWriter::create(path, options).map_err(io::Error::other)?;
        let mut spool = path.as_os_str().to_owned();
        spool.push(".attachment");
        Ok(Self { writer, folders: HashMap::new(), spool: spool.into(), spooled: 0 })
    }

    /// Adds an item to the folder `folder` (names from the top, joined by "/"); gives a sentence for each part of it that could not
    /// be read.
    ///
    /// # Errors
    /// The outer one when the file cannot be written and must be given up; the inner one, a sentence, when the item cannot be read.
    pub fn add(
        &mut self,
        folder: &str,
        reader: &mut dyn ItemReader,
        key: u64,
        version: Version,
    ) -> io::Result<Result<Vec<String>, String>> {
        let mut losses = Vec::new();
        let message = match self.message(reader, key, version, &[], &mut losses) {
            Ok(message) => message,
            Err(reason) => return Ok(Err(reason)),
        };
        let folder = self.folder(folder)?;
        self.writer.add_message(folder, &message).map_err(io::Error::other)?;
        Ok(Ok(losses))
    }

    /// Adds what the library keeps of an item whose file is away.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add_stored(&mut self, folder: &str, item: &SourceItem) -> io::Result<()> {
        let folder = self.folder(folder)?;
        self.writer.add_message(folder, &plain(item)).map_err(io::Error::other)?;
        Ok(())
    }

    /// Completes the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> io::Result<()> {
        let out = self.writer.finish().map_err(io::Error::other)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }

    fn folder(&mut self, path: &str) -> io::Result<FolderId> {
        if path.is_empty() {
            return Ok(self.writer.top());
        }
        if let Some(folder) = self.folders.get(path) {
            return Ok(*folder);
        }
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let folder = if above.is_empty() && name.eq_ignore_ascii_case("deleted items") {
            self.writer.deleted_items()
        } else {
            let parent = self.folder(above)?;
            self.writer.add_folder(parent, name).map_err(io::Error::other)?
        };
        self.folders.insert(path.to_owned(), folder);
        Ok(folder)
    }

    fn message(
        &mut self,
        reader: &mut dyn ItemReader,
        key: u64,
        version: Version,
        path: &[u32],
        losses: &mut Vec<String>,
    ) -> Result<NewMessage, String> {
        let detail = reader.detail(key, version, path)?;
        let item = detail.item.ok_or("the item has no content")?;
        let mut message = plain(&item);
        message.html = detail.html.map(String::into_bytes);
        message.headers = Some(detail.headers).filter(|headers| !headers.is_empty());
        for facts in item.attachments.iter().filter(|facts| facts.path.len() == path.len() + 1) {
            match self.content(reader, key, version, facts, losses) {
                Ok(content) => message.attachments.push(NewAttachment {
                    name: facts.name.clone(),
                    mime: facts.mime_type.clone(),
                    content,
                    content_id: Some(facts.content_id.clone()).filter(|id| facts.inline && !id.is_empty()),
                    ..NewAttachment::default()
                }),
                Err(reason) => losses.push(format!("\"{}\" could not be read: {reason}", facts.name)),
            }
        }
        Ok(message)
    }

    fn content(
        &mut self,
        reader: &mut dyn ItemReader,
        key: u64,
        version: Version,
        facts: &AttachmentFacts,
        losses: &mut Vec<String>,
    ) -> Result<Content, String> {
        match facts.method {
            "message" if facts.path.len() > MAX_DEPTH => Err("it is embedded too deep".into()),
            "message" => self
                .message(reader, key, version, &facts.path, losses)
                .map(|message| Content::Message(Box::new(message))),
            "reference" => Err("it names a file by its place; the file itself is not in the mailbox".into()),
            _ if facts.size > MAX_HELD => {
                self.spooled += 1;
                let mut name = self.spool.as_os_str().to_owned();
                name.push(self.spooled.to_string());
                let spool = Spool(name.into());
                let mut out = File::create(&spool.0).map_err(|e| e.to_string())?;
                reader.attachment(key, &facts.path, &mut out)?;
                Ok(Content::Source(Arc::new(spool)))
            }
            method => {
                let mut bytes = Vec::new();
                reader.attachment(key, &facts.path, &mut bytes)?;
                Ok(if method == "ole" { Content::Ole(bytes) } else { Content::Bytes(bytes) })
            }
        }
    }
}

/// A file that holds an attachment until it is written, and then goes.
#[derive(Debug)]
struct Spool(PathBuf);

impl ContentSource for Spool {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(File::open(&self.0)?))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn plain(item: &SourceItem) -> NewMessage {
    let person =
        |person: &Person| mailscope_pst::write::Person::new(person.name.clone(), person.address.clone());
    let time = item
        .date
        .and_then(|date| u64::try_from(date.saturating_add(EPOCH)).ok())
        .map(|ms| FileTime(ms * 10_000));
    NewMessage {
        class: item.class.clone(),
        subject: item.subject.clone(),
        sender: item.from.as_ref().map(person),
        recipients: item
            .recipients
            .iter()
            .map(|(role, whom)| Recipient {
                line: match role {
                    Role::To => RecipientLine::To,
                    Role::Cc => RecipientLine::Cc,
                    Role::Bcc => RecipientLine::Bcc,
                },
                person: person(whom),
            })
            .collect(),
        sent: time,
        delivered: time,
        text: Some(item.text.clone()).filter(|text| !text.is_empty()),
        read: !item.mail.unread,
        in_reply_to: Some(item.mail.in_reply_to.as_str())
            .filter(|id| !id.is_empty())
            .map(|id| format!("<{id}>")),
        message_id: Some(item.message_id.clone()).filter(|id| !id.is_empty()),
        ..NewMessage::default()
    }
}
