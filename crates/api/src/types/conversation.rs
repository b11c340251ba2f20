use super::{Hit, ItemId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Whose conversation to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConversationRequest {
    /// Any item of it.
    pub id: ItemId,
}

/// A conversation: items that answer each other by Message-ID, conversation index, or (people and time agreeing) subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Conversation {
    /// Items in all. Those that say the same are shown once, and of very long conversations the first 2,000 are shown.
    pub total: u64,
    /// The items, each behind what it answers, answers to one item by date.
    pub messages: Vec<ConversationMessage>,
}

/// An item of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ConversationMessage {
    /// The item as a list shows it, without marks; `stands_for` counts it with its copies.
    pub hit: Hit,
    /// The item above it.
    pub parent: Option<ItemId>,
    /// 0 for those that answer nothing of the conversation; at most 64.
    pub depth: u32,
    /// Other items of the conversation that say the same.
    pub copies: Vec<ItemId>,
}

/// What to find the like of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RelatedRequest {
    /// The item.
    pub id: ItemId,
    /// How many to give, 1 to 500; 20 where absent.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
}

/// Items like another; of those that say the same, one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Related {
    /// How many have any of its telling words.
    pub total: u64,
    /// The most alike, most alike first.
    pub hits: Vec<Hit>,
    /// Time taken by the engine, in milliseconds.
    pub took_ms: f64,
}
