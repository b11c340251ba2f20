//! The shape of the sample mailbox's mail; the mail itself is in `winter` and `summer`.

use super::people::Who;

/// Where a message lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Inbox,
    Concert,
    Partners,
    Money,
    Newsletters,
    Sent,
    Drafts,
    Deleted,
}

/// What a message carries beside its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extra {
    None,
    /// An HTML body; the text stays beside it.
    Html(&'static str),
    /// An HTML body with the poster as an inline picture.
    HtmlWithPoster(&'static str),
    /// The text as rich text alone.
    RichText,
    /// A text file of this name and content.
    TextFile(&'static str, &'static str),
    /// The budget as CSV.
    Budget,
    /// A one-page PDF of this name and text.
    Pdf(&'static str, &'static str),
    /// The message with this key, forwarded as an attachment.
    Forward(&'static str),
    /// Seating plan and programme: a picture and a PDF.
    HallPlan,
}

/// A message of the sample.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mail {
    /// What other messages call it.
    pub key: &'static str,
    /// The key of the message that it answers.
    pub answers: &'static str,
    pub place: Place,
    pub from: Who,
    pub to: &'static [Who],
    pub cc: &'static [Who],
    /// Month, day, hour and minute in 2025, UTC.
    pub at: (u8, u8, u8, u8),
    pub subject: &'static str,
    pub text: &'static str,
    pub extra: Extra,
    pub unread: bool,
    pub important: bool,
}

/// What most messages share.
pub(super) const MAIL: Mail = Mail {
    key: "",
    answers: "",
    place: Place::Inbox,
    from: Who::Marta,
    to: &[Who::Marta],
    cc: &[],
    at: (1, 1, 0, 0),
    subject: "",
    text: "",
    extra: Extra::None,
    unread: false,
    important: false,
};
