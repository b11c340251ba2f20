//! Why a file gave no text.

use std::fmt;
use std::time::Duration;

/// Why a file gave no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Its kind holds none, or this one does: a picture, a scanned page. Nothing is lost.
    NoText(String),
    /// It is of a kind that is not read; which.
    Unknown(String),
    /// It asks for a password.
    Protected,
    /// It is larger than is looked at: its bytes.
    TooLarge(u64),
    /// It is not what it says it is; how.
    Damaged(String),
    /// Only files in it gave no text; why the first of them did not.
    Unread(String),
    /// Reading it took longer than this.
    TimedOut(Duration),
    /// Reading it took more memory than is given.
    OutOfMemory,
    /// The process that read it ended; how.
    Died(String),
}

impl Reason {
    /// Whether nothing is lost: the file has no text that anyone could read.
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::NoText(_))
    }

    pub(crate) fn damaged(what: impl fmt::Display) -> Self {
        Self::Damaged(what.to_string())
    }

    /// A number for the kind, and what goes with it.
    pub(crate) fn parts(&self) -> (u8, String) {
        match self {
            Self::NoText(kind) => (1, kind.clone()),
            Self::Unknown(kind) => (2, kind.clone()),
            Self::Protected => (3, String::new()),
            Self::TooLarge(bytes) => (4, bytes.to_string()),
            Self::Damaged(how) => (5, how.clone()),
            Self::Unread(why) => (6, why.clone()),
            Self::TimedOut(time) => (7, time.as_secs().to_string()),
            Self::OutOfMemory => (8, String::new()),
            Self::Died(how) => (9, how.clone()),
        }
    }

    /// The reverse of [`Reason::parts`].
    pub(crate) fn from_parts(number: u8, detail: String) -> Option<Self> {
        Some(match number {
            1 => Self::NoText(detail),
            2 => Self::Unknown(detail),
            3 => Self::Protected,
            4 => Self::TooLarge(detail.parse().ok()?),
            5 => Self::Damaged(detail),
            6 => Self::Unread(detail),
            7 => Self::TimedOut(Duration::from_secs(detail.parse().ok()?)),
            8 => Self::OutOfMemory,
            9 => Self::Died(detail),
            _ => return None,
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoText(kind) => write!(f, "no text in it ({kind})"),
            Self::Unknown(kind) => write!(f, "its kind is not read ({kind})"),
            Self::Protected => write!(f, "it is protected by a password"),
            Self::TooLarge(bytes) => write!(f, "it is too large to be looked at ({} MB)", bytes >> 20),
            Self::Damaged(how) => write!(f, "it is damaged: {how}"),
            Self::Unread(why) => write!(f, "{why}"),
            Self::TimedOut(time) => write!(f, "reading it took longer than {} seconds", time.as_secs()),
            Self::OutOfMemory => write!(f, "reading it took more memory than it is given"),
            Self::Died(how) => write!(f, "reading it ended badly: {how}"),
        }
    }
}
