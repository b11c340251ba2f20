//! Opening a file ([MS-PST] 2.4.3), and the readers that share it.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::charset::Charset;
use super::names::NameMap;
use super::recover::Recovery;
use super::tags;
use crate::bytes::u32_at;
use crate::error::{Anomalies, Anomaly, Consequence, Fault, OpenError, Place, ReadError};
use crate::ltp::PropertyContext;
use crate::ndb::ids::NodeId;
use crate::ndb::{Encryption, FileSource, Format, Kind, Ndb, NdbReader, NodeEntry, ReadAt, TreeChecks};

/// What the message store says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Store {
    /// `PidTagRecordKey`: which file this is, wherever it lies.
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
        Ok(PstFile { ndb, store, names, anomalies: anomalies.take(), recovery: OnceLock::new() })
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
        Reader { file: self, ndb: NdbReader::new(&self.ndb, bytes) }
    }

    pub(crate) fn default_charset(&self) -> Charset {
        self.store.code_page.and_then(Charset::of).unwrap_or_default()
    }
}

/// Enough for the B-tree pages that a folder's items share.
const DEFAULT_CACHE: usize = 8 << 20;

/// Reads one file; cheap to make, one per thread.
pub struct Reader<'a> {
    pub(crate) file: &'a PstFile,
    pub(crate) ndb: NdbReader<'a>,
}

impl<'a> Reader<'a> {
    /// The file that is read.
    pub fn file(&self) -> &'a PstFile {
        self.file
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

    /// All nodes of the node B-tree in order of ids, without reading any of them. A node's data and sub-node
    /// block change whenever its content does, so this is what tells which items are new.
    ///
    /// Fails only when the operating system does; entries of broken pages are those that were found elsewhere
    /// when the file was opened.
    pub fn nodes(&mut self) -> Result<Vec<NodeEntry>, OpenError> {
        let mut all = Vec::new();
        // The same faults were reported by the file on opening.
        let mut known = Anomalies::default();
        self.file.ndb.nodes(&mut known, &mut |entry| all.push(entry))?;
        Ok(all)
    }
}

fn read_store(reader: &mut NdbReader<'_>) -> Result<Store, ReadError> {
    let node = reader.node(NodeId::MESSAGE_STORE)?;
    let mut properties = PropertyContext::open(reader, node.nid, node.data, node.sub)?;
    let code_page = [tags::STORE_CODEPAGE, tags::MESSAGE_CODEPAGE, tags::INTERNET_CODEPAGE]
        .into_iter()
        .filter_map(|tag| u16::try_from(properties.int(tag)?).ok())
        .find(|&page| Charset::of(page).is_some());
    properties.charset = code_page.and_then(Charset::of).unwrap_or_default();
    let subtree = properties.binary(reader, tags::IPM_SUBTREE_ENTRY_ID);
    Ok(Store {
        record_key: properties.binary(reader, tags::RECORD_KEY).map(|key| key.to_vec()),
        display_name: properties.text(reader, tags::DISPLAY_NAME),
        code_page,
        password_crc: properties.int(tags::PST_PASSWORD).map(|crc| crc as u32).filter(|&crc| crc != 0),
        // ENTRYID: four bytes of flags, sixteen of the store's key, then the node.
        ipm_subtree: subtree.and_then(|entry| u32_at(&entry, 20)).map(NodeId),
    })
}
