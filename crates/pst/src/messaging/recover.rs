//! Deleted items that are still in the file: messages that only B-tree pages out of use name.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::census::{Census, ItemEntry, Origin};
use super::message::Message;
use super::store::{PstFile, Reader};
use super::tags;
use crate::error::{Anomalies, Anomaly, Consequence, Fault, OpenError, Place, ReadError};
use crate::ltp::Table;
use crate::ndb::ids::{BlockId, NidType, NodeId};
use crate::ndb::{NdbReader, NodeEntry};

/// How sure it is that a recovered item is what it once was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// No page names it any more, only its own blocks say that it was there: which folder it lay in is not known, and
    /// its recipients and attachments are those that lie nearest.
    Carved,
    /// Its properties come from a block whose checksum is wrong, or it does not say what kind of item it is.
    Doubtful,
    /// Its properties are whole, but of its bodies, recipients or attachments blocks are damaged or gone.
    Partial,
    /// All its blocks are there, each with its own id and a right checksum.
    Certain,
}

/// An item that was deleted and is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecoveredNode {
    /// The node as the newest page named it from which the item can be read.
    pub node: NodeEntry,
    /// How sure it is.
    pub certainty: Certainty,
}

/// What a search for deleted items came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovery {
    /// The items, in order of their nodes, none of which is in use. Those that are [`Certainty::Carved`] have ids that
    /// no node of the file has, unless the row of a contents table tells theirs.
    pub items: Vec<RecoveredNode>,
    /// Nodes that old pages name, but whose properties are overwritten or damaged beyond reading.
    pub gone: u64,
    /// Items left out because an item in use, or another recovered one, says the same.
    pub duplicates: u64,
    /// Whether there was more than the bounds on memory and time allow.
    pub cut: bool,
}

impl Recovery {
    pub(crate) fn node(&self, nid: NodeId) -> Option<NodeEntry> {
        let index = self.items.binary_search_by_key(&nid, |item| item.node.nid).ok()?;
        self.items.get(index).map(|item| item.node)
    }
}

/// What a [`Census`] is to hold beside what the file names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CensusOptions {
    /// Whether deleted items are looked for. That walks both B-trees of large files once more and reads what they do not use, by a
    /// thread beside the census: where nothing was deleted, half of the work that the census itself is, and a bit for each 64
    /// bytes of the file, at most 16 MB at once. What is found takes as long as reading it, and no more than a hundred megabytes
    /// until all is told apart (`examples/recovered.rs` measures it). Where blocks tell of messages that nothing names, the
    /// properties of those in use that may be later states of them are looked at too; where one of them was a draft, of all.
    pub recover: bool,
}

/// What tells two items apart whatever their nodes are.
pub(crate) struct Identity {
    /// Stands for class, subject, message id and name, three times, search key and size.
    digest: u128,
    times: Times,
    /// Whether it says what kind of item it is.
    is_named: bool,
}

/// When an item was sent and when it arrived, as far as it says: rows of contents tables repeat both.
type Times = [Option<u64>; 2];

/// Blocks of one item that are looked at, and in a whole file for each block that it has room for.
const MOST_BLOCKS: u64 = 1 << 20;

impl PstFile {
    /// The deleted items that are still in the file. The first time reads all space that is not in use, and of what it
    /// finds every block; later calls give the same. From then on every [`Reader`] of the file reads them like other
    /// items.
    ///
    /// Fails only when the operating system does.
    pub fn recovery(&self) -> Result<&Recovery, OpenError> {
        if let Some(found) = self.recovered() {
            return Ok(found);
        }
        self.ndb.find_past()?;
        let found = self.reader().recover()?;
        Ok(self.recovery.get_or_init(|| found))
    }

    /// Gives back what is kept of the B-trees from opening the file, 72 MB at most: a [`Census`] and a search for deleted items need not
    /// read their pages again while it is there, and reading items does not need it.
    pub fn forget_trees(&self) {
        self.ndb.forget_kept();
    }

    pub(crate) fn recovered(&self) -> Option<&Recovery> {
        self.recovery.get()
    }
}

impl Reader<'_> {
    /// As [`Reader::census`], and by the options deleted items too, which [`Census::expected`] does not count.
    /// Fails only when the operating system does.
    pub fn census_with(&mut self, options: CensusOptions) -> Result<Census, OpenError> {
        if !options.recover {
            return self.census();
        }
        // What is in use and what is not are told apart by the trees alone, so both can be gone through at the same time.
        let file = self.file;
        let (swept, census) = std::thread::scope(|scope| {
            let sweep = scope.spawn(|| file.ndb.find_past().map(|_| ()));
            let census = self.census();
            (sweep.join(), census)
        });
        let mut census = census?;
        swept.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let recovery = file.recovery()?;
        census.add_recovered(recovery);
        if recovery.cut {
            let fault = Fault::Limit { what: "deleted items", kept: recovery.items.len() as u64 };
            census.anomalies.push(Anomaly { fault, place: Place::File, consequence: Consequence::Lost });
        }
        self.ndb.past = true;
        for item in census.items.iter_mut().filter(|item| item.file_offset == 0) {
            item.file_offset = self.ndb.offset(item.data).map_or(0, |ib| ib.0);
        }
        self.ndb.past = false;
        Ok(census)
    }

    fn recover(&mut self) -> Result<Recovery, OpenError> {
        let mut recovery = Recovery::default();
        let Some(past) = self.file.ndb.past() else { return Ok(recovery) };
        recovery.cut = past.cut;
        let mut budget = self.file.size() / 64 + 1024;
        let mut known: HashMap<u128, usize> = HashMap::new();
        let mut marks = Marks::default();
        self.ndb.past = true;
        for versions in past.nodes.chunk_by(|a, b| a.nid == b.nid) {
            if budget == 0 {
                break;
            }
            let mut best: Option<(RecoveredNode, Identity)> = None;
            for &node in versions {
                let Some((certainty, identity)) = self.assess(node, &mut budget) else { continue };
                if best.as_ref().is_none_or(|(best, _)| best.certainty < certainty) {
                    best = Some((RecoveredNode { node, certainty }, identity));
                }
            }
            let Some((item, identity)) = best else {
                recovery.gone += 1;
                continue;
            };
            marks.add(&identity, item.node.nid.kind() == NidType::AssocMessage);
            match known.get(&identity.digest).and_then(|&index| recovery.items.get_mut(index)) {
                Some(other) => {
                    recovery.duplicates += 1;
                    // The later node is the later place of the item.
                    if other.certainty <= item.certainty {
                        *other = item;
                    }
                }
                None => {
                    known.insert(identity.digest, recovery.items.len());
                    recovery.items.push(item);
                }
            }
        }
        self.ndb.past = false;
        recovery.cut |= budget == 0;
        self.drop_known(&mut recovery, &known, &marks)?;
        self.carve(&mut recovery, &mut budget)?;
        recovery.items.sort_by_key(|item| item.node.nid);
        Ok(recovery)
    }

    /// Leaves out what an item in use says as well: a message that was moved to another node, or copied.
    fn drop_known(
        &mut self,
        recovery: &mut Recovery,
        known: &HashMap<u128, usize>,
        marks: &Marks,
    ) -> Result<(), OpenError> {
        if recovery.items.is_empty() {
            return Ok(());
        }
        let data: HashMap<u64, usize> =
            recovery.items.iter().zip(0..).map(|(item, index)| (item.node.data.key(), index)).collect();
        let others = self.others(marks)?;
        let (mut doubles, mut suspects) = (HashSet::<usize>::new(), Vec::new());
        self.file.ndb.nodes(&mut Anomalies::default(), &mut |node| {
            if is_message(node.nid) {
                doubles.extend(data.get(&node.data.key()));
                if others.binary_search(&node.nid).is_err() {
                    suspects.push(node);
                }
            }
        })?;
        for node in suspects {
            if let Ok(message) = Message::open(&mut self.ndb, self.file, node.nid, node.data, node.sub) {
                doubles.extend(known.get(&identity(&mut self.ndb, &message).digest));
            }
        }
        self.ndb.anomalies.take();
        recovery.duplicates += doubles.len() as u64;
        let mut index = 0..;
        recovery.items.retain(|_| index.next().is_some_and(|index| !doubles.contains(&index)));
        Ok(())
    }

    /// The messages in use of which a table says that they were sent or arrived at other times than any recovered item:
    /// they need not be opened to know that they are others.
    pub(crate) fn others(&mut self, marks: &Marks) -> Result<Vec<NodeId>, OpenError> {
        let mut tables = Vec::new();
        self.file.ndb.nodes(&mut Anomalies::default(), &mut |node| match node.nid.kind() {
            NidType::ContentsTable => tables.push(node),
            NidType::AssocContentsTable if !marks.hidden => tables.push(node),
            _ => {}
        })?;
        let mut others = Vec::new();
        for node in tables {
            let hidden = node.nid.kind() == NidType::AssocContentsTable;
            let Ok(table) = Table::open(&mut self.ndb, node.nid, node.data, node.sub) else { continue };
            let tells = TIMES.iter().all(|&tag| table.has_column(tag));
            if !tells && !hidden {
                continue;
            }
            // What cannot be read of it says nothing; those messages are opened.
            let _ = table.visit_rows(&mut self.ndb, &mut |reader, row| {
                let times = TIMES.map(|tag| table.time(reader, row, tag).map(|time| time.0));
                if hidden || !marks.times.contains(&times) {
                    others.push(NodeId(row.id));
                }
            });
        }
        self.ndb.anomalies.take();
        others.sort_unstable();
        Ok(others)
    }

    /// Reads what is left of a node. `None` when its properties are gone.
    fn assess(&mut self, node: NodeEntry, budget: &mut u64) -> Option<(Certainty, Identity)> {
        let reader = &mut self.ndb;
        reader.anomalies.take();
        let message = Message::open(reader, self.file, node.nid, node.data, node.sub).ok()?;
        let identity = identity(reader, &message);
        let mut walk = Soundness { left: MOST_BLOCKS.min(*budget), whole: true };
        walk.tree(reader, node.data);
        let properties = walk.whole;
        walk.sub_nodes(reader, node.sub);
        *budget -= MOST_BLOCKS.min(*budget) - walk.left;
        reader.anomalies.take();
        let certainty = match (properties && identity.is_named, walk.whole) {
            (false, _) => Certainty::Doubtful,
            (true, false) => Certainty::Partial,
            (true, true) => Certainty::Certain,
        };
        Some((certainty, identity))
    }
}

pub(crate) fn is_message(nid: NodeId) -> bool {
    matches!(nid.kind(), NidType::NormalMessage | NidType::AssocMessage)
}

/// `PidTagClientSubmitTime`, `PidTagMessageDeliveryTime`
const TIMES: [u16; 2] = [tags::CLIENT_SUBMIT_TIME, tags::DELIVERY_TIME];

/// What the recovered items have in common with items in use that may be the same.
#[derive(Default)]
pub(crate) struct Marks {
    times: HashSet<Times>,
    /// Whether any of them is hidden: their tables say nothing of times.
    hidden: bool,
}

impl Marks {
    pub(crate) fn add(&mut self, identity: &Identity, hidden: bool) {
        self.hidden |= hidden;
        self.times.insert(identity.times);
    }
}

pub(crate) fn identity(reader: &mut NdbReader<'_>, message: &Message) -> Identity {
    let properties = &message.properties;
    let mut text = |tag| properties.text(reader, tag);
    let class = text(tags::MESSAGE_CLASS);
    let texts = [text(tags::SUBJECT), text(tags::INTERNET_MESSAGE_ID), text(tags::DISPLAY_NAME)];
    let mut time = |tag| properties.time(reader, tag).map(|time| time.0);
    let (times, created) = (TIMES.map(&mut time), time(tags::CREATION_TIME));
    let search_key = properties.binary(reader, tags::SEARCH_KEY);
    let whole = (&class, texts, times, created, search_key.as_deref(), properties.int(tags::MESSAGE_SIZE));
    let half = |seed: u8| {
        let mut hasher = DefaultHasher::new();
        (seed, &whole).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    Identity {
        digest: half(0) << 64 | half(1),
        times,
        is_named: class.is_some_and(|class| !class.is_empty()),
    }
}

/// Goes through all blocks of an item.
struct Soundness {
    left: u64,
    whole: bool,
}

impl Soundness {
    fn block(&mut self, reader: &mut NdbReader<'_>, bid: BlockId) {
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                self.whole &= reader.is_sound(bid).unwrap_or(false);
            }
            // What was not looked at is not certain.
            None => self.whole = false,
        }
    }

    fn tree(&mut self, reader: &mut NdbReader<'_>, bid: BlockId) {
        if bid.is_internal() {
            self.block(reader, bid);
        }
        let walked = self.walk(reader, bid);
        self.whole &= walked.is_ok();
    }

    fn walk(&mut self, reader: &mut NdbReader<'_>, bid: BlockId) -> Result<(), ReadError> {
        let mut walk = reader.data_tree(bid)?;
        while self.left > 0
            && let Some(block) = walk.next(reader)?
        {
            self.block(reader, block);
        }
        self.whole &= self.left > 0;
        Ok(())
    }

    /// Sub-nodes have sub-nodes; the bound on blocks ends what refers to itself.
    fn sub_nodes(&mut self, reader: &mut NdbReader<'_>, sub: BlockId) {
        let mut steps = vec![sub];
        while let Some(sub) = steps.pop().filter(|_| self.left > 0) {
            if sub.is_none() {
                continue;
            }
            self.block(reader, sub);
            match reader.sub_nodes(sub) {
                Ok(nodes) => {
                    for node in nodes {
                        self.tree(reader, node.data);
                        steps.push(node.sub);
                    }
                }
                Err(_) => self.whole = false,
            }
        }
        self.whole &= steps.is_empty();
    }
}

impl Census {
    fn add_recovered(&mut self, recovery: &Recovery) {
        let homes: HashMap<NodeId, usize> =
            self.folders.iter().zip(0..).map(|(folder, index)| (folder.id, index)).collect();
        let mut added = Vec::new();
        let mut found_rows: HashMap<NodeId, u64> = HashMap::new();
        for item in &recovery.items {
            let node = item.node;
            if let Ok(index) = self.items.binary_search_by_key(&node.nid, |item| item.node) {
                // A contents table still lists it: it is expected, and can be read after all.
                if let Some(entry) = self.items.get_mut(index) {
                    (entry.data, entry.sub) = (node.data, node.sub);
                    *found_rows.entry(entry.folder).or_default() += 1;
                }
                continue;
            }
            added.push(ItemEntry {
                node: node.nid,
                data: node.data,
                sub: node.sub,
                folder: if homes.contains_key(&node.parent) { node.parent } else { Self::RECOVERED },
                hidden: node.nid.kind() == NidType::AssocMessage,
                origin: Origin::Recovered { certainty: item.certainty },
                salvaged: false,
                file_offset: 0,
            });
        }
        for folder in &mut self.folders {
            let found = found_rows.get(&folder.id).copied().unwrap_or(0);
            let all = |anomaly: &&mut Anomaly| anomaly.fault == Fault::RowsWithoutNode(found);
            folder.anomalies.iter_mut().filter(all).for_each(|rows| rows.consequence = Consequence::Repaired);
        }
        let homeless = added.iter().any(|item| item.folder == Self::RECOVERED);
        if homeless && !homes.contains_key(&Self::RECOVERED) {
            self.folders.push(super::census::recovered_folder());
        }
        let mut homes: HashMap<NodeId, &mut super::Folder> =
            self.folders.iter_mut().map(|folder| (folder.id, folder)).collect();
        for item in added.iter().filter(|item| !item.hidden) {
            if let Some(folder) = homes.get_mut(&item.folder) {
                folder.recovered += 1;
            }
        }
        self.items.append(&mut added);
        self.items.sort_by_key(|item| item.node);
    }
}
