//! Messages that no page names any more, known by their blocks alone: a heap that holds a property context with a message
//! class ([MS-PST] 2.3.1.2, 2.3.3, 2.4.5.1).

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::attachment::Budget;
use super::item::Item;
use super::message::Message;
use super::recover::{Certainty, Identity, Marks, RecoveredNode, Recovery, identity, is_message};
use super::store::Reader;
use super::tags;
use crate::error::{Anomalies, OpenError};
use crate::ndb::ids::{BlockId, NidType, NodeId};
use crate::ndb::{Loose, NdbReader, NodeEntry};

/// A message without a node.
struct Carved {
    head: BlockId,
    data: BlockId,
    sub: BlockId,
    hidden: bool,
    unsent: bool,
    likeness: Likeness,
    identity: Identity,
    row: u64,
}

/// What the states of one item have in common, and other items do not: its search key; or when it was created, and as
/// what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Likeness {
    key: Option<u64>,
    made: u64,
}

impl Likeness {
    /// What is surest of it.
    fn best(self) -> u64 {
        self.key.unwrap_or(self.made)
    }
}

/// mfUnsent and mfFAI of `PidTagMessageFlags` ([MS-OXCMSG] 2.2.1.6).
const UNSENT: i32 = 0x08;
const HIDDEN: i32 = 0x40;

/// Properties of which a message has at least one beside its class.
const OF_MESSAGES: [u16; 5] = [
    tags::SUBJECT,
    tags::MESSAGE_FLAGS,
    tags::DELIVERY_TIME,
    tags::CREATION_TIME,
    tags::LAST_MODIFICATION_TIME,
];

/// Rows without a node that are compared with what was carved.
const MOST_ROWS: usize = 1 << 17;

/// Ids of nodes from here on are those that carved items are given: no file counts so far.
const FIRST_NODE: u32 = 1 << 26;

impl Reader<'_> {
    /// Adds to `recovery` the messages that are known by their blocks alone. A former state of an item that is in use,
    /// or that was recovered otherwise, is left out.
    pub(crate) fn carve(&mut self, recovery: &mut Recovery, budget: &mut u64) -> Result<(), OpenError> {
        self.ndb.past = true;
        let carved = self.carved(recovery, budget);
        self.ndb.past = false;
        let mut carved = carved?;
        let found = carved.len();
        self.find_rows(recovery, &mut carved);
        self.drop_former_states(recovery, &mut carved)?;
        let rows = recovery.items.iter().filter(|item| item.certainty == Certainty::Carved).count();
        recovery.duplicates += (found - rows - carved.len()) as u64;
        self.name(recovery, &carved)
    }

    /// Everything that looks like a message, of several states the newest.
    fn carved(&mut self, recovery: &mut Recovery, budget: &mut u64) -> Result<Vec<Carved>, OpenError> {
        let mut loose = Loose::find(&mut self.ndb, budget)?;
        recovery.cut |= loose.cut;
        let mut known: HashSet<u64> = HashSet::new();
        let mut all = Vec::new();
        for head in std::mem::take(&mut loose.heads).into_iter().rev() {
            let Some(found) = self.look_at(head, &mut loose) else { continue };
            if known.insert(found.likeness.best()) {
                all.push(found);
            } else {
                recovery.duplicates += 1;
            }
        }
        self.ndb.anomalies.take();
        Ok(all)
    }

    fn look_at(&mut self, head: BlockId, loose: &mut Loose) -> Option<Carved> {
        let (reader, data) = (&mut self.ndb, loose.tree_of(head));
        let no_node = NodeId(0);
        let message = Message::open(reader, self.file, no_node, data, BlockId(0)).ok()?;
        let properties = &message.properties;
        let has = |tag: &u16| properties.record(*tag).is_some();
        if !OF_MESSAGES.iter().any(has) || has(&tags::ATTACH_METHOD) {
            return None;
        }
        properties.text(reader, tags::MESSAGE_CLASS).filter(|class| !class.trim().is_empty())?;
        let mut wanted = properties.sub_nodes();
        wanted.sort_unstable();
        let sub = loose.take_sub_nodes(head, &wanted).unwrap_or_default();
        let flags = properties.int(tags::MESSAGE_FLAGS).unwrap_or(0);
        let (likeness, identity) = (likeness(reader, &message), identity(reader, &message));
        let row = row_mark(&message.item(reader, self.file, &mut Budget::default()));
        let (hidden, unsent) = (flags & HIDDEN != 0, flags & UNSENT != 0);
        Some(Carved { head, data, sub, hidden, unsent, likeness, identity, row })
    }

    /// Gives those that are all a row of a contents table tells of their node back.
    fn find_rows(&mut self, recovery: &mut Recovery, carved: &mut Vec<Carved>) {
        if carved.is_empty() {
            return;
        }
        let known: HashSet<NodeId> = recovery.items.iter().map(|item| item.node.nid).collect();
        let mut rows: HashMap<u64, Option<(NodeId, NodeId)>> = HashMap::new();
        for (node, folder) in
            self.homes().into_iter().filter(|(node, _)| !known.contains(node)).take(MOST_ROWS)
        {
            let Some(item) = self.row_alone(node) else { continue };
            // Rows that say the same tell nothing.
            rows.entry(row_mark(&item)).and_modify(|row| *row = None).or_insert(Some((node, folder)));
        }
        carved.retain(|found| {
            let Some((nid, parent)) = rows.remove(&found.row).flatten().filter(|_| !found.hidden) else {
                return true;
            };
            let node = NodeEntry { nid, data: found.data, sub: found.sub, parent };
            recovery.items.push(RecoveredNode { node, certainty: Certainty::Carved });
            false
        });
    }

    /// Leaves out what is a former state of an item that is there.
    fn drop_former_states(&mut self, recovery: &Recovery, carved: &mut Vec<Carved>) -> Result<(), OpenError> {
        if carved.is_empty() {
            return Ok(());
        }
        let wanted: HashSet<u64> = carved.iter().map(|found| found.likeness.best()).collect();
        let mut living = HashSet::new();
        let mut look = |reader: &mut Self, node: NodeEntry| {
            if let Ok(message) = Message::open(&mut reader.ndb, reader.file, node.nid, node.data, node.sub) {
                let likeness = likeness(&mut reader.ndb, &message);
                let both = [likeness.key, Some(likeness.made)];
                living.extend(both.into_iter().flatten().filter(|mark| wanted.contains(mark)));
            }
        };
        self.ndb.past = true;
        for item in &recovery.items {
            look(self, item.node);
        }
        // What was sent has the times that it had; a draft was given others when it was sent.
        let mut marks = Marks::default();
        carved.iter().for_each(|found| marks.add(&found.identity, found.hidden));
        self.ndb.past = false;
        let others = if carved.iter().any(|found| found.unsent) { Vec::new() } else { self.others(&marks)? };
        let mut suspects = Vec::new();
        self.file.ndb.nodes(&mut Anomalies::default(), &mut |node| {
            if is_message(node.nid) && others.binary_search(&node.nid).is_err() {
                suspects.push(node);
            }
        })?;
        // Blocks are numbered as they are written, so that this is nearly the order of the file.
        suspects.sort_unstable_by_key(|node| node.data);
        for node in suspects {
            look(self, node);
        }
        self.ndb.anomalies.take();
        carved.retain(|found| !living.contains(&found.likeness.best()));
        Ok(())
    }

    /// Gives each an id that no node has. It follows from its block, and is the same for as long as that is there.
    fn name(&mut self, recovery: &mut Recovery, carved: &[Carved]) -> Result<(), OpenError> {
        if carved.is_empty() {
            return Ok(());
        }
        let mut taken: HashSet<NodeId> = recovery.items.iter().map(|item| item.node.nid).collect();
        taken.extend(self.homes().into_iter().map(|(node, _)| node));
        self.file.ndb.nodes(&mut Anomalies::default(), &mut |node| {
            if node.nid.index() >= FIRST_NODE {
                taken.insert(node.nid);
            }
        })?;
        for found in carved {
            let kind = if found.hidden { NidType::AssocMessage } else { NidType::NormalMessage };
            let first = (found.head.0 >> 2) as u32;
            let free = (0..FIRST_NODE)
                .map(|step| NodeId::new(kind, FIRST_NODE | (first.wrapping_add(step) & (FIRST_NODE - 1))))
                .find(|nid| taken.insert(*nid));
            let Some(nid) = free else { continue };
            let node = NodeEntry { nid, data: found.data, sub: found.sub, parent: NodeId(0) };
            recovery.items.push(RecoveredNode { node, certainty: Certainty::Carved });
        }
        Ok(())
    }
}

fn digest(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

fn likeness(reader: &mut NdbReader<'_>, message: &Message) -> Likeness {
    let properties = &message.properties;
    let key = properties.binary(reader, tags::SEARCH_KEY);
    let key = key.filter(|key| key.iter().any(|&byte| byte != 0)).map(|key| digest(&&key[..]));
    let mut time = |tag| properties.time(reader, tag).map(|time| time.0);
    let (created, sent) = (time(tags::CREATION_TIME), time(tags::CLIENT_SUBMIT_TIME));
    let mut text = |tag| properties.text(reader, tag);
    let class = text(tags::MESSAGE_CLASS);
    // Whatever else of it was changed, it was created but once.
    let made = match created {
        Some(created) => digest(&(class, created)),
        None => digest(&(class, sent, text(tags::INTERNET_MESSAGE_ID), text(tags::SUBJECT))),
    };
    Likeness { key, made }
}

/// What a row and the message that it stands for both say.
fn row_mark(item: &Item) -> u64 {
    let times = [item.submitted, item.delivered].map(|time| time.map(|time| time.0));
    digest(&(&item.class, &item.subject, times, item.size))
}
