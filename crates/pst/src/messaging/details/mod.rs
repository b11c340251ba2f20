//! What items of each kind say beyond a message ([MS-OXOCAL], [MS-OXOCNTC], [MS-OXOTASK], [MS-OXONOTE], [MS-OXOJRNL],
//! [MS-OXCMAIL] reports), as plain structs.

mod calendar;
mod contact;
mod entry_id;
mod fields;
mod recurrence;
mod report;
mod task;
mod time_zone;

pub use calendar::{Appointment, Attendee, AttendeeKind, BusyStatus, Meeting, MeetingStep, ResponseStatus};
pub use contact::{
    Contact, ContactAddress, DistributionList, ListMember, Phone, PhoneKind, PostalAddress, PostalKind,
};
pub use entry_id::EntryId;
pub use recurrence::{
    Frequency, LocalMinutes, OccurrenceChange, Recurrence, RecurrenceEnd, RecurrencePattern, RecurrenceRule,
};
pub use report::{Report, ReportKind, ReportedRecipient};
pub use task::{Journal, Note, NoteColor, Task, TaskStatus};
pub use time_zone::{TimeZone, TimeZoneRule, YearlyTime};

use self::fields::Fields;
use super::class::ItemKind;
use super::message::Message;
use super::store::Reader;
use super::tags;
use crate::error::{Anomaly, ItemError};
use crate::ndb::ids::NodeId;

/// How a message is protected by S/MIME. Its content stays as it is, in its attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Smime {
    /// `IPM.Note.SMIME`: encrypted, or signed in a form that hides the text; the attachment holds the whole.
    Opaque,
    /// `IPM.Note.SMIME.MultipartSigned`: signed, and readable.
    ClearSigned,
}

impl Smime {
    /// How a message of class `class` is protected, if it is.
    pub fn of(class: &str) -> Option<Self> {
        let class = class.to_ascii_uppercase();
        let rest = class.strip_prefix("IPM.NOTE.SMIME")?;
        match rest {
            ".MULTIPARTSIGNED" => Some(Self::ClearSigned),
            "" => Some(Self::Opaque),
            _ => rest.starts_with('.').then_some(Self::Opaque),
        }
    }
}

/// What an item says beyond a message, by its kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Details {
    /// Nothing: plain mail, posts, documents and classes that are not known.
    None,
    /// Mail that is signed or encrypted.
    Smime(Smime),
    /// A calendar entry.
    Appointment(Box<Appointment>),
    /// A request, answer or cancellation.
    Meeting(Box<Meeting>),
    /// A person.
    Contact(Box<Contact>),
    /// A list of people.
    DistributionList(DistributionList),
    /// A task, or a request that carries one.
    Task(Box<Task>),
    /// A sticky note.
    Note(Note),
    /// A journal entry.
    Journal(Journal),
    /// A delivery report or receipt.
    Report(Box<Report>),
}

impl Reader<'_> {
    /// What the item `node` says beyond a message, and what was found wrong with it. Only what cannot be read at all
    /// is an error.
    pub fn details(&mut self, node: impl Into<NodeId>) -> Result<(Details, Vec<Anomaly>), ItemError> {
        self.embedded_details(node, &[])
    }

    /// As [`Self::details`], of the embedded message at `path` below the item `node`.
    pub fn embedded_details(
        &mut self,
        node: impl Into<NodeId>,
        path: &[NodeId],
    ) -> Result<(Details, Vec<Anomaly>), ItemError> {
        let message = self.message_at(node.into(), path)?;
        self.ndb.anomalies.take();
        let details = details(self, &message);
        Ok((details, self.ndb.anomalies.take()))
    }
}

fn details(reader: &mut Reader<'_>, message: &Message) -> Details {
    let mut fields = Fields { message, names: reader.file.names(), reader: &mut reader.ndb };
    let class = fields.text(tags::MESSAGE_CLASS);
    let class = class.trim_end_matches(['\0', ' ']);
    match ItemKind::of(class) {
        ItemKind::Mail => Smime::of(class).map_or(Details::None, Details::Smime),
        ItemKind::Appointment => Details::Appointment(Box::new(Appointment::read(&mut fields))),
        ItemKind::Meeting => Details::Meeting(Box::new(Meeting::read(&mut fields, class))),
        ItemKind::Contact => Details::Contact(Box::new(Contact::read(&mut fields))),
        ItemKind::DistributionList => Details::DistributionList(DistributionList::read(&mut fields)),
        ItemKind::Task | ItemKind::TaskRequest => Details::Task(Box::new(Task::read(&mut fields))),
        ItemKind::Note => Details::Note(Note::read(&mut fields)),
        ItemKind::Journal => Details::Journal(Journal::read(&mut fields)),
        ItemKind::Report => Details::Report(Box::new(Report::read(&mut fields, class))),
        ItemKind::Post | ItemKind::Document | ItemKind::Recall | ItemKind::Other => Details::None,
    }
}

/// Takes fields off the front of a structure, each of which may be missing.
#[derive(Clone, Copy)]
pub(crate) struct Front<'a>(pub &'a [u8]);

impl<'a> Front<'a> {
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(front)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// A block that is preceded by its size.
    pub(crate) fn sized(&mut self) -> Option<&'a [u8]> {
        let size = usize::try_from(self.u32()?).ok()?;
        self.take(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smime_classes() {
        let check = |class, want| assert_eq!(Smime::of(class), want, "{class}");
        check("IPM.Note.SMIME", Some(Smime::Opaque));
        check("ipm.note.smime.multipartsigned", Some(Smime::ClearSigned));
        check("IPM.Note.SMIME.Encrypted", Some(Smime::Opaque));
        check("IPM.Note.SMIMEX", None);
        check("IPM.Note", None);
        check("IPM.Nöte.SMIME", None);
    }
}
