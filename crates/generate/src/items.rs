//! Items that are not letters: calendar, contacts, tasks, notes, journal, reports.

use mailscope_pst::write::{
    FileTime, NewMessage, Person, PropertyKey, PropertyName, PropertySet, Recipient, RecipientLine, Value,
    one_off_entry_id,
};

use crate::clock::minutes_from;
use crate::folders::Home;
use crate::mailbox::{Kind, Mailbox};
use crate::people::OWNER;
use crate::random::{Purpose, Random};
use crate::words::Words;

fn named(set: PropertySet, number: u32) -> PropertyKey {
    PropertyKey::Named(set, PropertyName::Number(number))
}

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

fn body(words: &Words, random: &mut Random, most: u64) -> Option<String> {
    let mut parts = Vec::new();
    let count = random.between(10, most);
    words.paragraphs(random, count, |part| parts.push(part.to_owned()));
    Some(parts.join("\r\n\r\n"))
}

/// A half hour of office time some days after `time`.
fn slot(time: FileTime, random: &mut Random) -> FileTime {
    const DAY: u64 = 864_000_000_000;
    let day = time.0 / DAY + random.power(1, 60);
    FileTime(day * DAY + random.between(16, 34) * (DAY / 48))
}

/// An item of a kind, its home and the bytes of its files, of which it has none.
pub fn item(mailbox: &Mailbox, index: u64, kind: Kind) -> (Home, NewMessage, u64) {
    let mut random = mailbox.random(Purpose::Body, index);
    let random = &mut random;
    let anybody = mailbox.people.anybody(random);
    let who = mailbox.people.get(anybody).clone();
    let words = &mailbox.words[who.language];
    let time = mailbox.time(index);
    let owner = mailbox.people.get(OWNER).person.clone();
    let count = random.between(2, 5);
    let base = NewMessage {
        subject: words.title(random, count),
        sender: Some(owner.clone()),
        sent: Some(time),
        delivered: Some(time),
        read: true,
        from_me: true,
        ..NewMessage::default()
    };
    match kind {
        Kind::Appointment => (Home::Calendar, appointment(mailbox, base, words, random), 0),
        Kind::Meeting => {
            let message = NewMessage {
                class: "IPM.Schedule.Meeting.Request".into(),
                sender: Some(who.person.clone()),
                recipients: vec![to(&owner)],
                from_me: false,
                read: !random.chance(100),
                ..appointment(mailbox, base, words, random)
            };
            (Home::Received(index), message, 0)
        }
        Kind::Contact => (Home::Contacts, contact(&who.person, base, words, random), 0),
        Kind::List => (Home::Contacts, list(mailbox, base, random), 0),
        Kind::Task => (Home::Tasks, task(base, words, random, &owner), 0),
        Kind::Note => {
            let text = body(words, random, 40);
            let message = NewMessage { class: "IPM.StickyNote".into(), text, ..base }
                // PidLidNoteColor, PidLidNoteWidth, PidLidNoteHeight
                .with(named(PropertySet::NOTE, 0x8B00), Value::Int32(random.below(5) as i32))
                .with(named(PropertySet::NOTE, 0x8B02), Value::Int32(200))
                .with(named(PropertySet::NOTE, 0x8B03), Value::Int32(166));
            (Home::Notes, message, 0)
        }
        Kind::Journal => {
            let minutes = random.between(1, 90);
            let text = body(words, random, 60);
            let message = NewMessage { class: "IPM.Activity".into(), text, ..base }
                // PidLidLogType, PidLidLogStart, PidLidLogDuration, PidLidLogEnd
                .with(named(PropertySet::LOG, 0x8700), self::text("Phone call"))
                .with(named(PropertySet::LOG, 0x8706), Value::Time(time))
                .with(named(PropertySet::LOG, 0x8707), Value::Int32(minutes as i32))
                .with(named(PropertySet::LOG, 0x8708), Value::Time(minutes_from(time, minutes as i64)));
            (Home::Journal, message, 0)
        }
        _ => (Home::Received(index), report(base, &who.person, &owner, random), 0),
    }
}

fn to(person: &Person) -> Recipient {
    Recipient { line: RecipientLine::To, person: person.clone() }
}

fn appointment(mailbox: &Mailbox, base: NewMessage, words: &Words, random: &mut Random) -> NewMessage {
    let set = PropertySet::APPOINTMENT;
    let start = slot(base.sent.unwrap_or(FileTime(0)), random);
    let minutes = [30, 30, 60, 60, 90, 120, 1440][random.below(7) as usize];
    let end = minutes_from(start, minutes);
    let attendees = random.power(1, 12) - 1;
    let recipients: Vec<Recipient> =
        (0..attendees).map(|_| to(&mailbox.people.get(mailbox.people.anybody(random)).person)).collect();
    let place = words.title(random, 2);
    let text = body(words, random, 120);
    NewMessage { class: "IPM.Appointment".into(), recipients, text, ..base }
        // PidTagStartDate, PidTagEndDate
        .with(PropertyKey::Id(0x0060), Value::Time(start))
        .with(PropertyKey::Id(0x0061), Value::Time(end))
        // PidLidAppointmentStartWhole, PidLidAppointmentEndWhole, PidLidLocation
        .with(named(set, 0x820D), Value::Time(start))
        .with(named(set, 0x820E), Value::Time(end))
        .with(named(set, 0x8208), self::text(place))
        // PidLidAppointmentDuration, PidLidAppointmentSubType (all day), PidLidBusyStatus
        .with(named(set, 0x8213), Value::Int32(minutes as i32))
        .with(named(set, 0x8215), Value::Bool(minutes == 1440))
        .with(named(set, 0x8205), Value::Int32(random.below(4) as i32))
        // PidLidCommonStart, PidLidCommonEnd, PidLidReminderSet, PidLidReminderDelta
        .with(named(PropertySet::COMMON, 0x8516), Value::Time(start))
        .with(named(PropertySet::COMMON, 0x8517), Value::Time(end))
        .with(named(PropertySet::COMMON, 0x8503), Value::Bool(random.chance(700)))
        .with(named(PropertySet::COMMON, 0x8501), Value::Int32(15))
}

fn contact(person: &Person, base: NewMessage, words: &Words, random: &mut Random) -> NewMessage {
    let set = PropertySet::ADDRESS;
    let (given, family) = person.name.split_once(' ').unwrap_or(("", &person.name));
    let number =
        |random: &mut Random| format!("+99 {} {}", random.between(100, 999), random.below(1_000_000));
    let company = words.title(random, 2);
    let role = words.title(random, 1);
    let (telephone, mobile) = (number(random), number(random));
    NewMessage { class: "IPM.Contact".into(), subject: person.name.clone(), sender: None, ..base }
        // PidTagDisplayName, PidTagGivenName, PidTagSurname
        .with(PropertyKey::Id(0x3001), text(person.name.as_str()))
        .with(PropertyKey::Id(0x3A06), text(given))
        .with(PropertyKey::Id(0x3A11), text(family))
        // PidTagBusinessTelephoneNumber, PidTagMobileTelephoneNumber, PidTagCompanyName, PidTagTitle
        .with(PropertyKey::Id(0x3A08), text(telephone))
        .with(PropertyKey::Id(0x3A1C), text(mobile))
        .with(PropertyKey::Id(0x3A16), text(company))
        .with(PropertyKey::Id(0x3A17), text(role))
        // PidLidFileUnder, PidLidEmail1DisplayName, …AddressType, …EmailAddress, …OriginalDisplayName
        .with(named(set, 0x8005), text(format!("{family}, {given}")))
        .with(named(set, 0x8080), text(person.name.as_str()))
        .with(named(set, 0x8082), text("SMTP"))
        .with(named(set, 0x8083), text(person.address.as_str()))
        .with(named(set, 0x8084), text(person.address.as_str()))
}

fn list(mailbox: &Mailbox, base: NewMessage, random: &mut Random) -> NewMessage {
    let set = PropertySet::ADDRESS;
    let members: Vec<Vec<u8>> = (0..random.between(2, 30))
        .map(|_| one_off_entry_id(&mailbox.people.get(mailbox.people.anybody(random)).person))
        .collect();
    let name = base.subject.clone();
    NewMessage { class: "IPM.DistList".into(), sender: None, ..base }
        .with(PropertyKey::Id(0x3001), text(name.as_str()))
        // PidLidDistributionListName, PidLidDistributionListOneOffMembers, PidLidDistributionListMembers
        .with(named(set, 0x8053), text(name))
        .with(named(set, 0x8054), Value::Binaries(members.clone()))
        .with(named(set, 0x8055), Value::Binaries(members))
}

fn task(base: NewMessage, words: &Words, random: &mut Random, owner: &Person) -> NewMessage {
    let set = PropertySet::TASK;
    let done = [0.0, 0.0, 0.25, 0.5, 1.0, 1.0][random.below(6) as usize];
    // 0 not started, 1 in progress, 2 complete
    let status = if done >= 1.0 { 2 } else { i32::from(done > 0.0) };
    let due = slot(base.sent.unwrap_or(FileTime(0)), random);
    let text = body(words, random, 80);
    NewMessage { class: "IPM.Task".into(), text, ..base }
        // PidLidTaskStatus, PidLidPercentComplete, PidLidTaskDueDate, PidLidTaskComplete, PidLidTaskOwner
        .with(named(set, 0x8101), Value::Int32(status))
        .with(named(set, 0x8102), Value::Float64(done))
        .with(named(set, 0x8105), Value::Time(due))
        .with(named(set, 0x811C), Value::Bool(done >= 1.0))
        .with(named(set, 0x811F), self::text(owner.name.as_str()))
}

fn report(base: NewMessage, from: &Person, owner: &Person, random: &mut Random) -> NewMessage {
    let lost = random.chance(500);
    let (class, subject, said) = if lost {
        ("REPORT.IPM.Note.NDR", format!("Undeliverable: {}", base.subject), "could not be delivered")
    } else {
        ("REPORT.IPM.Note.IPNRN", format!("Read: {}", base.subject), "was read")
    };
    let original = base.subject.clone();
    let time = base.sent.unwrap_or(FileTime(0));
    NewMessage {
        class: class.into(),
        subject,
        sender: Some(from.clone()),
        recipients: vec![to(owner)],
        text: Some(format!(
            "Your message\r\n\r\n  To: {}\r\n  Subject: {original}\r\n\r\n{said}.",
            from.name
        )),
        from_me: false,
        ..base
    }
    // PidTagReportTime, PidTagOriginalSubject, PidTagOriginalSubmitTime
    .with(PropertyKey::Id(0x0032), Value::Time(time))
    .with(PropertyKey::Id(0x0049), text(original))
    .with(PropertyKey::Id(0x004E), Value::Time(minutes_from(time, -20)))
}
