//! Opening a file ([MS-PST] 2.4.3), and the readers that share it.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::charset::{Charset, settle};
use super::names::NameMap;
use super::recover::Recovery;
use super::rows::{Homes, Tables};
use super::tags;
use crate::bytes::u32_at;
use crate::error::{Anomalies, Anomaly, Consequence, Fault, OpenError, Place, ReadError};
use crate::ltp::PropertyContext;
use crate::ndb::ids::{NidType, NodeId};
use crate::ndb::{Encryption, FileSource, Format, Kind, Ndb, NdbReader, NodeEntry, ReadAt, TreeChecks};

/// What the message store says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Store {
    /// `PidTagRecordKey`: which file this is, wherever it lies. Files that were copied share it. `None` where it is
    /// missing, empty or all zeros, which tells nothing apart.
    pub record_key: Option<Vec<u8>>,
    /// `PidTagDisplayName`
    pub display_name: Option<String>,
    /// The code page of 8-bit strings whose objects name none.
    pub code_page: Option<u16>,
    /// `PidTagPstPassword`: the checksum of a password, which protects nothing.
    pub password_crc: Option<u32>,
    /// The top of the mailbox's visible folders.
    pub ipm_subtree: Option<NodeId>,
}

/// How to open a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenOptions {
    checks: TreeChecks,
}

impl OpenOptions {
    /// Every page of both B-trees is visited, and what broken ones held is looked for in the rest of the file.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at the root pages alone. Opening then takes no time, but broken pages are met only later, as items
    /// that cannot be read.
    pub fn quick(mut self) -> Self {
        self.checks = TreeChecks::Roots;
        self
    }

    /// Opens the file at `path` for reading.
    pub fn open(self, path: impl AsRef<Path>) -> Result<PstFile, OpenError> {
        self.from_source(Arc::new(FileSource::open(path)?))
    }

    /// Opens the file that `source` holds.
    pub fn from_source(self, source: Arc<dyn ReadAt>) -> Result<PstFile, OpenError> {
        let mut anomalies = Anomalies::default();
        let ndb = Ndb::open(source, self.checks, &mut anomalies)?;
        let mut reader = NdbReader::new(&ndb, DEFAULT_CACHE);
        let store = noted(read_store(&mut reader), "message store", NodeId::MESSAGE_STORE, &mut anomalies);
        let names =
            noted(NameMap::read(&mut reader), "named properties", NodeId::NAME_TO_ID_MAP, &mut anomalies);
        for anomaly in reader.anomalies.take() {
            anomalies.add(anomaly);
        }
        drop(reader);
        Ok(PstFile {
            ndb,
            store,
            names,
            anomalies: anomalies.take(),
            recovery: OnceLock::new(),
            homes: OnceLock::new(),
            text8: OnceLock::new(),
        })
    }
}

fn noted<T: Default>(
    result: Result<T, ReadError>,
    what: &'static str,
    node: NodeId,
    anomalies: &mut Anomalies,
) -> T {
    result.unwrap_or_else(|reason| {
        anomalies.push(Fault::Unreadable { what, reason }, Place::Node(node), Consequence::Lost);
        T::default()
    })
}

/// An open PST or OST file. It does not change, and any number of threads may read it, each through a [`Reader`]
/// of its own.
pub struct PstFile {
    pub(crate) ndb: Ndb,
    store: Store,
    names: NameMap,
    anomalies: Vec<Anomaly>,
    /// Filled once, when deleted items are first asked for.
    pub(crate) recovery: OnceLock<Recovery>,
    pub(crate) homes: Homes,
    /// The code page of 8-bit strings, settled when one is first met.
    text8: OnceLock<Charset>,
}

impl std::fmt::Debug for PstFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PstFile").field("header", &self.ndb.header).field("size", &self.ndb.size).finish()
    }
}

impl PstFile {
    /// Opens the file at `path` for reading, and checks its two B-trees.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        OpenOptions::new().open(path)
    }

    /// Opens the file that `source` holds, and checks its two B-trees.
    pub fn from_source(source: Arc<dyn ReadAt>) -> Result<Self, OpenError> {
        OpenOptions::new().from_source(source)
    }

    /// The layout.
    pub fn format(&self) -> Format {
        self.ndb.header.format
    }

    /// `wVer`
    pub fn version(&self) -> u16 {
        self.ndb.header.version
    }

    /// PST or OST, by the client magic.
    pub fn kind(&self) -> Kind {
        self.ndb.header.kind
    }

    /// How data blocks are encoded.
    pub fn encryption(&self) -> Encryption {
        self.ndb.header.encryption
    }

    /// The file's size in bytes when it was opened.
    pub fn size(&self) -> u64 {
        self.ndb.size
    }

    /// What was found wrong on opening.
    pub fn anomalies(&self) -> &[Anomaly] {
        &self.anomalies
    }

    /// What the message store says about itself.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The named properties of the file.
    pub fn names(&self) -> &NameMap {
        &self.names
    }

    /// A reader with a cache of a few megabytes.
    pub fn reader(&self) -> Reader<'_> {
        self.reader_with_cache(DEFAULT_CACHE)
    }

    /// A reader whose cache keeps about `bytes` bytes of pages and blocks.
    pub fn reader_with_cache(&self, bytes: usize) -> Reader<'_> {
        Reader { file: self, ndb: NdbReader::new(&self.ndb, bytes), tables: Tables::default() }
    }

    /// What the store says of 8-bit strings whose objects name no code page.
    pub(crate) fn stated_charset(&self) -> Charset {
        self.store.code_page.and_then(Charset::of_strings).unwrap_or_default()
    }

    /// Hands every node of the node B-tree to `visit`, in order of ids, without reading any of them: as
    /// [`Reader::nodes`], in memory that does not grow with the file.
    ///
    /// Fails only when the operating system does.
    pub fn visit_nodes(&self, visit: &mut dyn FnMut(NodeEntry)) -> Result<(), OpenError> {
        // The same faults were reported on opening.
        self.ndb.nodes(&mut Anomalies::default(), visit)
    }

    /// In which code page 8-bit strings are whose objects name none. Most stores say nothing of it: then the messages
    /// do, and the names of the folders. They are looked at once, when such a string is first met.
    pub(crate) fn default_charset(&self) -> Charset {
        *self.text8.get_or_init(|| {
            let mut reader = NdbReader::new(&self.ndb, DEFAULT_CACHE / 4);
            told_charset(&mut reader, self.store.code_page.and_then(Charset::of_strings))
        })
    }
}

/// Enough for the B-tree pages that a folder's items share.
const DEFAULT_CACHE: usize = 8 << 20;

/// Reads one file; cheap to make, one per thread.
pub struct Reader<'a> {
    pub(crate) file: &'a PstFile,
    pub(crate) ndb: NdbReader<'a>,
    /// The contents tables that items were last taken from.
    pub(crate) tables: Tables,
}

impl<'a> Reader<'a> {
    /// The file that is read.
    pub fn file(&self) -> &'a PstFile {
        self.file
    }

    /// Whether anything that was asked for so far could not be found, though a walk through the B-trees of the file may find it: where it
    /// was opened without one ([`OpenOptions::quick`]), opening it with one and asking again is worth it.
    pub fn missed_something(&self) -> bool {
        self.ndb.missed
    }

    /// The entry of one node in the node B-tree: its blocks tell whether it has changed. Of a deleted item, once it
    /// was recovered, what was last known.
    pub fn node(&mut self, node: NodeId) -> Result<NodeEntry, ReadError> {
        self.find_node(node).map(|(entry, _)| entry)
    }

    /// The node, and whether it is out of use.
    pub(crate) fn find_node(&mut self, nid: NodeId) -> Result<(NodeEntry, bool), ReadError> {
        match self.ndb.node(nid) {
            Ok(entry) => Ok((entry, false)),
            Err(reason) => match self.file.recovered().and_then(|recovery| recovery.node(nid)) {
                Some(entry) => Ok((entry, true)),
                None => Err(reason),
            },
        }
    }

    /// All nodes of the node B-tree ([MS-PST] 2.2.2.7.7.4) in order of ids, without reading any of them. A node's data
    /// and sub-node block change whenever its content does, so this is what tells which items are new. A million nodes
    /// take a third of a second of one core (`examples/ndb.rs` measures it), and 32 bytes each.
    ///
    /// Fails only when the operating system does; entries of broken pages are those that were found elsewhere
    /// when the file was opened.
    pub fn nodes(&mut self) -> Result<Vec<NodeEntry>, OpenError> {
        let mut all = Vec::new();
        // The same faults were reported by the file on opening.
        let mut known = Anomalies::default();
        self.file.ndb.nodes(&mut known, &mut |entry| all.push(entry))?;
        // Pages of a damaged tree may overlap; the first to name a node is the one that searching finds.
        if !all.is_sorted_by(|a, b| a.nid < b.nid) {
            all.sort_by_key(|entry| entry.nid);
            all.dedup_by_key(|entry| entry.nid);
        }
        Ok(all)
    }
}

/// How many messages are asked for their code page, and how many bytes of folders' names are looked at.
const ASKED: usize = 64;
const NAMES: usize = 32 << 10;

/// The code page that most of the first messages state, unless the names of the folders refute it.
fn told_charset(reader: &mut NdbReader<'_>, stated: Option<Charset>) -> Charset {
    let ndb = reader.ndb;
    let (mut folders, mut messages) = (Vec::new(), Vec::new());
    // What the system refuses to read here, it refuses again where somebody is told.
    let _ = ndb.nodes(&mut Anomalies::default(), &mut |entry| match entry.nid.kind() {
        NidType::NormalFolder | NidType::SearchFolder if folders.len() < NAMES / 16 => folders.push(entry),
        NidType::NormalMessage if messages.len() < ASKED => messages.push(entry),
        _ => {}
    });
    let open = |reader: &mut NdbReader<'_>, entry: &NodeEntry| {
        PropertyContext::open(reader, entry.nid, entry.data, entry.sub).ok()
    };
    let mut names = Vec::new();
    for entry in &folders {
        let Some(properties) = open(reader, entry).filter(PropertyContext::has_text8) else { continue };
        names.append(&mut properties.text8_sample(reader));
        if names.len() > NAMES {
            break;
        }
    }
    let mut votes: Vec<(Charset, usize)> = Vec::new();
    for entry in messages.iter().filter(|_| stated.is_none()) {
        let Some(properties) = open(reader, entry) else { continue };
        let page = |tag| u16::try_from(properties.int(tag)?).ok().and_then(Charset::of_strings);
        let Some(charset) = page(tags::MESSAGE_CODEPAGE).or_else(|| page(tags::INTERNET_CODEPAGE)) else {
            continue;
        };
        match votes.iter_mut().find(|(known, _)| *known == charset) {
            Some((_, count)) => *count += 1,
            None => votes.push((charset, 1)),
        }
    }
    let voted = votes.iter().max_by_key(|(_, count)| *count).map(|(charset, _)| *charset);
    reader.anomalies.take();
    settle(&names, stated.or(voted), Charset::default())
}

fn read_store(reader: &mut NdbReader<'_>) -> Result<Store, ReadError> {
    let node = reader.node(NodeId::MESSAGE_STORE)?;
    let mut properties = PropertyContext::open(reader, node.nid, node.data, node.sub)?;
    let code_page = [tags::STORE_CODEPAGE, tags::MESSAGE_CODEPAGE, tags::INTERNET_CODEPAGE]
        .into_iter()
        .filter_map(|tag| u16::try_from(properties.int(tag)?).ok())
        .find(|&page| Charset::of_strings(page).is_some());
    properties.charset = code_page.and_then(Charset::of).unwrap_or_default();
    let subtree = properties.binary(reader, tags::IPM_SUBTREE_ENTRY_ID);
    Ok(Store {
        record_key: properties
            .binary(reader, tags::RECORD_KEY)
            .map(|key| key.to_vec())
            .filter(|key| key.iter().any(|&byte| byte != 0)),
        display_name: properties.text(reader, tags::DISPLAY_NAME),
        code_page,
        password_crc: properties.int(tags::PST_PASSWORD).map(|crc| crc as u32).filter(|&crc| crc != 0),
        // ENTRYID: four bytes of flags, sixteen of the store's key, then the node.
        ipm_subtree: subtree.and_then(|entry| u32_at(&entry, 20)).map(NodeId),
    })
}
