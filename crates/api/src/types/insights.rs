use super::{FolderId, ItemId, ItemKind, SourceId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which items the charts are about: those that a search with the same fields finds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct InsightsRequest {
    /// The query as typed; empty means everything.
    pub query: String,
    /// Only items of this source.
    #[ts(optional)]
    pub source: Option<SourceId>,
    /// Only items of this folder and of those below it.
    #[ts(optional)]
    pub folder: Option<FolderId>,
    /// Treat the last word as unfinished, as the list does.
    pub as_you_type: bool,
    /// The zone of whoever asks: a name of the zone database ("Europe/Vienna"), a distance from UTC ("+02:00"), or "system" for that of
    /// the computer. Days begin there, and its clocks show the hours; UTC where absent.
    #[ts(optional)]
    pub zone: Option<String>,
    /// Entries of each list, 1 to 200.
    pub top: u32,
}

impl Default for InsightsRequest {
    fn default() -> Self {
        Self { query: String::new(), source: None, folder: None, as_you_type: false, zone: None, top: 20 }
    }
}

/// What the items that match have in common. Lists are in descending order of their counts unless they say otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Insights {
    /// How many items match.
    pub total: u64,
    /// How many of them have no date; the charts over time leave them out.
    pub undated: u64,
    /// The earliest date.
    pub first: Option<i64>,
    /// The latest date.
    pub last: Option<i64>,
    /// Items by month, ascending; months without items are left out.
    pub by_month: Vec<MonthCount>,
    /// Items by day, ascending, where all lie within 400 days; otherwise empty.
    pub by_day: Vec<DayCount>,
    /// Items by weekday and hour: 168 entries, from Monday 0 h to Sunday 23 h.
    pub by_weekday_hour: Vec<HourCount>,
    /// The same by the senders' clocks, of the items whose sender's zone is known.
    #[serde(default)]
    pub by_sender_hour: Vec<HourCount>,
    /// How many items with a date do not tell the zone of their sender.
    #[serde(default)]
    pub without_sender_zone: u64,
    /// Who wrote them. One address is one person, by the name it is seen with most.
    pub top_senders: Vec<PersonCount>,
    /// To whom, on any line.
    pub top_recipients: Vec<PersonCount>,
    /// Domains of senders and recipients.
    pub top_domains: Vec<DomainCount>,
    /// How many different people are senders or recipients.
    pub people: u64,
    /// Attachments by the extension of their names, those inside embedded messages included.
    pub attachment_types: Vec<AttachmentType>,
    /// How many attachments there are in all.
    pub attachments: u64,
    /// Their size in bytes, all together.
    pub attachment_bytes: u64,
    /// How large the items are.
    pub sizes: Sizes,
    /// The largest items, largest first.
    pub largest: Vec<LargeItem>,
    /// Items by kind.
    pub kinds: Vec<KindCount>,
    /// Items by folder (directly in it).
    pub folders: Vec<FolderCount>,
    /// Items by source.
    pub sources: Vec<SourceCount>,
    /// Items by language of the text, as ISO 639-1 codes; those whose language is not known are left out.
    pub languages: Vec<LanguageCount>,
    /// Items that say the same as others of them.
    #[serde(default)]
    #[ts(as = "Option<Duplicates>", optional)]
    pub duplicates: Duplicates,
    /// Conversations that the items belong to; an item that is alone counts as one.
    pub conversations: Option<u64>,
    /// Time taken by the engine, in milliseconds.
    pub took_ms: f64,
    /// The commit that answered.
    pub generation: u64,
}

/// Items that say the same: class, sender, recipients, subject, time, text and attachments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub struct Duplicates {
    /// Groups of items that say the same.
    pub groups: u64,
    /// Items beyond the first of each group.
    pub copies: u64,
    /// Of the copies, those that say the same as another item of the same file.
    pub within_files: u64,
    /// Of the copies, those that say the same as items of other files only.
    pub across_files: u64,
}

/// Items of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MonthCount {
    /// The month, as "2001-11".
    pub month: String,
    /// Items.
    pub count: u64,
}

/// Items of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DayCount {
    /// The day, as "2001-11-14".
    pub day: String,
    /// Items.
    pub count: u64,
}

/// Items of an hour of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HourCount {
    /// 0 is Monday, 6 is Sunday.
    pub weekday: u8,
    /// 0 to 23.
    pub hour: u8,
    /// Items.
    pub count: u64,
}

/// Items of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PersonCount {
    /// The name seen most with the address; may be empty.
    pub name: String,
    /// The address, in lower case; empty for people that are known by name alone.
    pub address: String,
    /// Items.
    pub count: u64,
}

/// Items of a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DomainCount {
    /// The part of addresses behind the "@", in lower case.
    pub domain: String,
    /// Items with a sender or recipient there.
    pub count: u64,
    /// Items with a sender there.
    pub sent: u64,
}

/// Attachments of a type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AttachmentType {
    /// Extension in lower case, such as "pdf"; "message" for embedded messages, empty for names without one.
    #[serde(rename = "type")]
    pub kind: String,
    /// Attachments.
    pub count: u64,
    /// Their size in bytes, all together.
    pub bytes: u64,
}

/// How large items are, in bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Sizes {
    /// All together.
    pub total: u64,
    /// The smallest.
    pub min: u64,
    /// The largest.
    pub max: u64,
    /// The mean.
    pub mean: f64,
    /// Half of the items are no larger than this.
    pub median: u64,
    /// Items by size, smallest first.
    pub buckets: Vec<SizeCount>,
}

/// Items of a range of sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SizeCount {
    /// Bytes, at least.
    pub from: u64,
    /// Bytes, less than this; `null` for no bound.
    pub to: Option<u64>,
    /// Items.
    pub count: u64,
}

/// A large item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LargeItem {
    /// The item.
    pub id: ItemId,
    /// Its subject.
    pub subject: String,
    /// Its sender's name, or address.
    pub from: String,
    /// Its date.
    pub date: Option<i64>,
    /// Bytes.
    pub size: u64,
}

/// Items of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KindCount {
    /// The kind.
    pub kind: ItemKind,
    /// Items.
    pub count: u64,
}

/// Items directly in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FolderCount {
    /// The folder.
    pub folder: FolderId,
    /// Its path within its source.
    pub path: String,
    /// Its source.
    pub source: SourceId,
    /// Items.
    pub count: u64,
}

/// Items of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SourceCount {
    /// The source.
    pub source: SourceId,
    /// Its file name.
    pub name: String,
    /// Items.
    pub count: u64,
}

/// Items in a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LanguageCount {
    /// ISO 639-1 code, such as "en".
    pub language: String,
    /// Items.
    pub count: u64,
}

/// Which answers are asked about: those that a search with the same fields finds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct RepliesRequest {
    /// The query as typed; empty means everything.
    pub query: String,
    /// Only items of this source.
    #[ts(optional)]
    pub source: Option<SourceId>,
    /// Only items of this folder and of those below it.
    #[ts(optional)]
    pub folder: Option<FolderId>,
    /// Treat the last word as unfinished, as the list does.
    pub as_you_type: bool,
    /// The zone of whoever asks, as in [`super::SearchRequest::zone`].
    #[ts(optional)]
    pub zone: Option<String>,
    /// The people with the most answers are given, so many of them: 1 to 200.
    pub top: u32,
}

impl Default for RepliesRequest {
    fn default() -> Self {
        Self { query: String::new(), source: None, folder: None, as_you_type: false, zone: None, top: 20 }
    }
}

/// How long answers took: messages that answer one of somebody else that the library holds too. Of several of a person to one message
/// the first counts; what is only passed on is no answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct ReplyTimes {
    /// Answers among the items that were looked at.
    pub count: u64,
    /// A quarter of them came within so many seconds.
    pub quarter_seconds: u64,
    /// Half of them came within so many seconds.
    pub median_seconds: u64,
    /// Three quarters of them came within so many seconds.
    pub three_quarters_seconds: u64,
    /// Nine in ten of them came within so many seconds.
    pub p90_seconds: u64,
    /// Who answered, most answers first.
    pub people: Vec<ReplyPerson>,
    /// Of items that match and are in conversations with others, so many were looked at: of very many, a part that is spread over all.
    pub looked_at: u64,
    /// How many of these there are.
    pub of: u64,
    /// Time taken by the engine, in milliseconds.
    pub took_ms: f64,
    /// The commit that answered.
    pub generation: u64,
}

/// How long the answers of a person took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReplyPerson {
    /// The name seen most with the address; may be empty.
    pub name: String,
    /// The address, in lower case; empty for people that are known by name alone.
    pub address: String,
    /// Answers.
    pub count: u64,
    /// Half of them came within so many seconds.
    pub median_seconds: u64,
    /// Nine in ten of them came within so many seconds.
    pub p90_seconds: u64,
}

/// Who wrote to whom, among the items that match.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct PeopleRequest {
    /// The query as typed; empty means everything.
    pub query: String,
    /// Only items of this source.
    #[ts(optional)]
    pub source: Option<SourceId>,
    /// Only items of this folder and of those below it.
    #[ts(optional)]
    pub folder: Option<FolderId>,
    /// Treat the last word as unfinished, as the list does.
    pub as_you_type: bool,
    /// The zone of whoever asks, as in [`super::SearchRequest::zone`].
    #[ts(optional)]
    pub zone: Option<String>,
    /// The people with the most items are given, so many of them: 1 to 1000.
    pub limit: u32,
}

impl Default for PeopleRequest {
    fn default() -> Self {
        Self { query: String::new(), source: None, folder: None, as_you_type: false, zone: None, limit: 100 }
    }
}

/// People and who writes to whom: a graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct People {
    /// The people, most items first.
    pub people: Vec<Correspondent>,
    /// Who of them wrote to whom of them, most items first.
    pub links: Vec<Link>,
    /// How many people there are in all.
    pub total: u64,
    /// Time taken by the engine, in milliseconds.
    pub took_ms: f64,
    /// The commit that answered.
    pub generation: u64,
}

/// A person among others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Correspondent {
    /// The name seen most with the address; may be empty.
    pub name: String,
    /// The address, in lower case; empty for people that are known by name alone.
    pub address: String,
    /// Items sent.
    pub sent: u64,
    /// Items received.
    pub received: u64,
    /// The earliest item with this person.
    pub first: Option<i64>,
    /// The latest item with this person.
    pub last: Option<i64>,
    /// People of one number write to each other more than to others. Numbers begin at 0, the largest group first.
    pub community: u32,
}

/// Who wrote to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Link {
    /// The sender: index into [`People::people`].
    pub from: u32,
    /// The recipient: index into [`People::people`].
    pub to: u32,
    /// Items.
    pub count: u64,
    /// The earliest.
    pub first: Option<i64>,
    /// The latest.
    pub last: Option<i64>,
}
