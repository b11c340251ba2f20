use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A query that is being typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CompleteRequest {
    /// The query as typed so far.
    pub query: String,
    /// Where the caret stands, in UTF-16 code units; the end of the query where absent.
    #[serde(default)]
    #[ts(optional)]
    pub caret: Option<u32>,
    /// The most completions to give, 1 to 50.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
    /// The zone whose years and months are offered, as in a search; UTC where absent.
    #[serde(default)]
    #[ts(optional)]
    pub zone: Option<String>,
}

/// What could be meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Completions {
    /// Start and end of the part of the query that a completion replaces, in UTF-16 code units.
    pub replaces: (u32, u32),
    /// The completions, best first.
    pub completions: Vec<Completion>,
    /// Time taken by the engine, in milliseconds.
    pub took_ms: f64,
}

/// One completion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Completion {
    /// What it is.
    pub kind: CompletionKind,
    /// What to put in place of the replaced part, quoted where need be.
    pub insert: String,
    /// What to show.
    pub label: String,
    /// A word of help, or what tells it from others of the same label; may be empty.
    pub detail: String,
    /// Items that it would find by itself, where that is known.
    pub count: Option<u64>,
}

/// What a completion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CompletionKind {
    /// The name of a field.
    Field,
    /// A sender or recipient.
    Person,
    /// A domain of addresses.
    Domain,
    /// A folder.
    Folder,
    /// A source.
    Source,
    /// A value that the field knows, such as a kind.
    Value,
    /// A period of time.
    Date,
}

/// A query to be looked at without being answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QueryRequest {
    /// The query as typed.
    pub query: String,
}

/// What a query consists of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QueryParts {
    /// The parts that must all hold, in the order typed; a window shows each as a token that can be taken out. Empty when the query
    /// is wrong.
    pub parts: Vec<QueryPart>,
    /// The query in its plainest spelling; empty when it is wrong.
    pub canonical: String,
    /// What is wrong with it.
    pub fault: Option<QueryFault>,
}

/// A part of a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QueryPart {
    /// The part as typed.
    pub text: String,
    /// Start and end in the query, in UTF-16 code units.
    pub at: (u32, u32),
    /// Whether it asks a field (and is no plain word).
    pub field: bool,
}

/// Where and why a query cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QueryFault {
    /// A plain sentence.
    pub message: String,
    /// Start and end in the query, in UTF-16 code units.
    pub at: (u32, u32),
}

/// All fields of the query language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FieldList {
    /// The fields.
    pub fields: Vec<FieldHelp>,
}

/// A field of the query language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FieldHelp {
    /// Its name, as in `name:value`.
    pub name: String,
    /// Other spellings.
    pub aliases: Vec<String>,
    /// One sentence.
    pub help: String,
    /// A query that uses it.
    pub example: String,
    /// All its values, where they are few.
    pub values: Vec<String>,
}
