//! What a file holds, before any item is read: folders and the list of items.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::recover::Certainty;
use super::store::Reader;
use crate::error::{Anomalies, Anomaly, Consequence, Fault, OpenError, Place, ReadError};
use crate::ltp::Table;
use crate::ndb::NodeEntry;
use crate::ndb::ids::{BlockId, NidType, NodeId};

/// A folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Its node.
    pub id: NodeId,
    /// The folder it lies in; `None` at the top.
    pub parent: Option<NodeId>,
    /// `PidTagDisplayName`, or a stand-in when it cannot be read.
    pub name: String,
    /// The names from the top down to this folder; the nameless root is left out. Of folders nested deeper than
    /// [`Folder::DEEPEST_PATH`], names in the middle are left out and `…` stands for them: `parent` still leads through
    /// all of them.
    pub path: Vec<Arc<str>>,
    /// `PidTagContainerClass`
    pub class: Option<String>,
    /// `PidTagContentCount`: how many items the folder claims to hold.
    pub content_count: Option<u32>,
    /// `PidTagContentUnreadCount`
    pub unread_count: Option<u32>,
    /// Whether it is a search folder, whose items lie elsewhere.
    pub is_search: bool,
    /// Whether it stands for folders that do not exist any more, and has no node itself.
    pub is_synthetic: bool,
    /// How many rows its contents table has.
    pub listed: u32,
    /// Items of this folder: `expected` of the accounts.
    pub expected: u32,
    /// Hidden (associated) messages of this folder.
    pub hidden: u32,
    /// Deleted items that lay in it when they were last seen; not part of `expected`, and zero unless asked for.
    pub recovered: u32,
    /// What was found wrong with it.
    pub anomalies: Vec<Anomaly>,
}

impl Folder {
    /// The most names that a path has: with whole paths, folders nested without end would take memory with the square
    /// of their number.
    pub const DEEPEST_PATH: usize = 64;

    /// A folder with nothing in it.
    pub(crate) fn new(id: NodeId, parent: Option<NodeId>) -> Self {
        Self {
            id,
            parent,
            name: String::new(),
            path: Vec::new(),
            class: None,
            content_count: None,
            unread_count: None,
            is_search: id.kind() == NidType::SearchFolder,
            is_synthetic: false,
            listed: 0,
            expected: 0,
            hidden: 0,
            recovered: 0,
            anomalies: Vec::new(),
        }
    }

    /// Takes its path from that of the folder above and its own name.
    pub(crate) fn set_path(&mut self, above: &[Arc<str>]) {
        let start = Self::DEEPEST_PATH / 4;
        if above.len() < Self::DEEPEST_PATH {
            self.path = above.to_vec();
        } else {
            self.path = above.get(..start).unwrap_or_default().to_vec();
            self.path.push("…".into());
            self.path.extend_from_slice(above.get(start + 2..).unwrap_or_default());
        }
        self.path.push(self.name.as_str().into());
    }
}

/// How an item is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// Its node exists and a contents table lists it.
    Listed,
    /// Its node exists, but no contents table lists it.
    Unlisted,
    /// Its node exists, but the folder it names does not.
    Orphan,
    /// A contents table lists it, but its node does not exist. No more than the row is left of it
    /// ([`super::Item::from_row`]), unless recovery found its blocks: then [`ItemEntry::data`] names them.
    RowOnly,
    /// It was deleted: only pages that are out of use name it. Not among the expected items.
    Recovered {
        /// How sure it is that it is whole.
        certainty: Certainty,
    },
}

/// An item, before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemEntry {
    /// Its node.
    pub node: NodeId,
    /// Its data; with `sub` this changes whenever the item does.
    pub data: BlockId,
    /// Its sub-node tree.
    pub sub: BlockId,
    /// The folder it belongs to; always one of the census.
    pub folder: NodeId,
    /// Whether it is a hidden (associated) message.
    pub hidden: bool,
    /// How it is known.
    pub origin: Origin,
    /// Whether its node was found by scanning the file, because a page of the node B-tree is broken: it may have been
    /// deleted or changed since.
    pub salvaged: bool,
    /// Where its data block lies in the file, in bytes: reading in this order is fastest. Zero when unknown.
    pub file_offset: u64,
}

/// What a file holds.
///
/// Every normal message node of the node B-tree is one entry of `items`, and so is every message that only a
/// contents table lists. Hidden messages are entries too, told apart by [`ItemEntry::hidden`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Census {
    /// All folders, each after the folder it lies in.
    pub folders: Vec<Folder>,
    /// All items and hidden messages, in order of their nodes.
    pub items: Vec<ItemEntry>,
    /// What was found wrong beyond single folders.
    pub anomalies: Vec<Anomaly>,
}

impl Census {
    /// The synthetic folder that takes the items whose folder does not exist.
    pub const RECOVERED: NodeId = NodeId(NidType::NormalFolder.raw() as u32);

    /// How many items the file names: those that have a node and those that only a table lists.
    pub fn expected(&self) -> u64 {
        self.count(|item| !item.hidden && !item.origin.is_recovered())
    }

    /// How many hidden messages the file has.
    pub fn hidden(&self) -> u64 {
        self.count(|item| item.hidden && !item.origin.is_recovered())
    }

    /// How many deleted items were found beyond those that the file names; hidden ones are left out.
    pub fn recovered(&self) -> u64 {
        self.count(|item| !item.hidden && item.origin.is_recovered())
    }

    fn count(&self, counted: impl Fn(&ItemEntry) -> bool) -> u64 {
        self.items.iter().filter(|item| counted(item)).count() as u64
    }
}

impl Origin {
    /// Whether the item was deleted.
    pub fn is_recovered(self) -> bool {
        matches!(self, Self::Recovered { .. })
    }
}

impl Reader<'_> {
    /// Everything an import needs up front: reads the node B-tree, the folders' properties and the row indexes of
    /// their contents tables, but no item. Fails only when the operating system does.
    pub fn census(&mut self) -> Result<Census, OpenError> {
        self.ndb.past = false;
        let nodes = self.nodes()?;
        let mut folders = self.folders(&nodes);
        let present: HashSet<NodeId> = folders.iter().map(|folder| folder.id).collect();
        let mut anomalies = Anomalies::default();
        let scanned = &self.file.ndb.scanned;
        let mut items: Vec<ItemEntry> =
            nodes.iter().filter_map(|node| item_entry(node, &present, scanned)).collect();
        self.mark_listed(&nodes, &mut folders, &mut items, &mut anomalies);
        self.add_offsets(&mut items)?;
        if items.iter().any(|item| item.folder == Census::RECOVERED) {
            folders.push(recovered_folder());
        }
        let places: HashMap<NodeId, usize> =
            folders.iter().enumerate().map(|(index, folder)| (folder.id, index)).collect();
        let mut odd: HashMap<NodeId, [u64; 2]> = HashMap::new();
        for item in &items {
            if let Some(folder) = places.get(&item.folder).and_then(|&index| folders.get_mut(index)) {
                let count = if item.hidden { &mut folder.hidden } else { &mut folder.expected };
                *count += 1;
                match item.origin {
                    Origin::Unlisted if !item.hidden => odd.entry(folder.id).or_default()[0] += 1,
                    Origin::RowOnly => odd.entry(folder.id).or_default()[1] += 1,
                    _ => {}
                }
            }
        }
        for folder in &mut folders {
            folder.compare_counts(odd.get(&folder.id).copied().unwrap_or_default());
        }
        Ok(Census { folders, items, anomalies: anomalies.take() })
    }

    /// Reads the row ids of every contents table, marks the items they list and adds those that have no node.
    fn mark_listed(
        &mut self,
        nodes: &[NodeEntry],
        folders: &mut [Folder],
        items: &mut Vec<ItemEntry>,
        anomalies: &mut Anomalies,
    ) {
        let mut only_rows: HashMap<NodeId, NodeId> = HashMap::new();
        for folder in folders.iter_mut() {
            if folder.is_search {
                let rows = self.contents(folder.id, false).unwrap_or_default();
                folder.listed = u32::try_from(rows.len()).unwrap_or(u32::MAX);
                self.ndb.anomalies.take();
                continue;
            }
            for (kind, message) in [
                (NidType::ContentsTable, NidType::NormalMessage),
                (NidType::AssocContentsTable, NidType::AssocMessage),
            ] {
                let table = folder.id.with_kind(kind);
                let Some(entry) = find_node(nodes, table) else { continue };
                let rows = self.row_ids(&entry);
                let mut found = Anomalies::default();
                std::mem::swap(&mut found, &mut self.ndb.anomalies);
                folder.anomalies.append(&mut found.take());
                let rows = match rows {
                    Ok(rows) => rows,
                    Err(reason) => {
                        let fault = Fault::Unreadable { what: "contents table", reason };
                        let consequence = Consequence::Repaired;
                        folder.anomalies.push(Anomaly { fault, place: Place::Node(table), consequence });
                        continue;
                    }
                };
                if message == NidType::NormalMessage {
                    folder.listed = u32::try_from(rows.len()).unwrap_or(u32::MAX);
                }
                // Rows mostly come in the order of their items.
                let mut next = 0;
                for id in rows.into_iter().map(NodeId) {
                    let place = match items.get(next) {
                        Some(item) if item.node == id => Ok(next),
                        _ => items.binary_search_by_key(&id, |item| item.node),
                    };
                    if let Ok(index) = place {
                        next = index + 1;
                        if let Some(item) =
                            items.get_mut(index).filter(|item| item.origin == Origin::Unlisted)
                        {
                            item.origin = Origin::Listed;
                        } else if let Some(item) =
                            items.get_mut(index).filter(|item| item.origin == Origin::Orphan)
                        {
                            // The table that lists it is a better home than none.
                            item.folder = folder.id;
                        }
                    } else if id.kind() == NidType::NormalMessage {
                        only_rows.entry(id).or_insert(folder.id);
                    } else if id.kind() != message {
                        anomalies.push(Fault::StrangeRow(id), Place::Node(table), Consequence::Used);
                    }
                }
            }
        }
        self.file.homes.get_or_init(|| {
            let mut homes: Vec<_> = only_rows.iter().map(|(&node, &folder)| (node, folder)).collect();
            homes.sort_unstable();
            homes
        });
        items.extend(only_rows.into_iter().map(|(node, folder)| ItemEntry {
            node,
            data: BlockId(0),
            sub: BlockId(0),
            folder,
            hidden: false,
            origin: Origin::RowOnly,
            salvaged: false,
            file_offset: 0,
        }));
        items.sort_by_key(|item| item.node);
    }

    fn row_ids(&mut self, entry: &NodeEntry) -> Result<Vec<u32>, ReadError> {
        let table = Table::open(&mut self.ndb, entry.nid, entry.data, entry.sub)?;
        table.row_ids(&mut self.ndb)
    }

    /// Takes the places of all items' data from one pass over the block B-tree, rather than one search each.
    fn add_offsets(&mut self, items: &mut [ItemEntry]) -> Result<(), OpenError> {
        if items.len() < 64 {
            for item in items {
                item.file_offset = self.ndb.offset(item.data).map_or(0, |ib| ib.0);
            }
            return Ok(());
        }
        let mut order: Vec<(u64, usize)> =
            items.iter().enumerate().map(|(index, item)| (item.data.key(), index)).collect();
        order.sort_unstable();
        let mut known = Anomalies::default();
        // Blocks come in the order of their ids, but for those that were salvaged.
        let (mut from, mut before) = (0, 0);
        self.file.ndb.blocks(&mut known, &mut |block| {
            let key = block.bid.key();
            if key < before {
                from = order.partition_point(|&(bid, _)| bid < key);
            } else {
                from +=
                    order.get(from..).unwrap_or_default().iter().take_while(|&&(bid, _)| bid < key).count();
            }
            before = key;
            for &(_, index) in
                order.get(from..).unwrap_or_default().iter().take_while(|&&(bid, _)| bid == key)
            {
                if let Some(item) = items.get_mut(index) {
                    item.file_offset = block.ib.0;
                }
            }
        })
    }
}

impl Folder {
    /// Notes where the contents table, `PidTagContentCount` and the nodes that name the folder do not agree.
    fn compare_counts(&mut self, [unlisted, without_node]: [u64; 2]) {
        if self.is_search || self.is_synthetic {
            return;
        }
        let table = Place::Node(self.id.with_kind(NidType::ContentsTable));
        let mut note = |fault, place, consequence| self.anomalies.push(Anomaly { fault, place, consequence });
        if unlisted > 0 {
            note(Fault::Unlisted(unlisted), table, Consequence::Repaired);
        }
        if without_node > 0 {
            note(Fault::RowsWithoutNode(without_node), table, Consequence::Lost);
        }
        if let Some(stated) = self.content_count.filter(|&stated| stated != self.expected) {
            let found = u64::from(self.expected);
            let fault = Fault::Count { what: "PidTagContentCount", stated: stated.into(), found };
            let consequence = if u64::from(stated) > found { Consequence::Lost } else { Consequence::Used };
            note(fault, Place::Node(self.id), consequence);
        }
    }
}

pub(crate) fn find_node(nodes: &[NodeEntry], nid: NodeId) -> Option<NodeEntry> {
    nodes.get(nodes.binary_search_by_key(&nid, |node| node.nid).ok()?).copied()
}

fn item_entry(node: &NodeEntry, folders: &HashSet<NodeId>, scanned: &[NodeId]) -> Option<ItemEntry> {
    let hidden = match node.nid.kind() {
        NidType::NormalMessage => false,
        NidType::AssocMessage => true,
        _ => return None,
    };
    let known = folders.contains(&node.parent);
    Some(ItemEntry {
        node: node.nid,
        data: node.data,
        sub: node.sub,
        folder: if known { node.parent } else { Census::RECOVERED },
        hidden,
        origin: if known { Origin::Unlisted } else { Origin::Orphan },
        salvaged: scanned.binary_search(&node.nid).is_ok(),
        file_offset: 0,
    })
}

pub(crate) fn recovered_folder() -> Folder {
    let mut folder = Folder::new(Census::RECOVERED, None);
    folder.name = "Recovered".into();
    folder.is_synthetic = true;
    folder.set_path(&[]);
    folder
}
