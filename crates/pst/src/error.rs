//! What can go wrong, and what was found wrong but could be lived with.

use std::fmt;
use std::io;

use crate::ndb::ids::{BlockId, ByteIndex, NodeId};

/// Where in the file something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The header at the file's start.
    Header,
    /// The page at this offset.
    Page(ByteIndex),
    /// This block, at this offset.
    Block(BlockId, ByteIndex),
    /// A block that could not be located.
    BlockId(BlockId),
    /// A node of the node B-tree, or of a sub-node tree.
    Node(NodeId),
    /// The property with this id (high half of its tag) of the object that is being read.
    Property(u16),
    /// The whole file.
    File,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header => f.write_str("the header"),
            Self::Page(at) => write!(f, "the page at {at}"),
            Self::Block(id, at) => write!(f, "{id} at {at}"),
            Self::BlockId(id) => id.fmt(f),
            Self::Node(id) => id.fmt(f),
            Self::Property(id) => write!(f, "property {id:#06x}"),
            Self::File => f.write_str("the file"),
        }
    }
}

/// Why a piece of the file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The operating system could not read the file.
    #[error("reading at {offset} failed: {message}")]
    Io {
        /// Where the read began.
        offset: ByteIndex,
        /// What kind of failure it was.
        kind: io::ErrorKind,
        /// The system's words.
        message: String,
    },
    /// A range lies beyond the end of the file.
    #[error("{place} needs {length} bytes, but the file ends at {size:#x}")]
    BeyondEnd {
        /// What lies there.
        place: Place,
        /// How many bytes it has.
        length: u64,
        /// The file's size in bytes.
        size: u64,
    },
    /// A block, node or sub-node is referred to, but does not exist.
    #[error("{0} does not exist")]
    Missing(Place),
    /// A structure has a value that makes it unreadable.
    #[error("{field} in {place} has the impossible value {value:#x}")]
    Malformed {
        /// The field's name in the specification.
        field: &'static str,
        /// What it holds.
        value: u64,
        /// Where it lies.
        place: Place,
    },
    /// A structure ends before its last field.
    #[error("{what} in {place} is cut short")]
    CutShort {
        /// Which structure.
        what: &'static str,
        /// Where it lies.
        place: Place,
    },
    /// The compressed data of a block of a 4k file is broken.
    #[error("{0} does not decompress to its stated size")]
    Decompress(Place),
    /// A tree is deeper, or refers to itself, beyond what a valid file can have.
    #[error("{what} in {place} is nested too deeply")]
    TooDeep {
        /// Which structure.
        what: &'static str,
        /// Where it lies.
        place: Place,
    },
}

/// Why a file could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The operating system did not let us: not found, no permission, not a file.
    #[error("the file cannot be read: {message}")]
    Io {
        /// What kind of failure it was.
        kind: io::ErrorKind,
        /// The system's words.
        message: String,
    },
    /// The file holds no byte.
    #[error("the file is empty")]
    Empty,
    /// The file does not begin as an Outlook data file does.
    #[error("this is not an Outlook data file: it begins with {magic:02x?}")]
    NotOutlook {
        /// The first bytes that were found.
        magic: [u8; 4],
    },
    /// The file is too short for its header, or ends before any of its mail.
    #[error("the file is cut off: {size} bytes are left of {stated}")]
    Truncated {
        /// Its size in bytes.
        size: u64,
        /// The size that the header states, or the size of a header.
        stated: u64,
    },
    /// A version of the format that is not known.
    #[error("version {0} of the file format is not known")]
    UnsupportedVersion(u16),
    /// Content that only the organisation's own keys open (`NDB_CRYPT_EDPCRYPTED`), or an unknown encoding.
    #[error("the content is encrypted in a way that cannot be read (bCryptMethod {0:#04x})")]
    UnsupportedEncryption(u8),
    /// The header is sound, but nothing behind it can be read.
    #[error("no mail can be reached: {0}")]
    Unreadable(ReadError),
}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> Self {
        Self::Io { kind: error.kind(), message: error.to_string() }
    }
}

/// Why an item could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ItemError {
    /// A contents table lists the item, but its node does not exist.
    #[error("{0} is listed in a folder, but does not exist in the file")]
    NoNode(NodeId),
    /// The item has no data block.
    #[error("{0} has no data")]
    NoData(NodeId),
    /// Its properties could not be read.
    #[error("{node}: {reason}")]
    Unreadable {
        /// The item.
        node: NodeId,
        /// What was found.
        reason: ReadError,
    },
    /// A path to an attachment leads nowhere.
    #[error("{0} has no such attachment")]
    NoAttachment(NodeId),
    /// The attachment holds no data of its own (only a path or link to a file elsewhere).
    #[error("the attachment {0} holds no data in this file")]
    NoContent(NodeId),
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A checksum does not match the data.
    Checksum {
        /// The stored value.
        stored: u32,
        /// The value that the data gives.
        computed: u32,
    },
    /// The id stored with a page or block is not the id it was looked up by.
    BackPointer {
        /// The id found.
        found: BlockId,
        /// The id expected.
        expected: BlockId,
    },
    /// The size stored with a block is not the one its B-tree states.
    BlockSize {
        /// The size in the block's trailer.
        found: u32,
        /// The size in the block B-tree.
        expected: u32,
    },
    /// A field has a value that the specification excludes.
    Field {
        /// The field's name in the specification.
        field: &'static str,
        /// What it holds.
        value: u64,
    },
    /// The header states another file size than the file has.
    FileSize {
        /// The size that `ibFileEof` states.
        stated: u64,
        /// The file's size.
        actual: u64,
    },
    /// A page of a B-tree is unreadable; what other pages hold of its range was used.
    TreePage {
        /// What was found.
        reason: ReadError,
        /// How many entries other pages gave for its range.
        salvaged: u64,
    },
    /// Some structure could not be read.
    Unreadable {
        /// Which: "recipient table", "attachment table", "row index" and so on.
        what: &'static str,
        /// What was found.
        reason: ReadError,
    },
    /// Text is in another code page than a property says.
    CodePage {
        /// What is stated.
        stated: u16,
        /// What the bytes are, and were decoded from.
        used: u16,
    },
    /// A limit cut a value.
    Cut {
        /// Which value.
        what: &'static str,
        /// How many bytes were kept.
        kept: u64,
    },
    /// A limit cut a list.
    Limit {
        /// What it is a list of.
        what: &'static str,
        /// How many were kept.
        kept: u64,
    },
    /// A count does not agree with what is there.
    Count {
        /// The property that states it.
        what: &'static str,
        /// What it states.
        stated: u64,
        /// What is there.
        found: u64,
    },
    /// An object says that it has such a thing, and none is there.
    NotThere(&'static str),
    /// So many messages of a folder are in no row of its contents table.
    Unlisted(u64),
    /// So many rows of a contents table name messages that do not exist.
    RowsWithoutNode(u64),
    /// A contents table lists something that is no message.
    StrangeRow(NodeId),
    /// A folder or item names a parent that does not exist.
    MissingParent(NodeId),
    /// Folders contain each other.
    FolderCycle,
    /// All that is left of an item is its row in a contents table: neither bodies nor addresses nor attachments.
    OnlyRow(Box<ItemError>),
    /// Properties of an item that cannot be read were taken from its row in a contents table.
    FromRow,
    /// Further faults of the same operation were not kept.
    More(u64),
}

/// What a fault means to the reader of the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Consequence {
    /// The data was used as it stands.
    Used,
    /// Something was guessed or taken from elsewhere.
    Repaired,
    /// Something is missing from the result.
    Lost,
}

/// A fault that did not prevent reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anomaly {
    /// What is wrong.
    pub fault: Fault,
    /// Where.
    pub place: Place,
    /// What it means for the result.
    pub consequence: Consequence,
}

impl Anomaly {
    /// Whether it comes from damage: another state of the file, as when the rest of a copy has arrived, may give more.
    pub fn is_damage(&self) -> bool {
        match self.fault {
            Fault::Checksum { .. } | Fault::BackPointer { .. } | Fault::BlockSize { .. } => true,
            Fault::Cut { .. } | Fault::Limit { .. } => false,
            _ => self.consequence == Consequence::Lost,
        }
    }
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place;
        match &self.fault {
            Fault::Checksum { stored, computed } => {
                write!(f, "{place}: checksum is {stored:#010x}, the data gives {computed:#010x}")
            }
            Fault::BackPointer { found, expected } => {
                write!(f, "{place}: claims to be {found}, not {expected}")
            }
            Fault::BlockSize { found, expected } => {
                write!(f, "{place}: states {found} bytes, its B-tree {expected}")
            }
            Fault::Field { field, value } => write!(f, "{place}: {field} is {value:#x}"),
            Fault::FileSize { stated, actual } => {
                write!(f, "the header states {stated} bytes, the file has {actual}")
            }
            Fault::TreePage { reason, salvaged } => {
                write!(f, "{place}: {reason}; {salvaged} entries taken from other pages")
            }
            Fault::Unreadable { what, reason } => write!(f, "{place}: {what} cannot be read: {reason}"),
            Fault::CodePage { stated, used } => {
                write!(f, "{place}: the text is said to be in code page {stated}, but is in {used}")
            }
            Fault::Cut { what, kept } => write!(f, "{place}: {what} was cut after {kept} bytes"),
            Fault::Limit { what, kept } => write!(f, "{place}: of all {what}, {kept} were kept"),
            Fault::Count { what, stated, found } => {
                write!(f, "{place}: {what} is {stated}, and {found} are there")
            }
            Fault::NotThere(what) => write!(f, "{place}: it says that it has {what}, and none is there"),
            Fault::Unlisted(count) => write!(f, "{place}: {count} messages are in no contents table"),
            Fault::RowsWithoutNode(count) => {
                write!(f, "{place}: {count} rows of the contents table name messages that do not exist")
            }
            Fault::StrangeRow(id) => write!(f, "{place}: the contents table lists {id}, which is no message"),
            Fault::MissingParent(id) => write!(f, "{place}: its parent, {id}, does not exist"),
            Fault::FolderCycle => write!(f, "{place}: is contained in itself"),
            Fault::OnlyRow(reason) => write!(
                f,
                "{place}: only its row in the folder's table is left, without bodies, addresses and attachments: {reason}"
            ),
            Fault::FromRow => {
                write!(f, "{place}: what cannot be read of it was taken from its row in the folder's table")
            }
            Fault::More(count) => write!(f, "{place}: {count} further faults"),
        }
    }
}

/// Collects the anomalies of one operation, and keeps only so many of them.
#[derive(Debug, Default)]
pub(crate) struct Anomalies {
    kept: Vec<Anomaly>,
    dropped: u64,
}

/// Enough to see what is wrong with an item; a broken file can give millions.
const KEPT: usize = 64;

impl Anomalies {
    pub(crate) fn push(&mut self, fault: Fault, place: Place, consequence: Consequence) {
        self.add(Anomaly { fault, place, consequence });
    }

    pub(crate) fn add(&mut self, anomaly: Anomaly) {
        if self.kept.len() >= KEPT {
            self.dropped += 1;
        } else if !self.kept.contains(&anomaly) {
            self.kept.push(anomaly);
        }
    }

    /// Adds what was collected elsewhere.
    pub(crate) fn append(&mut self, other: Self) {
        other.kept.into_iter().for_each(|anomaly| self.add(anomaly));
        self.dropped += other.dropped;
    }

    /// Takes what was collected; the collection is empty afterwards.
    pub(crate) fn take(&mut self) -> Vec<Anomaly> {
        let mut kept = std::mem::take(&mut self.kept);
        if self.dropped > 0 {
            let fault = Fault::More(std::mem::take(&mut self.dropped));
            kept.push(Anomaly { fault, place: Place::File, consequence: Consequence::Lost });
        }
        kept
    }
}
