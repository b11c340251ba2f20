//! Calendar, contacts, list, tasks, notes and a receipt of the sample mailbox.

use super::{
    at,
    people::{CONTACTS, MEMBERS, Who},
};
use crate::write::{
    FileTime, NewMessage, PropertyKey, PropertyName, PropertySet, Recipient, RecipientLine, Value,
    one_off_entry_id,
};

type Time = (u8, u8, u8, u8);

fn named(set: PropertySet, number: u32) -> PropertyKey {
    PropertyKey::Named(set, PropertyName::Number(number))
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn item(class: &str, subject: &str, body: &str, time: Time) -> NewMessage {
    NewMessage {
        class: class.to_owned(),
        subject: subject.to_owned(),
        sender: Some(Who::Marta.person()),
        sent: Some(at(time)),
        delivered: Some(at(time)),
        text: (!body.is_empty()).then(|| body.replace('\n', "\r\n")),
        read: true,
        from_me: true,
        ..NewMessage::default()
    }
}

/// Subject, place, body, start, minutes, whether all day, whom it is with.
type Appointment = (&'static str, &'static str, &'static str, Time, u64, bool, &'static [Who]);

const CALENDAR: &[Appointment] = &[
    (
        "First talk about midsummer",
        "Café by the ferry",
        "Bring last year's numbers.",
        (1, 10, 16, 0),
        90,
        false,
        &[Who::Imke, Who::Jonas],
    ),
    (
        "Meeting at the Office of Culture",
        "Town hall, room 12",
        "With the letter. No bagpipes.",
        (2, 26, 9, 0),
        45,
        false,
        &[Who::Jonas],
    ),
    ("Rehearsal on the pier", "Große Mole", "With scarves.", (5, 4, 9, 0), 120, false, &[Who::Choir]),
    ("Guests from Kanazawa land", "Airport", "Fourteen people, kimonos.", (6, 18, 14, 30), 60, false, &[]),
    (
        "Guests from Plovdiv arrive",
        "Railway station",
        "Nine women, one bagpiper.",
        (6, 19, 19, 47),
        30,
        false,
        &[],
    ),
    (
        "Midsummer on the Pier",
        "Große Mole",
        "Sound 18:00, doors 18:30, first song 19:30.\nRain: Old Harbour Hall.",
        (6, 21, 0, 0),
        1440,
        true,
        &[Who::Imke, Who::Haruka, Who::Elitsa, Who::Layla],
    ),
];

pub(super) fn calendar() -> impl Iterator<Item = NewMessage> {
    CALENDAR.iter().map(|&(subject, place, body, start, minutes, all_day, people)| {
        let start = at(start);
        let end = FileTime(start.0 + minutes * 600_000_000);
        let attendee = |who: &Who| Recipient { line: RecipientLine::To, person: who.person() };
        let set = PropertySet::APPOINTMENT;
        NewMessage {
            recipients: people.iter().map(attendee).collect(),
            ..item("IPM.Appointment", subject, body, (1, 7, 12, 0))
        }
        // PidTagStartDate, PidTagEndDate
        .with(PropertyKey::Id(0x0060), Value::Time(start))
        .with(PropertyKey::Id(0x0061), Value::Time(end))
        // PidLidAppointmentStartWhole, PidLidAppointmentEndWhole, PidLidLocation
        .with(named(set, 0x820D), Value::Time(start))
        .with(named(set, 0x820E), Value::Time(end))
        .with(named(set, 0x8208), text(place))
        // PidLidAppointmentDuration, PidLidAppointmentSubType (all day), PidLidBusyStatus
        .with(named(set, 0x8213), Value::Int32(minutes as i32))
        .with(named(set, 0x8215), Value::Bool(all_day))
        .with(named(set, 0x8205), Value::Int32(2))
        // PidLidCommonStart, PidLidCommonEnd, PidLidReminderSet
        .with(named(PropertySet::COMMON, 0x8516), Value::Time(start))
        .with(named(PropertySet::COMMON, 0x8517), Value::Time(end))
        .with(named(PropertySet::COMMON, 0x8503), Value::Bool(false))
    })
}

pub(super) fn contacts() -> impl Iterator<Item = NewMessage> {
    CONTACTS.iter().map(|&(who, given, family, telephone, company, role)| {
        let set = PropertySet::ADDRESS;
        NewMessage { sender: None, ..item("IPM.Contact", who.name(), "", (1, 4, 10, 0)) }
            // PidTagDisplayName, PidTagGivenName, PidTagSurname
            .with(PropertyKey::Id(0x3001), text(who.name()))
            .with(PropertyKey::Id(0x3A06), text(given))
            .with(PropertyKey::Id(0x3A11), text(family))
            // PidTagBusinessTelephoneNumber, PidTagCompanyName, PidTagTitle
            .with(PropertyKey::Id(0x3A08), text(telephone))
            .with(PropertyKey::Id(0x3A16), text(company))
            .with(PropertyKey::Id(0x3A17), text(role))
            // PidLidFileUnder, PidLidEmail1DisplayName and the rest of the first address
            .with(named(set, 0x8005), text(&format!("{family}, {given}")))
            .with(named(set, 0x8080), text(who.name()))
            .with(named(set, 0x8082), text("SMTP"))
            .with(named(set, 0x8083), text(who.address()))
            .with(named(set, 0x8084), text(who.address()))
    })
}

pub(super) fn distribution_list() -> NewMessage {
    let members: Vec<_> = MEMBERS.iter().map(|who| one_off_entry_id(&who.person())).collect();
    let set = PropertySet::ADDRESS;
    NewMessage { sender: None, ..item("IPM.DistList", "Lighthouse Choir: the board", "", (1, 4, 10, 30)) }
        .with(PropertyKey::Id(0x3001), text("Lighthouse Choir: the board"))
        // PidLidDistributionListName, PidLidDistributionListOneOffMembers, PidLidDistributionListMembers
        .with(named(set, 0x8053), text("Lighthouse Choir: the board"))
        .with(named(set, 0x8054), Value::Binaries(members.clone()))
        .with(named(set, 0x8055), Value::Binaries(members))
}

/// Subject, body, due, part done.
const TASKS: &[(&str, &str, Time, f64)] = &[
    ("Letter to the town", "Jonas writes, Imke reads, Marta signs.", (2, 28, 0, 0), 1.0),
    ("Find one more bed", "25 guests, 24 beds.", (6, 1, 0, 0), 1.0),
    ("Return the ironing board", "Ruth asks for it.", (7, 12, 0, 0), 0.0),
    ("Songs for the autumn", "Ask everybody; count the wild swans.", (9, 1, 0, 0), 0.25),
];

pub(super) fn tasks() -> impl Iterator<Item = NewMessage> {
    TASKS.iter().map(|&(subject, body, due, done)| {
        let set = PropertySet::TASK;
        let complete = done >= 1.0;
        // 0 not started, 1 in progress, 2 complete
        let status = if complete { 2 } else { i32::from(done > 0.0) };
        item("IPM.Task", subject, body, (1, 8, 9, 0))
            // PidLidTaskStatus, PidLidPercentComplete, PidLidTaskDueDate, PidLidTaskComplete, PidLidTaskOwner
            .with(named(set, 0x8101), Value::Int32(status))
            .with(named(set, 0x8102), Value::Float64(done))
            .with(named(set, 0x8105), Value::Time(at(due)))
            .with(named(set, 0x811C), Value::Bool(complete))
            .with(named(set, 0x811F), text(Who::Marta.name()))
    })
}

/// Body and colour.
const NOTES: &[(&str, i32)] = &[
    ("Key of the hall\nunder the third flowerpot. Not the blue one.", 3),
    ("Encore in F\nThe gulls on the poster sing f a c a.", 1),
    ("Ferry\nlast boat 23:40, on midsummer 01:10", 0),
];

pub(super) fn notes() -> impl Iterator<Item = NewMessage> {
    NOTES.iter().map(|&(body, color)| {
        let subject = body.lines().next().unwrap_or_default();
        let set = PropertySet::NOTE;
        item("IPM.StickyNote", subject, body, (3, 1, 18, 0))
            // PidLidNoteColor, PidLidNoteWidth, PidLidNoteHeight
            .with(named(set, 0x8B00), Value::Int32(color))
            .with(named(set, 0x8B02), Value::Int32(200))
            .with(named(set, 0x8B03), Value::Int32(166))
    })
}

/// The receipt for the order of posters.
pub(super) fn read_receipt() -> NewMessage {
    let subject = "Order: 150 posters, 400 programmes";
    let read = at((4, 22, 13, 37));
    NewMessage {
        sender: Some(Who::Print.person()),
        recipients: vec![Recipient { line: RecipientLine::To, person: Who::Marta.person() }],
        from_me: false,
        ..item(
            "REPORT.IPM.Note.IPNRN",
            &format!("Read: {subject}"),
            "Your message\n\n  To: Tidewater Print\n  Subject: Order: 150 posters, 400 programmes\n\nwas read on 22 April 2025 at 13:37 (UTC).",
            (4, 22, 13, 38),
        )
    }
    // PidTagReportTime, PidTagOriginalSubject, PidTagOriginalSubmitTime
    .with(PropertyKey::Id(0x0032), Value::Time(read))
    .with(PropertyKey::Id(0x0049), text(subject))
    .with(PropertyKey::Id(0x004E), Value::Time(at((4, 22, 10, 0))))
}
