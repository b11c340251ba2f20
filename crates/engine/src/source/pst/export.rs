//! A new Outlook data file made from items of others: each with all properties that its file stores of it, named ones under the same
//! names ([MS-PST] 2.4.7), or, where only the library is left to ask, with what that keeps.

use super::names;
use crate::source::{AttachmentFacts, ItemKind, ItemReader, Person, Role, SourceItem, Version};
use mailscope_pst::FileTime;
use mailscope_pst::write::{
    Content, ContentSource, FolderId, LeftOut, NewAttachment, NewMessage, Options, PropertyKey, PstWriter,
    Recipient, RecipientLine, StoredMessage, Value, WriteError,
};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufWriter, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Attachments up to this size are held in memory, larger ones in a file beside the one that is written.
const MAX_HELD: u64 = 1024 * 1024;
/// Embedded messages deeper than this are left out.
const MAX_DEPTH: usize = 32;
/// Parts the names of folders above each other: a sign that no name holds.
pub const SEPARATOR: char = '\0';
/// Of all properties of an item, its attachments and the messages in it, at most this many bytes.
const MAX_PROPERTIES: u64 = 128 * 1024 * 1024;
/// A file has room for 32,767 names, of which the writer takes some.
const MAX_NAMES: usize = 32_700;
/// Properties of an object that are told one by one.
const MAX_TOLD: usize = 20;
/// PidTagBody, PidTagRtfCompressed, PidTagHtml, PidTagInternetCodepage.
const BODY: u16 = 0x1000;
const RTF: u16 = 0x1009;
const HTML: u16 = 0x1013;
const CODE_PAGE: u16 = 0x3FDE;

/// What a file stores of a message or an attachment.
#[derive(Debug, Clone, Default)]
pub struct Stored(pub(super) StoredMessage);

/// An Outlook data file that is being written.
pub struct PstExport {
    writer: PstWriter<BufWriter<File>>,
    folders: HashMap<String, FolderId>,
    names: HashSet<PropertyKey>,
    spool: PathBuf,
    spooled: u64,
}

/// An item that is being read.
struct Reading<'r> {
    reader: &'r mut dyn ItemReader,
    key: u64,
    version: Version,
    /// Bytes of properties that may still be read.
    left: u64,
    /// What could not be read, in sentences.
    losses: Vec<String>,
}

/// A full disk is told as one.
fn told(error: WriteError) -> io::Error {
    match error {
        WriteError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => source,
        error => io::Error::other(error),
    }
}

impl PstExport {
    /// Begins the file at `path`. `key` makes it different from every other file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(path: &Path, key: [u8; 16]) -> io::Result<Self> {
        let options =
            Options { display_name: "Mailscope export".into(), record_key: key, ..Options::default() };
        let writer = PstWriter::create(path, options).map_err(told)?;
        let mut spool = path.as_os_str().to_owned();
        spool.push(".attachment");
        Ok(Self { writer, folders: HashMap::new(), names: HashSet::new(), spool: spool.into(), spooled: 0 })
    }

    /// Adds an item to the folder `folder` (names from the top, parted by [`SEPARATOR`]); gives a sentence for each part of it that could not
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
        let mut item = Reading { reader, key, version, left: MAX_PROPERTIES, losses: Vec::new() };
        let (message, kind) = match self.message(&mut item, &[]) {
            Ok(read) => read,
            Err(reason) => return Ok(Err(reason)),
        };
        let folder = self.folder(folder, kind)?;
        self.writer.add_message(folder, &message).map_err(told)?;
        Ok(Ok(item.losses))
    }

    /// Adds what the library keeps of an item whose file is away.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add_stored(&mut self, folder: &str, item: &SourceItem) -> io::Result<()> {
        let folder = self.folder(folder, item.kind)?;
        self.writer.add_message(folder, &plain(item)).map_err(told)?;
        Ok(())
    }

    /// Completes the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> io::Result<()> {
        let out = self.writer.finish().map_err(told)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }

    /// The folder of this path; a new one is for items of this kind.
    fn folder(&mut self, path: &str, kind: ItemKind) -> io::Result<FolderId> {
        if path.is_empty() {
            return Ok(self.writer.top());
        }
        if let Some(folder) = self.folders.get(path) {
            return Ok(*folder);
        }
        let (above, name) = path.rsplit_once(SEPARATOR).unwrap_or(("", path));
        let folder = if above.is_empty() && name.eq_ignore_ascii_case("deleted items") {
            self.writer.deleted_items()
        } else {
            // What is above has its own items before those of its folders, or none.
            let parent = self.folder(above, ItemKind::Mail)?;
            self.writer.add_folder_of_class(parent, name, class_of_folder(kind)).map_err(told)?
        };
        self.folders.insert(path.to_owned(), folder);
        Ok(folder)
    }

    /// The item, or the message embedded in it at `path`.
    fn message(&mut self, item: &mut Reading<'_>, path: &[u32]) -> Result<(NewMessage, ItemKind), String> {
        let detail = item.reader.detail(item.key, item.version, path)?;
        let known = detail.item.ok_or("the item has no content")?;
        let mut message = plain(&known);
        message.html = detail.html.map(String::into_bytes);
        message.headers = Some(detail.headers).filter(|headers| !headers.is_empty());
        match item.reader.stored(item.key, path, &mut item.left) {
            Ok(Stored(stored)) => self.copy(&mut message, stored, &mut item.losses),
            // Of an item of which only a row is left, the row was read.
            Err(_) if known.partial => {}
            Err(reason) => item.losses.push(format!("Its properties could not be read: {reason}")),
        }
        for facts in known.attachments.iter().filter(|facts| facts.path.len() == path.len() + 1) {
            match self.attachment(item, facts) {
                Ok(attachment) => message.attachments.push(attachment),
                Err(reason) => item.losses.push(format!("\"{}\" could not be read: {reason}", facts.name)),
            }
        }
        Ok((message, known.kind))
    }

    /// Makes `message` what its file stores of it.
    fn copy(&mut self, message: &mut NewMessage, mut stored: StoredMessage, losses: &mut Vec<String>) {
        self.names_that_fit(&mut stored.own.properties, losses);
        for row in &mut stored.recipients {
            self.names_that_fit(row, losses);
        }
        tell_left_out(&stored.own.left_out, losses);
        // What was made of bodies for a reader is no body of its own, unless one of these is lost.
        let bodies_whole = !stored.own.left_out.iter().any(|left| matches!(left.id, BODY | RTF | HTML));
        let has = |id| stored.own.properties.iter().any(|(key, _)| *key == PropertyKey::Id(id));
        // HTML whose code page is not stated was decoded by other signs, and is stored as what these came to.
        let decoded = has(HTML) && !has(CODE_PAGE);
        if bodies_whole {
            message.text = None;
        }
        if bodies_whole && !decoded {
            message.html = None;
        }
        if decoded && message.html.is_some() {
            stored.own.properties.retain(|(key, _)| *key != PropertyKey::Id(HTML));
        }
        message.copy = Some(Box::new(stored));
    }

    /// Keeps of `properties` those whose names the new file has room for.
    fn names_that_fit(&mut self, properties: &mut Vec<(PropertyKey, Value)>, losses: &mut Vec<String>) {
        let before = properties.len();
        properties.retain(|(key, _)| {
            matches!(key, PropertyKey::Id(_))
                || self.names.contains(key)
                || self.names.len() < MAX_NAMES && self.names.insert(key.clone())
        });
        let lost = before - properties.len();
        if lost > 0 {
            losses.push(format!(
                "{lost} of its named properties are missing: a data file has room for no more names."
            ));
        }
    }

    fn attachment(
        &mut self,
        item: &mut Reading<'_>,
        facts: &AttachmentFacts,
    ) -> Result<NewAttachment, String> {
        let content = self.content(item, facts)?;
        let mut new = NewAttachment { content, ..NewAttachment::default() };
        match item.reader.stored_attachment(item.key, &facts.path, &mut item.left) {
            Ok(Stored(mut stored)) => {
                self.names_that_fit(&mut stored.own.properties, &mut item.losses);
                tell_left_out(&stored.own.left_out, &mut item.losses);
                new.properties = stored.own.properties;
            }
            Err(reason) => {
                item.losses.push(format!("The properties of \"{}\" could not be read: {reason}", facts.name));
                new.name.clone_from(&facts.name);
                new.mime.clone_from(&facts.mime_type);
                new.content_id = Some(facts.content_id.clone()).filter(|id| facts.inline && !id.is_empty());
            }
        }
        Ok(new)
    }

    fn content(&mut self, item: &mut Reading<'_>, facts: &AttachmentFacts) -> Result<Content, String> {
        match facts.method {
            "message" if facts.path.len() > MAX_DEPTH => Err("it is embedded too deep".into()),
            "message" => {
                let (message, _) = self.message(item, &facts.path)?;
                Ok(Content::Message(Box::new(message)))
            }
            // A file elsewhere, of which the properties say where; some programs put the content beside that.
            "reference" => {
                let mut bytes = Vec::new();
                let found = item.reader.attachment(item.key, &facts.path, &mut bytes);
                Ok(if found.is_ok() && !bytes.is_empty() { Content::Bytes(bytes) } else { Content::Absent })
            }
            _ if facts.size > MAX_HELD => {
                self.spooled += 1;
                let mut name = self.spool.as_os_str().to_owned();
                name.push(self.spooled.to_string());
                let spool = Spool(name.into());
                let mut out = File::create(&spool.0).map_err(|e| e.to_string())?;
                item.reader.attachment(item.key, &facts.path, &mut out)?;
                Ok(Content::Source(Arc::new(spool)))
            }
            method => {
                let mut bytes = Vec::new();
                item.reader.attachment(item.key, &facts.path, &mut bytes)?;
                Ok(if method == "ole" { Content::Ole(bytes) } else { Content::Bytes(bytes) })
            }
        }
    }
}

/// The class of a folder for items of a kind ([MS-OXOSFLD] 2.2.2).
fn class_of_folder(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Appointment => "IPF.Appointment",
        ItemKind::Contact | ItemKind::DistList => "IPF.Contact",
        ItemKind::Task => "IPF.Task",
        ItemKind::Note => "IPF.StickyNote",
        ItemKind::Journal => "IPF.Journal",
        _ => "IPF.Note",
    }
}

/// A sentence for each property that could not be copied.
fn tell_left_out(left_out: &[LeftOut], losses: &mut Vec<String>) {
    losses.extend(left_out.iter().take(MAX_TOLD).map(|LeftOut { id, why }| {
        let name = names::canonical(*id).unwrap_or("A property");
        format!("{name} ({id:#06x}) could not be copied: {why}.")
    }));
    if let Some(more @ 1..) = left_out.len().checked_sub(MAX_TOLD) {
        losses.push(format!("{more} more properties could not be copied."));
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
    let time = item.date.and_then(FileTime::from_unix_millis);
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
