//! The query language: text to a typed tree ([`parse`]), and the tree to a query of the index ([`compile`]).
//!
//! A word stands for itself and for words with the same stem ([`widen`]), in quotes for itself alone. Words are joined by "and". `OR` joins alternatives, `-` or `NOT` denies, `( )` groups, `"…"` is a phrase, `word*` a beginning,
//! `w*rd` and `w?rd` anything like it, `word~` something near it, `"two words"~5` words no further apart than that, and `field:value`
//! asks one field of [`crate::fields::FIELDS`]. The tree prints back to a query that means the same.

mod adjacent;
mod beginning;
mod clock;
mod compile;
mod complete;
mod date;
mod items;
mod lex;
mod parse;
mod print;
mod spots;
mod value;
mod widen;

pub(crate) use clock::hour_of_week;
pub use clock::{Clock, Whose};
pub use compile::{Compiled, Names, Scope, compile, highlights, open_end};
pub use complete::{Completion, CompletionKind, complete};
pub(crate) use items::items;
pub use parse::{Part, parse, parse_in, parts};
pub(crate) use widen::Known;
pub use widen::{Form, Forms, Widened, widen};

use crate::fields::{State, TextField};
use crate::language::Language;
use crate::source::ItemKind;
use std::ops::Range;

/// A query as a tree. The positions are byte ranges of the text it was parsed from.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// Everything.
    All,
    /// Words next to each other, in one of these fields (none: any text field).
    Words {
        /// As typed, without quotes.
        text: String,
        /// Where to look; empty means everywhere.
        fields: &'static [TextField],
        /// How the words must agree.
        how: Match,
        /// Where it stands.
        at: Range<usize>,
    },
    /// Dated in the half-open range of days, counted from the first of January 1970, as the calendar of the reader has them.
    Date {
        /// First day.
        from: Option<i64>,
        /// First day after it.
        until: Option<i64>,
    },
    /// To be done within the half-open range of days, counted from the first of January 1970.
    Due {
        /// First day.
        from: Option<i64>,
        /// First day after it.
        until: Option<i64>,
    },
    /// Dated within these hours of the week.
    Clock(Clock),
    /// Of a size in bytes, both ends included.
    Size {
        /// At least.
        min: Option<u64>,
        /// At most.
        max: Option<u64>,
    },
    /// Carries attachments, or does not.
    HasAttachment(bool),
    /// Is of this kind.
    Kind(ItemKind),
    /// Is in this state.
    Is(State),
    /// Is written in this language.
    Language(Language),
    /// Lies in a folder with this name or path, or below it.
    Folder(String),
    /// Comes from a source whose file name contains this.
    Source(String),
    /// Is in the conversation of the item with this number.
    Conversation(i64),
    /// Has this EDRM message identification hash.
    Hash([u8; 16]),
    /// Is the item with this number.
    Id(i64),
    /// Has this tag.
    Tag(String),
    /// Has a note that holds this.
    Note(String),
    /// All of them.
    And(Vec<Query>),
    /// Any of them.
    Or(Vec<Query>),
    /// Not this.
    Not(Box<Query>),
}

impl Query {
    /// Whether what people say of an item in Mailscope may make it an answer, or none.
    pub fn is_about_what_is_said(&self) -> bool {
        match self {
            Self::Tag(_) | Self::Note(_) => true,
            Self::Is(state) => {
                matches!(state, State::Marked | State::Reviewed | State::Noted | State::Tagged)
            }
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::is_about_what_is_said),
            Self::Not(denied) => denied.is_about_what_is_said(),
            _ => false,
        }
    }
}

/// How words must agree with those of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Match {
    /// As they are, next to each other.
    #[default]
    Exact,
    /// A single word as it is, or another with the same stem; several in one piece, such as an address, as they are.
    Word,
    /// The last may go on.
    Prefix,
    /// "*" stands for any letters, "?" for one.
    Like,
    /// Each by so many letters different at most.
    Fuzzy(u8),
    /// In any order, with so many other words between them at most.
    Near(u32),
}

/// Where and why a query cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at character {})", at.start + 1)]
pub struct QueryError {
    /// A plain sentence.
    pub message: String,
    /// Range of characters of the query (not bytes) that is at fault.
    pub at: Range<usize>,
}
