//! What the contents table of a folder says of a message ([MS-PST] 2.4.4.5): all that is left of one whose own node is
//! gone or damaged.

use std::sync::OnceLock;

use super::class::ItemKind;
use super::item::{Item, RecipientKind, split_subject};
use super::message::{Message, Property};
use super::store::Reader;
use super::tags;
use crate::error::{Anomaly, Consequence, Fault, ItemError, Place, ReadError};
use crate::ltp::{Row, RowPlaces, Table};
use crate::ndb::ids::{NidType, NodeId};

/// The contents tables that were looked at last, the latest at the end.
#[derive(Default)]
pub(crate) struct Tables(Vec<Rows>);

/// A contents table.
struct Rows {
    /// Its node.
    node: NodeId,
    /// `None` when it cannot be read.
    table: Option<(Table, RowPlaces)>,
}

/// So many tables, and of all together so many rows, are kept at hand.
const MOST_TABLES: usize = 64;
const MOST_ROWS: usize = 1 << 21;

impl Tables {
    fn take(&mut self, node: NodeId) -> Option<Rows> {
        let index = self.0.iter().position(|rows| rows.node == node)?;
        Some(self.0.remove(index))
    }

    fn put(&mut self, rows: Rows) {
        self.0.push(rows);
        let count = |rows: &Rows| rows.table.as_ref().map_or(0, |(_, places)| places.len());
        while self.0.len() > 1
            && (self.0.len() > MOST_TABLES || self.0.iter().map(count).sum::<usize>() > MOST_ROWS)
        {
            self.0.remove(0);
        }
    }
}

/// The folders of messages that only a contents table names, in order of the messages; found by the first census.
pub(crate) type Homes = OnceLock<Vec<(NodeId, NodeId)>>;

impl Reader<'_> {
    /// What the row of `node` says, in place of an item that `error` keeps from being read; the same error where there
    /// is no row.
    pub(crate) fn item_of_row(&mut self, node: NodeId, error: ItemError) -> Result<Item, ItemError> {
        let mut item = Item::empty(node);
        if is_of_system(&error) || !self.fill_from_row(&mut item) {
            return Err(error);
        }
        item.from_row = true;
        let fault = Fault::OnlyRow(Box::new(error));
        item.anomalies.push(Anomaly { fault, place: Place::Node(node), consequence: Consequence::Lost });
        Ok(item)
    }

    /// Completes an item of which properties are lost by what its row repeats of them.
    pub(crate) fn complete_from_row(&mut self, item: &mut Item) {
        let lost = item.anomalies.iter().any(|anomaly| anomaly.consequence == Consequence::Lost);
        let bare = item.class.is_empty()
            || item.subject.is_empty()
            || item.sender.is_empty()
            || (item.submitted.is_none() && item.delivered.is_none());
        if !(lost && bare) {
            return;
        }
        let before = item.clone();
        if self.fill_from_row(item) && *item != before {
            let place = Place::Node(item.node);
            item.anomalies.push(Anomaly { fault: Fault::FromRow, place, consequence: Consequence::Repaired });
        }
    }

    /// Puts what the row says where the item says nothing. False when there is no row.
    fn fill_from_row(&mut self, item: &mut Item) -> bool {
        let Some((rows, row)) = self.row_of(item.node) else { return false };
        if let Some((table, _)) = &rows.table {
            let reader = &mut self.ndb;
            let mut text = |tag, own: &mut String| {
                if own.is_empty() {
                    *own = table.text(reader, &row, tag).unwrap_or_default();
                }
            };
            if item.class.is_empty() {
                text(tags::MESSAGE_CLASS, &mut item.class);
                item.class.truncate(item.class.trim_end_matches(['\0', ' ']).len());
                item.kind = ItemKind::of(&item.class);
            }
            if item.subject.is_empty() {
                let mut raw = String::new();
                text(tags::SUBJECT, &mut raw);
                let (subject, topic) = split_subject(&raw);
                (item.subject, item.topic) = (subject.to_owned(), topic.to_owned());
            }
            text(tags::CONVERSATION_TOPIC, &mut item.conversation_topic);
            text(tags::SENT_REPRESENTING_NAME, &mut item.representing.name);
            if item.sender.is_empty() {
                item.sender.clone_from(&item.representing);
            }
            text(tags::DISPLAY_TO, &mut item.display_to);
            text(tags::DISPLAY_CC, &mut item.display_cc);
            text(tags::INTERNET_MESSAGE_ID, &mut item.message_id);
            if item.recipients.is_empty() {
                item.recipients = Message::shown_recipients([
                    (RecipientKind::To, &item.display_to),
                    (RecipientKind::Cc, &item.display_cc),
                    (RecipientKind::Bcc, &item.display_bcc),
                ]);
            }
            for (tag, time) in [
                (tags::CLIENT_SUBMIT_TIME, &mut item.submitted),
                (tags::DELIVERY_TIME, &mut item.delivered),
                (tags::CREATION_TIME, &mut item.created),
                (tags::LAST_MODIFICATION_TIME, &mut item.modified),
            ] {
                *time = time.or_else(|| table.time(reader, &row, tag));
            }
            let mut int = |tag| table.int(reader, &row, tag);
            item.size = item.size.or_else(|| int(tags::MESSAGE_SIZE).map(|size| size as u32));
            if item.flags == 0 {
                item.flags = int(tags::MESSAGE_FLAGS).unwrap_or(0) as u32;
            }
            if item.flag_status == 0 {
                item.flag_status = int(tags::FLAG_STATUS).unwrap_or(0);
            }
            if item.importance == Item::NORMAL_IMPORTANCE {
                item.importance = int(tags::IMPORTANCE).unwrap_or(Item::NORMAL_IMPORTANCE);
            }
            if item.sensitivity == 0 {
                item.sensitivity = int(tags::SENSITIVITY).unwrap_or(0);
            }
        }
        item.anomalies.append(&mut self.ndb.anomalies.take());
        self.tables.put(rows);
        true
    }

    /// What the contents table of its folder says of an item, as properties: a copy of some of its own, by which lists of
    /// messages are shown ([MS-PST] 2.4.4.5.1). `None` when no table lists it.
    pub fn row_properties(&mut self, node: NodeId) -> Option<Vec<Property>> {
        let (rows, row) = self.row_of(node)?;
        let mut all = Vec::new();
        if let Some((table, _)) = &rows.table {
            for (id, kind) in table.columns() {
                let Some(value) = table.cell(&mut self.ndb, &row, id) else { continue };
                let name = self.file.names().name(id).cloned();
                all.push(Property { id, kind, name, value: Ok(value) });
            }
        }
        all.sort_by_key(|property| property.id);
        self.ndb.anomalies.take();
        self.tables.put(rows);
        Some(all)
    }

    /// The row of `node` in the contents table of its folder, and the table, which is to be put back.
    fn row_of(&mut self, node: NodeId) -> Option<(Rows, Row)> {
        let past = std::mem::replace(&mut self.ndb.past, false);
        let found = self.find_row(node);
        self.ndb.past = past;
        found
    }

    fn find_row(&mut self, node: NodeId) -> Option<(Rows, Row)> {
        let kind = match node.kind() {
            NidType::NormalMessage => NidType::ContentsTable,
            NidType::AssocMessage => NidType::AssocContentsTable,
            _ => return None,
        };
        let folder = match self.ndb.node(node) {
            Ok(entry) => entry.parent,
            Err(_) => self.home_of(node)?,
        };
        let place = folder.with_kind(kind);
        let known = self.tables.take(place);
        let rows = known.unwrap_or_else(|| Rows { node: place, table: self.open_rows(place).ok() });
        let found = rows
            .table
            .as_ref()
            .and_then(|(table, places)| table.row(&mut self.ndb, places, node.0).ok().flatten());
        self.ndb.anomalies.take();
        match found {
            Some(row) => Some((rows, row)),
            None => {
                self.tables.put(rows);
                None
            }
        }
    }

    fn open_rows(&mut self, node: NodeId) -> Result<(Table, RowPlaces), ReadError> {
        let entry = self.ndb.node(node)?;
        let mut table = Table::open(&mut self.ndb, node, entry.data, entry.sub)?;
        table.charset = self.file.default_charset();
        let places = table.places(&mut self.ndb)?;
        Ok((table, places))
    }

    /// The item that the row of `node` is, when there is one.
    pub(crate) fn row_alone(&mut self, node: NodeId) -> Option<Item> {
        let mut item = Item::empty(node);
        self.fill_from_row(&mut item).then_some(item)
    }

    /// Messages that only a contents table names, each with the folder.
    pub(crate) fn homes(&mut self) -> Vec<(NodeId, NodeId)> {
        // What the system refuses to read is told to whoever asks for the message itself.
        if self.file.homes.get().is_none() && self.census().is_err() {
            return Vec::new();
        }
        self.file.homes.get().cloned().unwrap_or_default()
    }

    /// The folder whose contents table names a message that has no node.
    fn home_of(&mut self, node: NodeId) -> Option<NodeId> {
        if self.file.homes.get().is_none() {
            self.census().ok()?;
        }
        let homes = self.file.homes.get()?;
        let index = homes.binary_search_by_key(&node, |&(node, _)| node).ok()?;
        homes.get(index).map(|&(_, folder)| folder)
    }
}

/// What the operating system could not read now may be whole all the same.
fn is_of_system(error: &ItemError) -> bool {
    matches!(error, ItemError::Unreadable { reason: ReadError::Io { .. }, .. })
}
