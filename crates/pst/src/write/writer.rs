//! The writer's face: folders, messages, and the nodes that every file has ([MS-PST] 2.7).

use std::{
    fs::File,
    io::{BufWriter, Seek, Write},
    path::Path,
};

use super::{
    blocks::{BlockStore, NodeBody},
    compose::Composer,
    contexts::{SubNodes, Table, write_properties},
    error::{Doing, Result, WriteError, narrow},
    folders::{Folder, write_folders},
    layout::{Format, Layout},
    message::NewMessage,
    names::NameMap,
    schema,
    tags::*,
    trees::{self, FIRST_MESSAGE, NodeEntry, Nodes},
    value::{FileTime, Properties, TextForm, Value, unix_time},
};
use crate::ndb::{
    Encryption,
    crc::crc,
    ids::{NidType, NodeId},
};

/// What a file is like, apart from its mail.
#[derive(Debug, Clone)]
pub struct Options {
    /// The format; Unicode by default.
    pub format: Format,
    /// How data blocks are obscured; permuted by default. None of the ways protects anything.
    pub encryption: Encryption,
    /// The name under which Outlook shows the file.
    pub display_name: String,
    /// PidTagRecordKey, by which programs know the file wherever it lies. Give every file its own.
    pub record_key: [u8; 16],
    /// The time that items without one of their own get.
    pub created: FileTime,
    /// The Windows code page of text in ANSI files. An unknown one becomes 1252.
    pub codepage: u16,
    /// A password that Outlook asks for. Only its checksum is stored; nothing is encrypted with it.
    pub password: Option<String>,
    /// Where the block ids of tables and folders begin. Then those of messages do not depend on them, and a second
    /// state of the same mailbox can be written with [`PstWriter::skip_message`] and [`PstWriter::change_message`];
    /// each state needs a beginning of its own. `None`: all blocks are numbered as they are written.
    pub later_blocks: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            format: Format::Unicode,
            encryption: Encryption::Permute,
            display_name: "Outlook Data File".to_owned(),
            record_key: *b"mailscope-sample",
            // The start of 2024
            created: unix_time(1_704_067_200),
            codepage: 1252,
            password: None,
            later_blocks: None,
        }
    }
}

/// A folder of the file that is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FolderId(usize);

/// The search folder that every file has.
const SPAM_SEARCH: NodeId = NodeId(0x2223);
/// Folders that Outlook looks for through the store: subtree, wastebasket, finder.
const VALID_FOLDERS: i32 = 0x01 | 0x08 | 0x80;

/// Writes one file, from front to back.
pub struct PstWriter<W> {
    store: BlockStore<W>,
    composer: Composer,
    options: Options,
    folders: Vec<Folder>,
    nodes: Nodes,
    /// The last index given out for folders, messages and hidden messages.
    last: [u32; 3],
}

impl PstWriter<BufWriter<File>> {
    /// Creates (or empties) the file at `path`.
    ///
    /// # Errors
    /// [`WriteError::Io`] when it cannot be created or written.
    pub fn create(path: impl AsRef<Path>, options: Options) -> Result<Self> {
        let file = File::create(path).doing("creating the file")?;
        Self::new(BufWriter::new(file), options)
    }
}

impl<W: Write + Seek> PstWriter<W> {
    /// A writer into an empty destination.
    ///
    /// # Errors
    /// [`WriteError::Io`] when the destination refuses.
    pub fn new(destination: W, options: Options) -> Result<Self> {
        let layout = Layout::of(options.format);
        let encoding = codepage::to_encoding(options.codepage).unwrap_or(encoding_rs::WINDOWS_1252);
        let composer = Composer {
            form: TextForm { format: options.format, encoding },
            codepage: options.codepage,
            names: NameMap::new(),
            record_key: options.record_key,
            created: options.created,
            serial: 0,
        };
        let mut writer = Self {
            store: BlockStore::new(destination, layout, options.encryption, options.later_blocks)?,
            composer,
            options,
            folders: Vec::new(),
            nodes: Nodes::new(layout),
            last: [0x400, FIRST_MESSAGE, 0x8000],
        };
        let root = Folder::new(&writer.store, NodeId::ROOT_FOLDER, NodeId::ROOT_FOLDER, "", "");
        writer.folders.push(root);
        for (parent, name) in [(0, "Top of Personal Folders"), (0, "Search Root"), (1, "Deleted Items")] {
            writer.add_folder_of_class(FolderId(parent), name, "")?;
        }
        Ok(writer)
    }

    /// The folder that holds everything a person sees.
    pub fn top(&self) -> FolderId {
        FolderId(1)
    }

    /// The folder of deleted items, which every file has.
    pub fn deleted_items(&self) -> FolderId {
        FolderId(3)
    }

    /// Adds a folder for mail.
    ///
    /// # Errors
    /// [`WriteError::UnknownFolder`] when `parent` is of another writer.
    pub fn add_folder(&mut self, parent: FolderId, name: &str) -> Result<FolderId> {
        self.add_folder_of_class(parent, name, "IPF.Note")
    }

    /// Adds a folder of a class (PidTagContainerClass), such as `IPF.Contact`.
    ///
    /// # Errors
    /// [`WriteError::UnknownFolder`] when `parent` is of another writer.
    pub fn add_folder_of_class(&mut self, parent: FolderId, name: &str, class: &str) -> Result<FolderId> {
        let nid = self.next_id(0, NidType::NormalFolder)?;
        let index = self.folders.len();
        let above = self.folders.get_mut(parent.0).ok_or(WriteError::UnknownFolder(parent.0 as u32))?;
        above.sub_folders.push(index);
        let above = above.nid;
        self.folders.push(Folder::new(&self.store, nid, above, name, class));
        Ok(FolderId(index))
    }

    /// The node id that a folder has in the file.
    pub fn node_of(&self, folder: FolderId) -> Option<NodeId> {
        self.folders.get(folder.0).map(|folder| folder.nid)
    }

    /// Writes a message into a folder and returns its node id.
    ///
    /// # Errors
    /// [`WriteError`], after which the file cannot be completed.
    pub fn add_message(&mut self, folder: FolderId, message: &NewMessage) -> Result<NodeId> {
        self.add(folder, message, NidType::NormalMessage)
    }

    /// Writes a hidden (folder associated) message, as Outlook keeps views and settings.
    ///
    /// # Errors
    /// [`WriteError`], after which the file cannot be completed.
    pub fn add_hidden_message(&mut self, folder: FolderId, message: &NewMessage) -> Result<NodeId> {
        self.add(folder, message, NidType::AssocMessage)
    }

    /// Writes a message once, and lists it as `count` messages that share its blocks: a folder of a million rows takes
    /// two hundred megabytes so, and a second. Of what rows repeat, these have numbers, times and the subject. Returns
    /// the id of the first. For tests: no program writes such files.
    ///
    /// # Errors
    /// As [`Self::add_message`].
    pub fn add_copies(&mut self, folder: FolderId, message: &NewMessage, count: u32) -> Result<NodeId> {
        let mut composed = self.composer.message(&mut self.store, message, false)?;
        composed.properties.entries.retain(|&id, (_, value)| id == SUBJECT || value.len() <= 8);
        let mut first = None;
        for _ in 0..count {
            let nid = self.next_id(1, NidType::NormalMessage)?;
            let place = self.folders.get_mut(folder.0).ok_or(WriteError::UnknownFolder(folder.0 as u32))?;
            self.store.later(|store| place.list(store, nid, &composed.properties, composed.unread))?;
            self.nodes.add(&mut self.store, NodeEntry { nid, body: composed.body, parent: place.nid })?;
            first.get_or_insert(nid);
        }
        Ok(first.unwrap_or_default())
    }

    /// Takes the numbers that a message would have, and leaves it out: in a second state of a mailbox, a message that
    /// was deleted. What is written after it has the same node and blocks as it had with it.
    ///
    /// # Errors
    /// As [`Self::add_message`].
    pub fn skip_message(&mut self, message: &NewMessage) -> Result<NodeId> {
        let nid = self.next_id(1, NidType::NormalMessage)?;
        let composer = &mut self.composer;
        self.store.dry(|store| composer.message(store, message, false))?;
        Ok(nid)
    }

    /// Writes `message` under the node that `before` would have, in new blocks: in a second state of a mailbox, a
    /// message that was changed. Needs [`Options::later_blocks`].
    ///
    /// # Errors
    /// As [`Self::add_message`].
    pub fn change_message(
        &mut self,
        folder: FolderId,
        before: &NewMessage,
        message: &NewMessage,
    ) -> Result<NodeId> {
        let serial = self.composer.serial;
        let nid = self.skip_message(before)?;
        let after = std::mem::replace(&mut self.composer.serial, serial);
        self.store.later(|store| {
            add_at(store, &mut self.composer, &mut self.folders, &mut self.nodes, (folder, nid), message)
        })?;
        self.composer.serial = after;
        Ok(nid)
    }

    fn add(&mut self, folder: FolderId, message: &NewMessage, kind: NidType) -> Result<NodeId> {
        let nid = self.next_id(if kind == NidType::AssocMessage { 2 } else { 1 }, kind)?;
        let place = (folder, nid);
        add_at(&mut self.store, &mut self.composer, &mut self.folders, &mut self.nodes, place, message)?;
        Ok(nid)
    }

    fn next_id(&mut self, counter: usize, kind: NidType) -> Result<NodeId> {
        // Folders and hidden messages stay below the messages, so that the tree of nodes can be written as it grows.
        let limit = if counter == 1 { 0x7FF_FFFF } else { u64::from(FIRST_MESSAGE) };
        let next = u64::from(self.last[counter]) + 1;
        if next > limit {
            return Err(WriteError::TooLarge { what: "a node number", size: next, limit });
        }
        self.last[counter] = narrow("a node number", next, limit)?;
        Ok(NodeId::new(kind, self.last[counter]))
    }

    /// Writes folders, trees and header, and gives the destination back.
    ///
    /// # Errors
    /// [`WriteError`]; the file is incomplete then.
    pub fn finish(mut self) -> Result<W> {
        let folders = std::mem::take(&mut self.folders);
        let form = self.composer.form;
        let nodes = &mut self.nodes;
        self.store.later(|store| write_folders(store, form, folders, SPAM_SEARCH, nodes))?;
        self.templates()?;
        self.message_store()?;
        let names = &self.composer.names;
        let body = self.store.later(|store| names.write(store, form))?;
        self.push(NodeId::NAME_TO_ID_MAP, body)?;
        for empty in
            [NodeId::SEARCH_MANAGEMENT_QUEUE, NodeId::SEARCH_ACTIVITY_LIST, NodeId::SEARCH_DOMAIN_OBJECT]
        {
            self.push(empty, NodeBody::default())?;
        }
        let unique = crc(&self.options.record_key);
        trees::close(self.store, self.nodes, self.options.encryption, unique)
    }

    fn push(&mut self, nid: NodeId, body: NodeBody) -> Result<()> {
        self.nodes.add(&mut self.store, NodeEntry { nid, body, parent: NodeId(0) })
    }

    /// The tables without rows that show the columns of all others ([MS-PST] 2.7.3.3).
    fn templates(&mut self) -> Result<()> {
        let layout = self.store.layout;
        for (nid, columns) in [
            (NodeId::HIERARCHY_TABLE_TEMPLATE, schema::hierarchy(&layout)),
            (NodeId::CONTENTS_TABLE_TEMPLATE, schema::contents(&layout)),
            (NodeId::ASSOC_CONTENTS_TABLE_TEMPLATE, schema::associated(&layout)),
            (NodeId::SEARCH_CONTENTS_TABLE_TEMPLATE, schema::search_contents(&layout)),
            (NodeId::ATTACHMENT_TABLE, schema::attachments(&layout)),
            (NodeId::RECIPIENT_TABLE, schema::recipients(&layout)),
        ] {
            let body = self.store.later(|store| Table::new(layout, &columns).finish(store))?;
            self.push(nid, body)?;
        }
        Ok(())
    }

    /// The message store ([MS-PST] 2.4.3.1).
    fn message_store(&mut self) -> Result<()> {
        let form = self.composer.form;
        let mut p = Properties::default();
        p.set(form, RECORD_KEY, &Value::Binary(self.options.record_key.to_vec()));
        p.set(form, DISPLAY_NAME, &Value::Text(self.options.display_name.clone()));
        p.set(form, VALID_FOLDER_MASK, &Value::Int32(VALID_FOLDERS));
        // Node ids of the three folders that `new` makes.
        for (id, index) in
            [(IPM_SUBTREE_ENTRY_ID, 0x401), (FINDER_ENTRY_ID, 0x402), (IPM_WASTEBASKET_ENTRY_ID, 0x403)]
        {
            let entry = self.entry_id(NodeId::new(NidType::NormalFolder, index));
            p.set(form, id, &Value::Binary(entry));
        }
        let password = self.options.password.as_ref().map_or(0, |password| crc(password.as_bytes()));
        p.set(form, PST_PASSWORD, &Value::Int32(password as i32));
        let body = self.store.later(|store| write_properties(store, &p, SubNodes::default()))?;
        self.push(NodeId::MESSAGE_STORE, body)
    }

    /// How other programs name a node of this file ([MS-PST] 2.4.3.2).
    fn entry_id(&self, nid: NodeId) -> Vec<u8> {
        let mut entry = vec![0; 4];
        entry.extend_from_slice(&self.options.record_key);
        entry.extend_from_slice(&nid.0.to_le_bytes());
        entry
    }
}

/// Writes a message as a node of a folder, and lists it there.
fn add_at<W: Write + Seek>(
    store: &mut BlockStore<W>,
    composer: &mut Composer,
    folders: &mut [Folder],
    nodes: &mut Nodes,
    (folder, nid): (FolderId, NodeId),
    message: &NewMessage,
) -> Result<()> {
    let hidden = nid.kind() == NidType::AssocMessage;
    let place = folders.get_mut(folder.0).ok_or(WriteError::UnknownFolder(folder.0 as u32))?;
    let composed = composer.message(store, message, hidden)?;
    store.later(|store| place.list(store, nid, &composed.properties, composed.unread))?;
    nodes.add(store, NodeEntry { nid, body: composed.body, parent: place.nid })
}
