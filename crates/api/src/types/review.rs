use super::{FolderId, ItemId, SourceId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A change to what is said of items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Change {
    /// Flags them here, or no longer; what their file says of flags stays as it is.
    Flag(bool),
    /// They are looked through, or not.
    Reviewed(bool),
    /// Gives a tag.
    Tag(String),
    /// Takes a tag away.
    Untag(String),
    /// Writes a note in place of the one there is; an empty one takes it away.
    Note(String),
}

/// What to change, and of which items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReviewRequest {
    /// The change.
    pub change: Change,
    /// These items; the query is then not looked at.
    #[serde(default)]
    #[ts(optional)]
    pub ids: Option<Vec<ItemId>>,
    /// All items that match.
    #[serde(default)]
    #[ts(as = "Option<String>", optional)]
    pub query: String,
    /// Only items of this source.
    #[serde(default)]
    #[ts(optional)]
    pub source: Option<SourceId>,
    /// Only items of this folder and of those below it.
    #[serde(default)]
    #[ts(optional)]
    pub folder: Option<FolderId>,
    /// The last word of the query is unfinished, as in the list.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub as_you_type: bool,
    /// The zone of whoever asks, as in [`super::SearchRequest::zone`].
    #[serde(default)]
    #[ts(optional)]
    pub zone: Option<String>,
    /// All that match but these.
    #[serde(default)]
    #[ts(as = "Option<Vec<ItemId>>", optional)]
    pub except: Vec<ItemId>,
    /// Of items that match the query and say the same, change only the first by date and id.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub once: bool,
}

/// What came of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReviewDone {
    /// The entry of the record, by which it can be taken back; absent where nothing changed.
    pub action: Option<i64>,
    /// Items that changed.
    pub items: u64,
}

/// Which change to take back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct UndoRequest {
    /// An entry of the record; the last change that was not taken back, where absent.
    #[serde(default)]
    #[ts(optional)]
    pub action: Option<i64>,
}

/// All tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TagList {
    /// In order of their names.
    pub tags: Vec<TagCount>,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TagCount {
    /// Its name.
    pub name: String,
    /// Items that have it.
    pub count: u64,
    /// Its colour, where one was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub colour: Option<TagColour>,
}

/// The colour of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TagColour {
    /// Red.
    Red,
    /// Orange.
    Orange,
    /// Yellow.
    Yellow,
    /// Green.
    Green,
    /// Teal.
    Teal,
    /// Blue.
    Blue,
    /// Purple.
    Purple,
    /// Pink.
    Pink,
}

/// Which tag gets which colour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ColourTagRequest {
    /// The tag.
    pub name: String,
    /// Its colour; none where absent.
    #[serde(default)]
    #[ts(optional)]
    pub colour: Option<TagColour>,
}

/// Which entries of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct ActionsRequest {
    /// Only entries before this one.
    #[serde(default)]
    #[ts(optional)]
    pub before: Option<i64>,
    /// How many, at most 1,000; 100 where absent.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
}

/// Entries of the record, latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ActionList {
    /// The entries.
    pub actions: Vec<Action>,
}

/// Who did what when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Action {
    /// Number of the entry.
    pub id: i64,
    /// When.
    pub at: i64,
    /// The name of the machine's user.
    pub who: String,
    /// "flag", "unflag", "review", "unreview", "tag", "untag", "note", "colour", "save", "forget" or "undo".
    pub what: String,
    /// The tag, note or name; of "colour" the colour (or "none"), a space and the tag.
    pub value: String,
    /// The query by which the items were found; empty where they were chosen by hand.
    pub query: String,
    /// Items that changed.
    pub items: u64,
    /// The entry that it took back.
    pub undoes: Option<i64>,
}

/// Saved searches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SavedList {
    /// In order of their names.
    pub saved: Vec<SavedSearch>,
}

/// A query with a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SavedSearch {
    /// Its name.
    pub name: String,
    /// The query.
    pub query: String,
    /// When it was saved.
    pub made_at: i64,
}

/// A search to save.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SaveSearchRequest {
    /// Its name; what has the name already is replaced.
    pub name: String,
    /// The query.
    pub query: String,
}

/// A saved search to forget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ForgetSearchRequest {
    /// Its name.
    pub name: String,
}
