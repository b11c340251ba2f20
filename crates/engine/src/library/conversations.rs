//! What stands around an item: its conversation, and items that are like it.

use super::{Library, answers::guarded};
use crate::error::Result;
use crate::ids::ItemId;
use crate::relations::tree::tree;
use crate::search::{self, Hit, Page, Question};
use std::collections::HashMap;
use std::sync::Arc;

/// Of a conversation, at most so many items are shown, the earliest.
const MAX_MEMBERS: usize = 2000;

/// Of items that say the same, so many are shown.
const MAX_COPIES: usize = 500;

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
    /// Whether it answers the question that was asked of the conversation.
    pub matches: bool,
    /// The message that it answers is not in the library: a number for each such message of the conversation, from 0.
    pub gap: Option<u32>,
}

impl Library {
    /// The conversation that an item is in; of very long ones the first 2,000 items.
    ///
    /// # Errors
    /// [`crate::Error::NoSuch`] when there is no item of this id; SQLite's.
    pub fn conversation(&self, id: ItemId) -> Result<Conversation> {
        self.conversation_about(id, None)
    }

    /// The same, with marks, and told which of its items answer `question`.
    ///
    /// # Errors
    /// [`crate::Error::NoSuch`] when there is no item of this id; [`crate::Error::BadQuery`]; the stores'.
    pub fn conversation_about(&self, id: ItemId, question: Option<&Question>) -> Result<Conversation> {
        let store = &self.shared.store;
        let members = store.conversation_of(id)?;
        if members.is_empty() {
            return Err(crate::Error::NoSuch { what: "item", id: id.0 });
        }
        let placed = tree(store.members(&members, MAX_MEMBERS)?);
        // Of very long ones not all is looked at: what is missing then may well be there.
        let whole = members.len() <= MAX_MEMBERS;
        let ids: Vec<ItemId> = placed.iter().map(|placed| ItemId(placed.id)).collect();
        let rows = guarded(|| search::rows_of(&self.shared.index, store, &ids, question))?;
        let mut rows: HashMap<ItemId, _> = rows.into_iter().map(|row| (row.0.row.id, row)).collect();
        let messages = placed.into_iter().filter_map(|placed| {
            let (mut hit, matches) = rows.remove(&ItemId(placed.id))?;
            hit.stands_for = placed.copies.len() as u64 + 1;
            Some(Message {
                hit,
                parent: placed.parent.map(ItemId),
                depth: placed.depth,
                copies: placed.copies.into_iter().map(ItemId).collect(),
                matches,
                gap: placed.gap.filter(|_| whole),
            })
        });
        Ok(Conversation { total: members.len() as u64, messages: messages.collect() })
    }

    /// The items that say the same as an item, itself included, by their numbers; of very many the first 500.
    ///
    /// # Errors
    /// SQLite's.
    pub fn copies(&self, id: ItemId) -> Result<(u64, Vec<Hit>)> {
        let store = &self.shared.store;
        let mut ids = store.copies_of(id)?;
        ids.sort_unstable();
        let total = ids.len() as u64;
        let ids: Vec<ItemId> = ids.into_iter().take(MAX_COPIES).map(ItemId).collect();
        Ok((total, store.hits(&ids)?.into_iter().map(search::plain).collect()))
    }

    /// Items whose words are like those of an item, most alike first; of those that say the same, one. The item itself and what says
    /// the same as it are left out.
    ///
    /// # Errors
    /// [`crate::Error::NoSuch`] when there is no item of this id; the stores'.
    pub fn related(&self, id: ItemId, limit: usize) -> Result<Page> {
        let find = || guarded(|| search::related(&self.shared.index, &self.shared.store, id, limit));
        self.cache.related(id, limit, find).map(Arc::unwrap_or_clone)
    }
}
