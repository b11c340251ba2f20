//! The one table of what can be asked of an item. The index schema, the query language and its help are read from it.

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
}

impl TextField {
    /// All of them with their names in the index and the weight of a match there.
    pub const ALL: [(TextField, &'static str, f32); 7] = [
        (TextField::Subject, "subject", 3.0),
        (TextField::From, "from", 2.0),
        (TextField::To, "to", 1.0),
        (TextField::Cc, "cc", 0.8),
        (TextField::Bcc, "bcc", 0.8),
        (TextField::Body, "body", 1.0),
        (TextField::Filename, "filename", 1.5),
    ];
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
    field("in", &["folder"], K::Folder, "A folder by name or path, with those below it.", "in:Inbox"),
    field("source", &[], K::Source, "An Outlook data file by its name.", "source:archive.pst"),
    field("has", &[], K::Has, "has:attachment finds what carries files.", "has:attachment"),
    field("hasattachment", &["hasattachments"], K::Has, "yes or no.", "hasattachment:yes"),
    field("kind", &["type"], K::Kind, "mail, appointment, meeting, contact, task, note, …", "kind:contact"),
    field("before", &["until"], K::Before, "Before a day, month or year.", "before:2003"),
    field("after", &["since"], K::After, "From a day, month or year on.", "after:2001-11-14"),
    field(
        "during",
        &["received", "sent", "date"],
        K::During,
        "Within a day, month or year.",
        "during:2001-11",
    ),
    field("larger", &["size"], K::Larger, "Larger than a size.", "larger:5mb"),
    field("smaller", &[], K::Smaller, "Smaller than a size.", "smaller:10kb"),
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
