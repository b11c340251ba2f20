use super::{FolderId, Hit, ItemId, SourceId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Whose conversation to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConversationRequest {
    /// Any item of it.
    pub id: ItemId,
    /// Tell which of its items match this query, and mark it in them.
    #[serde(default)]
    #[ts(optional)]
    pub query: Option<String>,
    /// Of the query: only items of this source match.
    #[serde(default)]
    #[ts(optional)]
    pub source: Option<SourceId>,
    /// Of the query: only items of this folder and of those below it match.
    #[serde(default)]
    #[ts(optional)]
    pub folder: Option<FolderId>,
    /// Of the query: its last word is unfinished.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub as_you_type: bool,
    /// The zone of whoever asks, as in [`super::SearchRequest::zone`].
    #[serde(default)]
    #[ts(optional)]
    pub zone: Option<String>,
}

/// Of which item to list the copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CopiesRequest {
    /// The item.
    pub id: ItemId,
}

/// Items that say the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Copies {
    /// How many there are, the item itself included.
    pub total: u64,
    /// They, the item itself included; of very many the first 500.
    pub hits: Vec<Hit>,
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
    /// The item as a list shows it; `stands_for` counts it with its copies.
    pub hit: Hit,
    /// The item above it.
    pub parent: Option<ItemId>,
    /// 0 for those that answer nothing of the conversation; at most 64.
    pub depth: u32,
    /// Other items of the conversation that say the same.
    pub copies: Vec<ItemId>,
    /// Whether it matches the query that was asked.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub matches: bool,
    /// It answers a message that is not in the library: a number for each such message of the conversation, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub gap: Option<u32>,
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
