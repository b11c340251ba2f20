//! The identifiers of the node database layer ([MS-PST] 2.2.2.1 to 2.2.2.4, 2.4.1).

use std::fmt;

/// A node's id, `NID`: five bits of type and 27 bits of index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct NodeId(pub u32);

/// What a node is, from the low five bits of its id (`NID_TYPE_*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NidType {
    /// `NID_TYPE_HID` 0x00: a heap item, not a node.
    HeapItem,
    /// `NID_TYPE_INTERNAL` 0x01: store, name map and the like.
    Internal,
    /// `NID_TYPE_NORMAL_FOLDER` 0x02
    NormalFolder,
    /// `NID_TYPE_SEARCH_FOLDER` 0x03
    SearchFolder,
    /// `NID_TYPE_NORMAL_MESSAGE` 0x04
    NormalMessage,
    /// `NID_TYPE_ATTACHMENT` 0x05
    Attachment,
    /// `NID_TYPE_SEARCH_UPDATE_QUEUE` 0x06
    SearchUpdateQueue,
    /// `NID_TYPE_SEARCH_CRITERIA_OBJECT` 0x07
    SearchCriteria,
    /// `NID_TYPE_ASSOC_MESSAGE` 0x08: a hidden message, which holds settings.
    AssocMessage,
    /// `NID_TYPE_CONTENTS_TABLE_INDEX` 0x0A
    ContentsTableIndex,
    /// `NID_TYPE_RECEIVE_FOLDER_TABLE` 0x0B
    ReceiveFolderTable,
    /// `NID_TYPE_OUTGOING_QUEUE_TABLE` 0x0C
    OutgoingQueueTable,
    /// `NID_TYPE_HIERARCHY_TABLE` 0x0D
    HierarchyTable,
    /// `NID_TYPE_CONTENTS_TABLE` 0x0E
    ContentsTable,
    /// `NID_TYPE_ASSOC_CONTENTS_TABLE` 0x0F
    AssocContentsTable,
    /// `NID_TYPE_SEARCH_CONTENTS_TABLE` 0x10
    SearchContentsTable,
    /// `NID_TYPE_ATTACHMENT_TABLE` 0x11
    AttachmentTable,
    /// `NID_TYPE_RECIPIENT_TABLE` 0x12
    RecipientTable,
    /// `NID_TYPE_SEARCH_TABLE_INDEX` 0x13
    SearchTableIndex,
    /// `NID_TYPE_LTP` 0x1F
    Ltp,
    /// Any other value, which OST files use for their own bookkeeping.
    Other(u8),
}

impl NidType {
    /// The type with the value `raw`, of which the low five bits count.
    pub const fn from_raw(raw: u8) -> Self {
        match raw & 0x1F {
            0x00 => Self::HeapItem,
            0x01 => Self::Internal,
            0x02 => Self::NormalFolder,
            0x03 => Self::SearchFolder,
            0x04 => Self::NormalMessage,
            0x05 => Self::Attachment,
            0x06 => Self::SearchUpdateQueue,
            0x07 => Self::SearchCriteria,
            0x08 => Self::AssocMessage,
            0x0A => Self::ContentsTableIndex,
            0x0B => Self::ReceiveFolderTable,
            0x0C => Self::OutgoingQueueTable,
            0x0D => Self::HierarchyTable,
            0x0E => Self::ContentsTable,
            0x0F => Self::AssocContentsTable,
            0x10 => Self::SearchContentsTable,
            0x11 => Self::AttachmentTable,
            0x12 => Self::RecipientTable,
            0x13 => Self::SearchTableIndex,
            0x1F => Self::Ltp,
            other => Self::Other(other),
        }
    }

    /// The value in the low five bits of an id.
    pub const fn raw(self) -> u8 {
        match self {
            Self::HeapItem => 0x00,
            Self::Internal => 0x01,
            Self::NormalFolder => 0x02,
            Self::SearchFolder => 0x03,
            Self::NormalMessage => 0x04,
            Self::Attachment => 0x05,
            Self::SearchUpdateQueue => 0x06,
            Self::SearchCriteria => 0x07,
            Self::AssocMessage => 0x08,
            Self::ContentsTableIndex => 0x0A,
            Self::ReceiveFolderTable => 0x0B,
            Self::OutgoingQueueTable => 0x0C,
            Self::HierarchyTable => 0x0D,
            Self::ContentsTable => 0x0E,
            Self::AssocContentsTable => 0x0F,
            Self::SearchContentsTable => 0x10,
            Self::AttachmentTable => 0x11,
            Self::RecipientTable => 0x12,
            Self::SearchTableIndex => 0x13,
            Self::Ltp => 0x1F,
            Self::Other(raw) => raw & 0x1F,
        }
    }
}

impl NodeId {
    /// `NID_MESSAGE_STORE`
    pub const MESSAGE_STORE: Self = Self(0x21);
    /// `NID_NAME_TO_ID_MAP`
    pub const NAME_TO_ID_MAP: Self = Self(0x61);
    /// `NID_NORMAL_FOLDER_TEMPLATE`
    pub const NORMAL_FOLDER_TEMPLATE: Self = Self(0xA1);
    /// `NID_SEARCH_FOLDER_TEMPLATE`
    pub const SEARCH_FOLDER_TEMPLATE: Self = Self(0xC1);
    /// `NID_ROOT_FOLDER`
    pub const ROOT_FOLDER: Self = Self(0x122);
    /// `NID_SEARCH_MANAGEMENT_QUEUE`
    pub const SEARCH_MANAGEMENT_QUEUE: Self = Self(0x1E1);
    /// `NID_SEARCH_ACTIVITY_LIST`
    pub const SEARCH_ACTIVITY_LIST: Self = Self(0x201);
    /// `NID_SEARCH_DOMAIN_OBJECT`
    pub const SEARCH_DOMAIN_OBJECT: Self = Self(0x261);
    /// `NID_SEARCH_GATHERER_QUEUE`
    pub const SEARCH_GATHERER_QUEUE: Self = Self(0x281);
    /// `NID_SEARCH_GATHERER_DESCRIPTOR`
    pub const SEARCH_GATHERER_DESCRIPTOR: Self = Self(0x2A1);
    /// `NID_SEARCH_GATHERER_FOLDER_QUEUE`
    pub const SEARCH_GATHERER_FOLDER_QUEUE: Self = Self(0x321);
    /// The template of hierarchy tables.
    pub const HIERARCHY_TABLE_TEMPLATE: Self = Self(0x60D);
    /// The template of contents tables.
    pub const CONTENTS_TABLE_TEMPLATE: Self = Self(0x60E);
    /// The template of associated contents tables.
    pub const ASSOC_CONTENTS_TABLE_TEMPLATE: Self = Self(0x60F);
    /// The template of search folders' contents tables.
    pub const SEARCH_CONTENTS_TABLE_TEMPLATE: Self = Self(0x610);
    /// The template of attachment tables, and the sub-node of a message that holds its own.
    pub const ATTACHMENT_TABLE: Self = Self(0x671);
    /// The template of recipient tables, and the sub-node of a message that holds its own.
    pub const RECIPIENT_TABLE: Self = Self(0x692);

    /// The id of type `kind` with `index` (27 bits count).
    pub const fn new(kind: NidType, index: u32) -> Self {
        Self((index << 5) | kind.raw() as u32)
    }

    /// What the node is.
    pub const fn kind(self) -> NidType {
        NidType::from_raw(self.0 as u8)
    }

    /// The 27 bits that tell nodes of one type apart.
    pub const fn index(self) -> u32 {
        self.0 >> 5
    }

    /// The node of another type with the same index: how a folder's tables are found.
    pub const fn with_kind(self, kind: NidType) -> Self {
        Self((self.0 & !0x1F) | kind.raw() as u32)
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node {:#x}", self.0)
    }
}

/// A block's or page's id, `BID`. Zero names no block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct BlockId(pub u64);

impl BlockId {
    /// The id without its lowest bit, which readers have to ignore: the key of the block B-tree.
    pub const fn key(self) -> u64 {
        self.0 & !1
    }

    /// Whether the block holds metadata (XBLOCK, XXBLOCK, SLBLOCK, SIBLOCK), which is never encoded.
    pub const fn is_internal(self) -> bool {
        self.0 & 2 != 0
    }

    /// Whether the id names no block.
    pub const fn is_none(self) -> bool {
        self.key() == 0
    }
}

impl fmt::Display for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "block {:#x}", self.0)
    }
}

/// A place in the file in bytes from its start, `IB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ByteIndex(pub u64);

impl fmt::Display for ByteIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "offset {:#x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_types_round_trip() {
        for raw in 0..=0x1F {
            assert_eq!(NidType::from_raw(raw).raw(), raw);
        }
        assert_eq!(NodeId::ROOT_FOLDER.kind(), NidType::NormalFolder);
        assert_eq!(NodeId::ROOT_FOLDER.with_kind(NidType::ContentsTable), NodeId(0x12E));
        assert_eq!(NodeId::new(NidType::NormalMessage, 0x10001), NodeId(0x20_0024));
    }

    #[test]
    fn block_ids() {
        assert!(BlockId(6).is_internal());
        assert_eq!(BlockId(5).key(), 4);
        assert!(BlockId(1).is_none());
    }
}
