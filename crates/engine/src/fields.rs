//! The one table of what can be asked of an item. The index schema, the query language and its help are read from it.

use crate::language::Language;

/// How a field is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Words, in these text fields of the index.
    Words(&'static [TextField]),
    /// A date or part of one: before it.
    Before,
    /// After it.
    After,
    /// Within it.
    During,
    /// To be done within it.
    Due,
    /// Weekdays and hours of the day.
    Clock,
    /// Weekdays and hours of the day where the sender was.
    SenderClock,
    /// A size: more than it.
    Larger,
    /// Less than it.
    Smaller,
    /// A trait of the item, such as "attachment".
    Has,
    /// A kind of item.
    Kind,
    /// A folder by path or name.
    Folder,
    /// A source by its file name.
    Source,
    /// A state of the item.
    Is,
    /// Yes or no: a state under a name of its own.
    Yes(State),
    /// "high" or "normal".
    Importance,
    /// A language by code or English name.
    Language,
    /// Not older than a time span.
    Newer,
    /// Older than a time span.
    Older,
    /// The conversation of an item, by its number.
    Conversation,
    /// An EDRM message identification hash.
    Hash,
    /// The number of an item.
    Id,
    /// A tag.
    Tag,
    /// Words of a note.
    Note,
}

/// What an item can be, beside its kind. The numbers are those of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum State {
    /// Not yet read.
    Unread = 1,
    /// With a flag to follow up.
    Flagged = 2,
    /// With a flag that is done.
    Completed = 3,
    /// Of high importance.
    Important = 4,
    /// Marked as personal, private or confidential.
    Private = 5,
    /// Encrypted.
    Encrypted = 6,
    /// Signed.
    Signed = 7,
    /// Deleted in its file, or lost there, and found again.
    Recovered = 8,
    /// No longer in its file.
    Gone = 9,
    /// Says the same as an earlier item.
    Duplicate = 10,
    /// Read already.
    Read = 11,
    /// Flagged in Mailscope.
    Marked = 12,
    /// Looked through, as someone told Mailscope.
    Reviewed = 13,
    /// With a note of Mailscope's.
    Noted = 14,
    /// With a tag of Mailscope's.
    Tagged = 15,
}

impl State {
    /// All of them with their name in queries, other spellings, and a word of help.
    pub const ALL: [(State, &'static str, &'static [&'static str], &'static str); 15] = [
        (State::Flagged, "flagged", &["starred"], "flagged to be followed up"),
        (State::Unread, "unread", &[], "not yet read"),
        (State::Read, "read", &[], "read already"),
        (State::Recovered, "recovered", &["deleted"], "deleted in its file and found again"),
        (State::Gone, "gone", &["missing", "no-longer-in-file"], "no longer in its file"),
        (State::Duplicate, "duplicate", &["duplicates"], "says the same as an earlier item"),
        (State::Encrypted, "encrypted", &[], "encrypted"),
        (State::Signed, "signed", &[], "signed"),
        (State::Important, "important", &[], "of high importance"),
        (State::Private, "private", &["confidential"], "marked as personal, private or confidential"),
        (State::Completed, "completed", &["done"], "flagged, and done"),
        (State::Marked, "marked", &["flagged-here"], "flagged in Mailscope"),
        (State::Reviewed, "reviewed", &[], "looked through, as someone told Mailscope"),
        (State::Noted, "noted", &["annotated"], "with a note of Mailscope's"),
        (State::Tagged, "tagged", &[], "with a tag of Mailscope's"),
    ];

    /// The state of this name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        let same = |other: &str| other.eq_ignore_ascii_case(name);
        Self::ALL.iter().find(|(_, own, others, _)| same(own) || others.iter().any(|o| same(o))).map(|s| s.0)
    }

    /// The states that an item tells of itself.
    pub fn of(mail: &crate::source::MailFacts) -> Vec<Self> {
        use crate::source::Protection;
        [
            (mail.unread, Self::Unread),
            (mail.flag == 2, Self::Flagged),
            (mail.flag == 1, Self::Completed),
            (mail.importance == 2, Self::Important),
            (mail.sensitivity > 0, Self::Private),
            (mail.protection == Protection::Encrypted, Self::Encrypted),
            (mail.protection == Protection::Signed, Self::Signed),
        ]
        .into_iter()
        .filter_map(|(is, state)| is.then_some(state))
        .collect()
    }

    /// Its name in queries.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, ..)| *state == self).map_or("", |(_, name, ..)| name)
    }
}

/// The text fields of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextField {
    /// Subject.
    Subject,
    /// Sender's name and address.
    From,
    /// Names and addresses of primary recipients.
    To,
    /// Of recipients of copies.
    Cc,
    /// Of recipients of blind copies.
    Bcc,
    /// Text of the body, and of embedded messages.
    Body,
    /// Names of attachments.
    Filename,
    /// Text of attached files.
    Attached,
    /// Categories that it was given.
    Category,
    /// A contact's company.
    Company,
}

impl TextField {
    /// All of them with their names in the index and the weight of a match there.
    pub const ALL: [(TextField, &'static str, f32); 10] = [
        (TextField::Subject, "subject", 3.0),
        (TextField::From, "from", 2.0),
        (TextField::To, "to", 1.0),
        (TextField::Cc, "cc", 0.8),
        (TextField::Bcc, "bcc", 0.8),
        (TextField::Body, "body", 1.0),
        (TextField::Filename, "filename", 1.5),
        (TextField::Attached, "attached", 0.5),
        (TextField::Category, "category", 1.0),
        (TextField::Company, "company", 1.0),
    ];

    /// Whether words that are asked of no field are looked for in it. What the others hold stands in the body too.
    pub fn is_everywhere(self) -> bool {
        !matches!(self, Self::Category | Self::Company)
    }

    /// The weight of a match in it.
    pub fn weight(self) -> f32 {
        Self::ALL.iter().find(|(field, ..)| *field == self).map_or(1.0, |(.., weight)| *weight)
    }
}

/// One field of the query language.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name, as in `name:value`.
    pub name: &'static str,
    /// Other spellings.
    pub aliases: &'static [&'static str],
    /// How it is asked.
    pub kind: FieldKind,
    /// One sentence of help.
    pub help: &'static str,
    /// An example.
    pub example: &'static str,
}

use FieldKind as K;
use TextField as T;

const fn field(
    name: &'static str,
    aliases: &'static [&'static str],
    kind: FieldKind,
    help: &'static str,
    example: &'static str,
) -> Field {
    Field { name, aliases, kind, help, example }
}

impl Field {
    /// The values that it knows, with a word of help each; none where anything can be asked.
    pub fn values(&self) -> Vec<(&'static str, &'static str)> {
        match self.kind {
            K::Is => State::ALL.iter().map(|(_, name, _, help)| (*name, *help)).collect(),
            K::Kind => crate::source::ItemKind::ALL.iter().map(|(_, name)| (*name, "")).collect(),
            K::Has => vec![("attachment", "carries files")],
            K::Yes(_) => vec![("yes", ""), ("no", "")],
            K::Language => Language::all().map(|language| (language.code(), language.name())).collect(),
            K::Importance => vec![("high", ""), ("normal", "")],
            K::Newer | K::Older => {
                vec![("1d", "a day"), ("1w", "a week"), ("1m", "a month"), ("1y", "a year")]
            }
            K::Clock | K::SenderClock => {
                vec![("mon..fri", "on working days"), ("sat..sun", "at the weekend"), ("22..5", "at night")]
            }
            K::Larger | K::Smaller => vec![("100kb", ""), ("1mb", ""), ("10mb", "")],
            _ => Vec::new(),
        }
    }
}

/// The field whose name is nearest to `name`, if any is near: for a word on what was mistyped.
pub fn field_like(name: &str) -> Option<&'static Field> {
    let name = name.to_lowercase();
    let spellings = |field: &'static Field| std::iter::once(&field.name).chain(field.aliases);
    let most = (name.chars().count() / 3).clamp(1, 2);
    let near = |field: &'static Field| {
        spellings(field).filter_map(|spelling| crate::text::distance::distance(&name, spelling, most)).min()
    };
    FIELDS
        .iter()
        .filter_map(|field| near(field).map(|distance| (distance, field)))
        .min_by_key(|(d, _)| *d)
        .map(|f| f.1)
}

/// All fields.
pub const FIELDS: &[Field] = &[
    field("from", &["sender"], K::Words(&[T::From]), "Sender's name or address.", "from:alice"),
    field("to", &["recipient"], K::Words(&[T::To]), "A primary recipient.", "to:bruno@example.org"),
    field("cc", &[], K::Words(&[T::Cc]), "A recipient of a copy.", "cc:carla"),
    field("bcc", &[], K::Words(&[T::Bcc]), "A recipient of a blind copy.", "bcc:archive"),
    field(
        "participants",
        &["people", "with"],
        K::Words(&[T::From, T::To, T::Cc, T::Bcc]),
        "Sender or any recipient.",
        "participants:alice",
    ),
    field("subject", &["title"], K::Words(&[T::Subject]), "The subject line.", "subject:\"open season\""),
    field("body", &["contents", "text"], K::Words(&[T::Body]), "The text.", "body:capacity"),
    field(
        "filename",
        &["attachment", "attachments", "file"],
        K::Words(&[T::Filename]),
        "The name of an attachment.",
        "filename:report.pdf",
    ),
    field(
        "attached",
        &["filetext", "inside"],
        K::Words(&[T::Attached]),
        "Words inside of attached files.",
        "attached:budget",
    ),
    field(
        "in",
        &["folder", "folderpath", "label"],
        K::Folder,
        "A folder by name or path, with those below it.",
        "in:Inbox",
    ),
    field(
        "source",
        &["file_name", "pst"],
        K::Source,
        "An Outlook data file by its name.",
        "source:archive.pst",
    ),
    field(
        "category",
        &["categories"],
        K::Words(&[T::Category]),
        "A category that it was given in Outlook.",
        "category:\"red team\"",
    ),
    field("company", &[], K::Words(&[T::Company]), "A contact's company.", "company:northfield"),
    field(
        "due",
        &["duedate"],
        K::Due,
        "A task, or what is flagged, to be done within a day, month or year.",
        "due:2001-11",
    ),
    field("has", &[], K::Has, "has:attachment finds what carries files.", "has:attachment"),
    field("hasattachment", &["hasattachments"], K::Has, "yes or no.", "hasattachment:yes"),
    field("is", &[], K::Is, "flagged, unread, recovered, gone, duplicate, encrypted, …", "is:flagged"),
    field("read", &["isread"], K::Yes(State::Read), "yes or no.", "read:no"),
    field("isflagged", &["hasflag"], K::Yes(State::Flagged), "yes or no.", "isflagged:yes"),
    field("importance", &["priority"], K::Importance, "high or normal.", "importance:high"),
    field("kind", &["type"], K::Kind, "mail, appointment, meeting, contact, task, note, …", "kind:contact"),
    field(
        "lang",
        &["language"],
        K::Language,
        "The language of the text, by code or English name: en, de, french, …",
        "lang:de",
    ),
    field("before", &["until"], K::Before, "Before a day, month or year.", "before:2003"),
    field("after", &["since"], K::After, "From a day, month or year on.", "after:2001-11-14"),
    field(
        "during",
        &["received", "sent", "date"],
        K::During,
        "Within a day, month or year, or today, yesterday, this week, last month, …",
        "during:2001-11",
    ),
    field(
        "hour",
        &["weekday"],
        K::Clock,
        "At these hours or weekdays, in your zone or the one that is said: 9..17, sat..sun, \"fri 14 +02:00\".",
        "hour:22..5",
    ),
    field(
        "sent_hour",
        &["sent_weekday", "senthour"],
        K::SenderClock,
        "At these hours or weekdays in the sender's zone, of messages that tell it.",
        "sent_hour:22..5",
    ),
    field("newer", &["newer_than"], K::Newer, "Of the last days, weeks, months or years.", "newer:2w"),
    field("older", &["older_than"], K::Older, "Not of the last days, weeks, months or years.", "older:1y"),
    field("larger", &["size", "messagesize", "larger_than"], K::Larger, "Larger than a size.", "larger:5mb"),
    field(
        "conversation",
        &["thread"],
        K::Conversation,
        "The conversation of an item, by the number that search shows.",
        "conversation:17",
    ),
    field("id", &[], K::Id, "One item, by the number that search shows.", "id:17"),
    field("tag", &["tags"], K::Tag, "A tag that was given in Mailscope.", "tag:privileged"),
    field(
        "note",
        &["notes"],
        K::Note,
        "Words of a note that was written in Mailscope.",
        "note:\"ask counsel\"",
    ),
    field(
        "mih",
        &["messagehash"],
        K::Hash,
        "An EDRM message identification hash, as other programs tell it.",
        "mih:1de319c276884bd0c9e2f1621ada26cc",
    ),
    field("smaller", &["smaller_than"], K::Smaller, "Smaller than a size.", "smaller:10kb"),
];

/// The field called `name`, in any case, under any of its spellings.
pub fn field_named(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| {
        field.name.eq_ignore_ascii_case(name)
            || field.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_unique_and_examples_parse() {
        let mut seen = std::collections::HashSet::new();
        for field in FIELDS {
            for name in std::iter::once(&field.name).chain(field.aliases) {
                assert!(seen.insert(*name), "{name} names two fields");
            }
            crate::query::parse(field.example).unwrap_or_else(|e| panic!("{}: {e}", field.example));
        }
    }
}
