//! The tree of folders ([MS-PST] 2.4.4).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::census::{Folder, find_node};
use super::recover::is_message;
use super::store::Reader;
use super::tags;
use crate::error::{Anomaly, Consequence, Fault, Place, ReadError};
use crate::ltp::{PropertyContext, Table};
use crate::ndb::NodeEntry;
use crate::ndb::ids::{BlockId, NidType, NodeId};

/// The parent of a folder, and its path.
type Above = (NodeId, Vec<Arc<str>>);

/// What the hierarchy tables say.
#[derive(Default)]
struct Hierarchy {
    /// The place of a child among the rows of a folder.
    places: HashMap<(NodeId, NodeId), usize>,
    /// A folder that lists the child.
    parents: HashMap<NodeId, NodeId>,
    /// Tables that cannot be read.
    broken: HashMap<NodeId, ReadError>,
}

impl Reader<'_> {
    /// The messages that a folder's contents table lists, in the order of its rows; those of a search folder lie in
    /// other folders. With `hidden` those of the table of associated messages. Nothing is said of whether they exist.
    ///
    /// Fails when there is no such table or it cannot be read.
    pub fn contents(&mut self, folder: NodeId, hidden: bool) -> Result<Vec<NodeId>, ReadError> {
        let kind = match (folder.kind(), hidden) {
            (_, true) => NidType::AssocContentsTable,
            (NidType::SearchFolder, false) => NidType::SearchContentsTable,
            _ => NidType::ContentsTable,
        };
        self.ndb.past = false;
        let entry = self.ndb.node(folder.with_kind(kind))?;
        self.rows(&entry)
    }

    fn rows(&mut self, table: &NodeEntry) -> Result<Vec<NodeId>, ReadError> {
        let table = Table::open(&mut self.ndb, table.nid, table.data, table.sub)?;
        Ok(table.row_ids_in_order(&mut self.ndb)?.into_iter().map(NodeId).collect())
    }

    fn hierarchy(&mut self, nodes: &[NodeEntry], folders: &[NodeEntry]) -> Hierarchy {
        let mut found = Hierarchy::default();
        for folder in folders.iter().map(|entry| entry.nid) {
            let Some(table) = find_node(nodes, folder.with_kind(NidType::HierarchyTable)) else { continue };
            match self.rows(&table) {
                Ok(rows) => {
                    for (place, child) in rows.into_iter().enumerate() {
                        found.places.entry((folder, child)).or_insert(place);
                        found.parents.entry(child).or_insert(folder);
                    }
                }
                Err(reason) => {
                    found.broken.insert(folder, reason);
                }
            }
        }
        self.ndb.anomalies.take();
        found
    }

    /// All folders of the node B-tree, each after its parent, brothers in the order of their parent's hierarchy table.
    /// Whose child a folder is, its node says; the table, where the node names none that exists.
    pub(crate) fn folders(&mut self, nodes: &[NodeEntry]) -> Vec<Folder> {
        let mut entries: Vec<NodeEntry> =
            nodes.iter().copied().filter(|node| is_folder(node.nid.kind())).collect();
        let mut known: HashSet<NodeId> = entries.iter().map(|entry| entry.nid).collect();
        let mut children: HashMap<NodeId, Vec<NodeEntry>> = HashMap::new();
        let mut tops = Vec::new();
        let hierarchy = self.hierarchy(nodes, &entries);
        // A folder without a node, which a table lists and others lie in, has a name and a place all the same.
        for node in nodes.iter().filter(|node| is_message(node.nid) || is_folder(node.nid.kind())) {
            let Some(&above) = hierarchy.parents.get(&node.parent) else { continue };
            if is_folder(node.parent.kind()) && known.insert(node.parent) {
                entries.push(NodeEntry {
                    nid: node.parent,
                    data: BlockId(0),
                    sub: BlockId(0),
                    parent: above,
                });
            }
        }
        for entry in &entries {
            let listed = || hierarchy.parents.get(&entry.nid).copied();
            let parent = if known.contains(&entry.parent) { Some(entry.parent) } else { listed() };
            match parent.filter(|parent| *parent != entry.nid) {
                Some(parent) => children.entry(parent).or_default().push(*entry),
                None => tops.push(*entry),
            }
        }
        for (parent, children) in &mut children {
            // What the table leaves out follows in order of ids.
            let place = |child: &NodeEntry| hierarchy.places.get(&(*parent, child.nid)).copied();
            children.sort_by_key(|child| (place(child).unwrap_or(usize::MAX), child.nid));
        }
        let mut folders: Vec<Folder> = Vec::with_capacity(entries.len());
        let mut seen = HashSet::new();
        let mut cyclic = entries.iter();
        loop {
            let mut steps: Vec<(NodeEntry, Option<Above>)> =
                tops.drain(..).rev().map(|top| (top, None)).collect();
            while let Some((entry, above)) = steps.pop() {
                if !seen.insert(entry.nid) {
                    continue;
                }
                let row = hierarchy
                    .parents
                    .get(&entry.nid)
                    .and_then(|parent| find_node(nodes, parent.with_kind(NidType::HierarchyTable)));
                let mut folder = self.folder(&entry, above, &known, row);
                if let Some(reason) = hierarchy.broken.get(&entry.nid) {
                    let fault = Fault::Unreadable { what: "hierarchy table", reason: reason.clone() };
                    let place = Place::Node(entry.nid.with_kind(NidType::HierarchyTable));
                    let consequence = Consequence::Repaired;
                    folder.anomalies.push(Anomaly { fault, place, consequence });
                }
                for child in children.get(&entry.nid).into_iter().flatten().rev() {
                    steps.push((*child, Some((entry.nid, folder.path.clone()))));
                }
                folders.push(folder);
            }
            // What is left contains itself: it is cut open anywhere.
            let Some(entry) = cyclic.find(|entry| !seen.contains(&entry.nid)) else { break };
            tops.push(*entry);
        }
        folders
    }

    /// What the hierarchy table `table` calls the folder `nid`.
    fn name_in(&mut self, table: &NodeEntry, nid: NodeId) -> Option<String> {
        let mut table = Table::open(&mut self.ndb, table.nid, table.data, table.sub).ok()?;
        table.charset = self.file.default_charset();
        let rows = table.rows(&mut self.ndb).ok()?;
        let row = rows.iter().find(|row| row.id == nid.0)?;
        table.text(&mut self.ndb, row, tags::DISPLAY_NAME).filter(|name| !name.is_empty())
    }

    /// Reads a folder. What cannot be read of it is taken from its row in `table`.
    fn folder(
        &mut self,
        entry: &NodeEntry,
        above: Option<Above>,
        known: &HashSet<NodeId>,
        table: Option<NodeEntry>,
    ) -> Folder {
        let (parent, path) = above.map_or((None, Vec::new()), |(parent, path)| (Some(parent), path));
        let mut folder = Folder::new(entry.nid, parent);
        let place = Place::Node(entry.nid);
        match PropertyContext::open(&mut self.ndb, entry.nid, entry.data, entry.sub) {
            Ok(mut properties) => {
                properties.charset = self.file.default_charset();
                folder.name = properties.text(&mut self.ndb, tags::DISPLAY_NAME).unwrap_or_default();
                folder.class =
                    properties.text(&mut self.ndb, tags::CONTAINER_CLASS).filter(|class| !class.is_empty());
                let count = |tag| properties.int(tag).and_then(|count| u32::try_from(count).ok());
                folder.content_count = count(tags::CONTENT_COUNT);
                folder.unread_count = count(tags::CONTENT_UNREAD_COUNT);
            }
            Err(reason) => {
                folder.is_synthetic = entry.data.is_none() && entry.sub.is_none();
                folder.name = table
                    .and_then(|table| self.name_in(&table, entry.nid))
                    .unwrap_or_else(|| format!("Unreadable folder {:#x}", entry.nid.0));
                let fault = Fault::Unreadable { what: "folder", reason };
                folder.anomalies.push(Anomaly { fault, place, consequence: Consequence::Repaired });
            }
        }
        folder.anomalies.append(&mut self.ndb.anomalies.take());
        let known = known.contains(&entry.parent);
        if (parent.is_none() || !known) && entry.nid != NodeId::ROOT_FOLDER && entry.parent != entry.nid {
            // Templates hang in the air in every file.
            let fault = if known { Fault::FolderCycle } else { Fault::MissingParent(entry.parent) };
            if entry.parent.0 != 0 {
                folder.anomalies.push(Anomaly { fault, place, consequence: Consequence::Repaired });
            }
        }
        if !(folder.name.is_empty() && entry.nid == NodeId::ROOT_FOLDER) {
            folder.set_path(&path);
        }
        folder
    }
}

fn is_folder(kind: NidType) -> bool {
    matches!(kind, NidType::NormalFolder | NidType::SearchFolder)
}
