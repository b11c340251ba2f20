//! What items of each kind say beyond a message, in written and in real files.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::io::Cursor;
use std::sync::Arc;

use common::corpus;
use mailscope_pst::messaging::details::{
    Appointment, AttendeeKind, BusyStatus, Contact, EntryId, MeetingStep, NoteColor, PhoneKind, PostalKind,
    RecurrenceEnd, RecurrenceRule, ReportKind, ResponseStatus, Smime, TaskStatus,
};
use mailscope_pst::write::sample::write_sample;
use mailscope_pst::write::{
    FileTime, NewMessage, Options, Person, PropertyKey, PropertyName, PropertySet, PstWriter, Recipient,
    RecipientLine, Value,
};
use mailscope_pst::{Details, ItemKind, MemorySource, PstFile};

const MEETING: PropertySet =
    PropertySet([0x90, 0xDA, 0xD8, 0x6E, 0x0B, 0x45, 0x1B, 0x10, 0x98, 0xDA, 0, 0xAA, 0, 0x3F, 0x13, 5]);

fn named(set: PropertySet, number: u32) -> PropertyKey {
    PropertyKey::Named(set, PropertyName::Number(number))
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn of_class(class: &str) -> NewMessage {
    NewMessage { class: class.to_owned(), subject: "One".into(), ..NewMessage::default() }
}

/// Writes one item and reads its details; in every format.
fn details(message: &NewMessage) -> Details {
    let read = |options: Options| {
        let mut writer = PstWriter::new(Cursor::new(Vec::new()), options).unwrap();
        let node = writer.add_message(writer.top(), message).unwrap();
        let data = writer.finish().unwrap().into_inner();
        let file = PstFile::from_source(Arc::new(MemorySource(data))).unwrap();
        let (details, anomalies) = file.reader().details(node).unwrap();
        assert_eq!(anomalies, []);
        details
    };
    let all: Vec<Details> =
        mailscope_pst::write::small::Variant::all().map(|variant| read(variant.options())).collect();
    assert!(all.iter().all(|details| *details == all[0]));
    all.into_iter().next().unwrap()
}

fn recurrence() -> Vec<u8> {
    let halves = |all: &[u16]| all.iter().flat_map(|half| half.to_le_bytes()).collect::<Vec<u8>>();
    let words = |all: &[u32]| all.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    [
        halves(&[0x3004, 0x3004, 0x200B, 1, 0]),
        words(&[0, 2, 0, 0x0A, 0x2022, 6, 1, 0, 0, 1440, 10_080]),
        words(&[0x3006, 0x3009, 540, 600]),
        halves(&[0]),
        words(&[0, 0]),
    ]
    .concat()
}

fn meeting() -> NewMessage {
    let set = PropertySet::APPOINTMENT;
    let zone: Vec<u8> = [&(-60i32).to_le_bytes()[..], &[0; 44]].concat();
    NewMessage {
        sender: Some(Person::new("Ada", "ada@example.org")),
        recipients: [RecipientLine::To, RecipientLine::Cc, RecipientLine::Bcc]
            .into_iter()
            .map(|line| Recipient { line, person: Person::new("Bo", "bo@example.org") })
            .collect(),
        ..of_class("IPM.Appointment")
    }
    .with(named(set, 0x820D), Value::Time(FileTime(10)))
    .with(named(set, 0x820E), Value::Time(FileTime(20)))
    .with(named(set, 0x8215), Value::Bool(true))
    .with(named(set, 0x8208), text("Room 1"))
    .with(named(set, 0x8205), Value::Int32(3))
    .with(named(set, 0x8217), Value::Int32(5))
    .with(named(set, 0x8218), Value::Int32(3))
    .with(named(set, 0x8216), Value::Binary(recurrence()))
    .with(named(set, 0x8233), Value::Binary(zone))
    .with(named(set, 0x8201), Value::Int32(2))
    .with(named(MEETING, 3), Value::Binary(vec![1, 2, 3]))
    .with(named(PropertySet::COMMON, 0x8501), Value::Int32(15))
    .with(named(PropertySet::COMMON, 0x8503), Value::Bool(true))
}

fn check_meeting(found: &Appointment) {
    assert_eq!((found.starts.unwrap().0, found.ends.unwrap().0), (10, 20));
    assert_eq!((found.all_day, found.location.as_str()), (true, "Room 1"));
    assert_eq!((found.busy, found.response), (Some(BusyStatus::OutOfOffice), ResponseStatus::Accepted));
    assert!(found.is_meeting && found.is_canceled);
    assert_eq!((found.reminder_minutes, found.sequence), (Some(15), 2));
    assert_eq!(found.global_id, [1, 2, 3]);
    assert_eq!(found.organizer.name, "Ada");
    let kinds: Vec<_> = found.attendees.iter().map(|attendee| attendee.kind).collect();
    assert_eq!(kinds, [AttendeeKind::Required, AttendeeKind::Optional, AttendeeKind::Resource]);
    let series = found.recurrence.as_ref().unwrap();
    assert!(series.complete && series.changes.is_empty());
    assert_eq!((series.starts_at, series.ends_at, series.pattern.interval), (540, 600, 2));
    assert_eq!(series.pattern.rule, RecurrenceRule::Weekdays(0x0A));
    assert_eq!(series.pattern.end, RecurrenceEnd::Count(6));
    assert_eq!(found.time_zone.as_ref().unwrap().effective().unwrap().bias, -60);
}

#[test]
fn meetings() {
    let Details::Appointment(found) = details(&meeting()) else { panic!() };
    check_meeting(&found);
    let set = PropertySet::APPOINTMENT;
    let answer = NewMessage { class: "IPM.Schedule.Meeting.Resp.Tent".into(), ..meeting() }
        .with(named(set, 0x8250), Value::Time(FileTime(30)))
        .with(named(set, 0x8251), Value::Time(FileTime(40)));
    let Details::Meeting(found) = details(&answer) else { panic!() };
    check_meeting(&found.appointment);
    assert_eq!(found.step, MeetingStep::Tentative);
    assert_eq!(found.proposed.map(|(from, to)| (from.0, to.0)), Some((30, 40)));
}

/// A structure that is no structure is named, and the rest is read.
#[test]
fn broken_structures() {
    let mut message = meeting();
    for (key, value) in &mut message.properties {
        if let Value::Binary(data) = value
            && *key != named(MEETING, 3)
        {
            data.truncate(9);
        }
    }
    let mut writer = PstWriter::new(Cursor::new(Vec::new()), Options::default()).unwrap();
    let node = writer.add_message(writer.top(), &message).unwrap();
    let data = writer.finish().unwrap().into_inner();
    let file = PstFile::from_source(Arc::new(MemorySource(data))).unwrap();
    let (details, anomalies) = file.reader().details(node).unwrap();
    assert_eq!(anomalies.len(), 2);
    let Details::Appointment(found) = details else { panic!() };
    assert_eq!((found.recurrence, found.time_zone, found.location.as_str()), (None, None, "Room 1"));
}

#[test]
fn contacts() {
    let set = PropertySet::ADDRESS;
    let mut message = of_class("IPM.Contact")
        .with(named(set, 0x8048), text("1234"))
        .with(named(set, 0x802B), text("https://b.example"))
        .with(PropertyKey::Id(0x3A42), Value::Time(FileTime(77)));
    for (number, base) in [(1, 0x8080), (3, 0x80A0)] {
        message = message
            .with(named(set, base), text(&format!("Name {number}")))
            .with(named(set, base + 2), text("SMTP"))
            .with(named(set, base + 3), text(&format!("a{number}@example.org")));
    }
    for (tag, value) in [
        (0x3A06, "Given"),
        (0x3A11, "Sur"),
        (0x3A16, "Co"),
        (0x3A17, "Boss"),
        (0x3A1C, "+1"),
        (0x3A59, "Town"),
    ] {
        message = message.with(PropertyKey::Id(tag), text(value));
    }
    let Details::Contact(found) = details(&message) else { panic!() };
    let emails: Vec<_> =
        found.emails.iter().map(|it| (it.number, it.name.as_str(), it.address.as_str())).collect();
    assert_eq!(emails, [(1, "Name 1", "a1@example.org"), (3, "Name 3", "a3@example.org")]);
    let Contact { given_name, surname, company, title, .. } = &*found;
    assert_eq!([given_name, surname, company, title], ["Given", "Sur", "Co", "Boss"]);
    assert_eq!((found.phones.len(), found.phones[0].kind), (1, PhoneKind::Mobile));
    let places: Vec<_> =
        found.addresses.iter().map(|it| (it.kind, it.city.as_str(), it.postal_code.as_str())).collect();
    assert_eq!(places, [(PostalKind::Home, "Town", ""), (PostalKind::Business, "", "1234")]);
    assert_eq!((found.web.len(), found.birthday.unwrap().0), (1, 77));
}

#[test]
fn other_kinds() {
    let set = PropertySet::LOG;
    let journal = of_class("IPM.Activity")
        .with(named(set, 0x8700), text("Phone call"))
        .with(named(set, 0x8706), Value::Time(FileTime(5)))
        .with(named(set, 0x8707), Value::Int32(7));
    let Details::Journal(found) = details(&journal) else { panic!() };
    assert_eq!((found.kind.as_str(), found.starts.unwrap().0, found.minutes), ("Phone call", 5, Some(7)));

    let set = PropertySet::TASK;
    let task = of_class("IPM.TaskRequest.Accept")
        .with(named(set, 0x8101), Value::Int32(4))
        .with(named(set, 0x8102), Value::Float64(0.5))
        .with(named(set, 0x8104), Value::Time(FileTime(1)))
        .with(named(set, 0x810F), Value::Time(FileTime(2)))
        .with(named(set, 0x8116), Value::Binary(recurrence()));
    let Details::Task(found) = details(&task) else { panic!() };
    assert_eq!((found.status, found.done), (Some(TaskStatus::Deferred), Some(0.5)));
    assert_eq!((found.starts.unwrap().0, found.completed.unwrap().0), (1, 2));
    assert_eq!(found.recurrence.unwrap().interval, 2);

    let report = NewMessage {
        recipients: vec![Recipient { line: RecipientLine::To, person: Person::new("Bo", "bo@example.org") }],
        ..of_class("REPORT.IPM.Note.NDR")
    }
    .with(PropertyKey::Id(0x0049), text("Original"))
    .with(PropertyKey::Id(0x1001), text("Nobody of that name"))
    .with(PropertyKey::Id(0x004E), Value::Time(FileTime(9)));
    let Details::Report(found) = details(&report) else { panic!() };
    assert_eq!((found.kind, found.original_class.as_str()), (ReportKind::NotDelivered, "IPM.Note"));
    assert_eq!((found.original_subject.as_str(), found.text.as_str()), ("Original", "Nobody of that name"));
    assert_eq!((found.original_submitted.unwrap().0, found.recipients.len()), (9, 1));

    assert_eq!(details(&of_class("IPM.Note.SMIME")), Details::Smime(Smime::Opaque));
    assert_eq!(details(&of_class("IPM.Note")), Details::None);
    assert_eq!(details(&of_class("IPM.Post")), Details::None);
}

#[test]
fn the_sample() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sample.pst");
    write_sample(&path).unwrap();
    let file = PstFile::open(&path).unwrap();
    let mut reader = file.reader();
    let (mut members, mut colors, mut tasks, mut emails) = (0, Vec::new(), 0, 0);
    for entry in &reader.census().unwrap().items {
        let (details, anomalies) = reader.details(entry).unwrap();
        assert_eq!(anomalies, []);
        match details {
            Details::DistributionList(list) => {
                members += list.members.len();
                for member in &list.members {
                    assert!(
                        matches!(member.id, Some(EntryId::OneOff { .. })) && member.address.contains('@')
                    );
                }
            }
            Details::Note(note) => colors.extend(note.color),
            Details::Task(task) => tasks += usize::from(task.status.is_some() && task.due.is_some()),
            Details::Contact(contact) => emails += contact.emails.len(),
            _ => {}
        }
    }
    assert!(members > 1 && emails > 1);
    assert_eq!((colors, tasks), (vec![NoteColor::Yellow, NoteColor::Green, NoteColor::Blue], 4));
}

/// Every item of the real files has the details of its kind, whole, and nothing to remark on.
#[test]
fn real_files() {
    let Some(folder) = corpus() else { return };
    let (mut series, mut zones, mut members, mut contacts, mut appointments) = (0, 0, 0, 0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "tsv") {
            continue;
        }
        let file = PstFile::open(&path).unwrap();
        let mut reader = file.reader();
        for entry in reader.census().unwrap().items.iter().filter(|entry| !entry.hidden) {
            let kind = reader.item(entry).unwrap().kind;
            let (details, anomalies) = reader.details(entry).unwrap();
            assert_eq!(anomalies, [], "{}", path.display());
            match details {
                Details::Appointment(found) => {
                    assert_eq!(kind, ItemKind::Appointment);
                    appointments += 1;
                    zones += usize::from(found.time_zone.is_some_and(|zone| !zone.rules.is_empty()));
                    if let Some(found) = found.recurrence {
                        assert!(found.complete);
                        assert!(found.pattern.starts <= found.pattern.ends);
                        series += 1;
                    }
                }
                Details::Contact(_) => contacts += 1,
                Details::DistributionList(list) => {
                    members += list.members.iter().filter(|member| !member.address.is_empty()).count();
                }
                Details::None => {
                    assert!(matches!(kind, ItemKind::Mail | ItemKind::Post | ItemKind::Other), "{kind:?}");
                }
                _ => {}
            }
        }
    }
    assert_eq!((series, members, contacts, appointments), (17, 6, 117, 187));
    assert!(zones > 100, "{zones}");
}
