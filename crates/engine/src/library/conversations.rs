//! What stands around an item: its conversation, and items that are like it.

use super::{Library, answers::guarded};
use crate::error::Result;
use crate::ids::ItemId;
use crate::relations::tree::tree;
use crate::search::{self, Hit, Page};
use std::collections::HashMap;

/// Of a conversation, at most so many items are shown, the earliest.
const MAX_MEMBERS: usize = 2000;

/// A conversation, its items under each other.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// Items in all, copies and those beyond what is shown included.
    pub total: u64,
    /// The items, each behind what it answers.
    pub messages: Vec<Message>,
}

/// An item of a conversation.
#[derive(Debug, Clone)]
pub struct Message {
    /// The item as a list shows it.
    pub hit: Hit,
    /// The item above it.
    pub parent: Option<ItemId>,
    /// 0 for those that answer nothing of the conversation.
    pub depth: u32,
    /// Other items of it that say the same.
    pub copies: Vec<ItemId>,
}

impl Library {
    /// The conversation that an item is in; of very long ones the first 2,000 items.
    ///
    /// # Errors
    /// [`crate::Error::NoSuch`] when there is no item of this id; SQLite's.
    pub fn conversation(&self, id: ItemId) -> Result<Conversation> {
        let store = &self.shared.store;
        let members = store.conversation_of(id)?;
        if members.is_empty() {
            return Err(crate::Error::NoSuch { what: "item", id: id.0 });
        }
        let placed = tree(store.members(&members, MAX_MEMBERS)?);
        let ids: Vec<ItemId> = placed.iter().map(|placed| ItemId(placed.id)).collect();
        let mut rows: HashMap<ItemId, _> = store.hits(&ids)?.into_iter().map(|row| (row.id, row)).collect();
        let messages = placed.into_iter().filter_map(|placed| {
            let mut hit = search::plain(rows.remove(&ItemId(placed.id))?);
            hit.stands_for = placed.copies.len() as u64 + 1;
            Some(Message {
                hit,
                parent: placed.parent.map(ItemId),
                depth: placed.depth,
                copies: placed.copies.into_iter().map(ItemId).collect(),
            })
        });
        Ok(Conversation { total: members.len() as u64, messages: messages.collect() })
    }

    /// Items whose words are like those of an item, most alike first; of those that say the same, one. The item itself and what says
    /// the same as it are left out.
    ///
    /// # Errors
    /// [`crate::Error::NoSuch`] when there is no item of this id; the stores'.
    pub fn related(&self, id: ItemId, limit: usize) -> Result<Page> {
        guarded(|| search::related(&self.shared.index, &self.shared.store, id, limit))
    }
}
