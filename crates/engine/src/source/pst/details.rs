//! What appointments, contacts, tasks and the like say beyond a message, as lines for the library.

use super::read::millis;
use crate::source::{DetailLine, DetailValue};
use mailscope_pst::messaging::details::{
    Appointment, Attendee, AttendeeKind, BusyStatus, Contact, DistributionList, Frequency, Journal,
    LocalMinutes, Meeting, MeetingStep, Note, NoteColor, PhoneKind, PostalAddress, PostalKind, Recurrence,
    RecurrenceEnd, RecurrencePattern, RecurrenceRule, Report, ReportKind, ResponseStatus, Task, TaskStatus,
};
use mailscope_pst::{Address, Details, FileTime, Item, ItemKind};

/// The first of January 4501, in milliseconds since 1970: from then on a day is a mark for none ([MS-OXOTASK] 2.2.2.2.5).
const NO_DAY: i64 = 924_429 * 86_400_000;
/// Lines of one item, at most.
const MAX_LINES: usize = 20_000;
/// Of one text, at most this many bytes.
const MAX_TEXT: usize = 64 * 1024;

/// The lines of `details`, in the order in which a person would want to read them.
pub fn lines(details: &Details) -> Vec<DetailLine> {
    let mut out = Lines(Vec::new());
    match details {
        Details::None | Details::Smime(_) => {}
        Details::Appointment(appointment) => out.appointment(appointment),
        Details::Meeting(meeting) => out.meeting(meeting),
        Details::Contact(contact) => out.contact(contact),
        Details::DistributionList(list) => out.distribution_list(list),
        Details::Task(task) => out.task(task),
        Details::Note(note) => out.note(note),
        Details::Journal(journal) => out.journal(journal),
        Details::Report(report) => out.report(report),
    }
    out.0
}

/// What any item may be given beside what its kind says: categories, and the day by which a flag is to be followed up.
pub fn beside(item: &Item) -> Vec<DetailLine> {
    let mut out = Lines(Vec::new());
    // A task tells its own day.
    if item.flag_status > 0 && !matches!(item.kind, ItemKind::Task | ItemKind::TaskRequest) {
        out.day("flag.due", item.due);
    }
    for category in &item.categories {
        out.text("category", category);
    }
    out.0
}

struct Lines(Vec<DetailLine>);

impl Lines {
    fn add(&mut self, key: &str, value: DetailValue) {
        if self.0.len() < MAX_LINES {
            self.0.push(DetailLine { key: key.to_owned(), value });
        }
    }

    fn text(&mut self, key: &str, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            let end = (0..=text.len().min(MAX_TEXT)).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
            self.add(key, DetailValue::Text(text[..end].to_owned()));
        }
    }

    fn time(&mut self, key: &str, time: Option<FileTime>) {
        if let Some(time) = time.and_then(millis) {
            self.add(key, DetailValue::Time(time));
        }
    }

    fn day(&mut self, key: &str, time: Option<FileTime>) {
        if let Some(time) = time.and_then(millis).filter(|time| *time < NO_DAY) {
            self.add(key, DetailValue::Day(time));
        }
    }

    fn minutes(&mut self, key: &str, minutes: Option<i32>) {
        if let Some(minutes) = minutes.filter(|minutes| *minutes > 0) {
            self.add(key, DetailValue::Number(f64::from(minutes)));
        }
    }

    fn flag(&mut self, key: &str, set: bool) {
        if set {
            self.add(key, DetailValue::Flag(true));
        }
    }

    fn person(&mut self, key: &str, who: &Address, note: &str) {
        if who.is_empty() {
            return;
        }
        let address = who.smtp.clone().unwrap_or_else(|| who.address.clone());
        let person = DetailValue::Person { name: who.name.trim().to_owned(), address, note: note.to_owned() };
        self.add(key, person);
    }

    fn appointment(&mut self, appointment: &Appointment) {
        self.time("starts", appointment.starts);
        self.time("ends", appointment.ends);
        self.flag("all_day", appointment.all_day);
        self.text("location", &appointment.location);
        self.flag("canceled", appointment.is_canceled);
        match &appointment.recurrence {
            Some(recurrence) => self.recurrence(recurrence),
            None => self.text("recurrence", &appointment.recurrence_text),
        }
        self.person("organizer", &appointment.organizer, "");
        for attendee in &appointment.attendees {
            self.attendee(attendee);
        }
        self.text("answer", answer(appointment.response));
        if let Some(busy) = appointment.busy {
            self.text("busy", busy_word(busy));
        }
        let zone = appointment.time_zone.as_ref().map(|zone| zone.key.as_str()).filter(|key| !key.is_empty());
        self.text("time_zone", zone.unwrap_or(&appointment.time_zone_text));
        self.minutes("reminder_minutes", appointment.reminder_minutes);
    }

    fn attendee(&mut self, attendee: &Attendee) {
        let key = match attendee.kind {
            // Has a line of its own.
            AttendeeKind::Organizer => return,
            AttendeeKind::Required => "attendee",
            AttendeeKind::Optional => "attendee.optional",
            AttendeeKind::Resource => "attendee.resource",
        };
        self.person(key, &attendee.who, answer(attendee.response));
    }

    fn meeting(&mut self, meeting: &Meeting) {
        let step = match meeting.step {
            MeetingStep::Request => "request",
            MeetingStep::Canceled => "canceled",
            MeetingStep::Accepted => "accepted",
            MeetingStep::Tentative => "tentative",
            MeetingStep::Declined => "declined",
            MeetingStep::Forwarded => "forwarded",
            MeetingStep::Other => "",
        };
        self.text("step", step);
        self.appointment(&meeting.appointment);
        if let Some((starts, ends)) = meeting.proposed {
            self.time("proposed.starts", Some(starts));
            self.time("proposed.ends", Some(ends));
        }
    }

    fn recurrence(&mut self, recurrence: &Recurrence) {
        self.text("recurrence", &in_words(&recurrence.pattern));
        self.pattern_bounds(&recurrence.pattern);
        for day in &recurrence.pattern.deleted {
            // A day that was moved is among the deleted ones too, and has a line of its own below.
            let moved = recurrence.changes.iter().any(|change| same_day(change.original, *day));
            if !moved {
                self.day("recurrence.without", Some(day.as_utc()));
            }
        }
        for change in &recurrence.changes {
            let clock = |minutes: LocalMinutes| wall_clock(minutes);
            let mut line = format!("{} → {}", clock(change.original), clock(change.starts));
            for part in [&change.subject, &change.location].into_iter().flatten() {
                line.push_str(", ");
                line.push_str(part.trim());
            }
            self.text("recurrence.change", &line);
        }
    }

    fn pattern_bounds(&mut self, pattern: &RecurrencePattern) {
        self.day("recurrence.from", Some(pattern.starts.as_utc()));
        match pattern.end {
            RecurrenceEnd::Date => self.day("recurrence.until", Some(pattern.ends.as_utc())),
            RecurrenceEnd::Count(count) => {
                self.add("recurrence.count", DetailValue::Number(f64::from(count)))
            }
            RecurrenceEnd::Never => {}
        }
    }

    fn contact(&mut self, contact: &Contact) {
        for (key, text) in [
            ("name", &contact.name),
            ("file_as", &contact.file_as),
            ("name.prefix", &contact.prefix),
            ("name.given", &contact.given_name),
            ("name.middle", &contact.middle_name),
            ("name.surname", &contact.surname),
            ("name.suffix", &contact.suffix),
            ("nickname", &contact.nickname),
            ("title", &contact.title),
            ("company", &contact.company),
            ("department", &contact.department),
            ("office", &contact.office),
            ("profession", &contact.profession),
            ("manager", &contact.manager),
            ("assistant", &contact.assistant),
            ("spouse", &contact.spouse),
        ] {
            self.text(key, text);
        }
        for email in &contact.emails {
            let exchange = email.address_type.eq_ignore_ascii_case("EX") && email.original.contains('@');
            let address = if exchange { &email.original } else { &email.address };
            let (name, address) = (email.name.trim().to_owned(), address.clone());
            self.add("email", DetailValue::Person { name, address, note: String::new() });
        }
        for phone in &contact.phones {
            self.text(&format!("phone.{}", phone_word(phone.kind)), &phone.number);
        }
        for address in &contact.addresses {
            self.postal_address(address);
        }
        for page in &contact.web {
            self.text("web", page);
        }
        self.text("instant_messaging", &contact.instant_messaging);
        self.day("birthday", contact.birthday);
        self.day("anniversary", contact.anniversary);
    }

    fn postal_address(&mut self, address: &PostalAddress) {
        let key = match address.kind {
            PostalKind::Home => "address.home",
            PostalKind::Business => "address.business",
            PostalKind::Other => "address.other",
            PostalKind::Mailing => "address.mailing",
        };
        if !address.text.trim().is_empty() {
            return self.text(key, &address.text.replace('\r', ""));
        }
        let town = [&address.postal_code, &address.city, &address.state].map(|part| part.trim());
        let town: Vec<&str> = town.into_iter().filter(|part| !part.is_empty()).collect();
        let town = town.join(" ");
        let lines = [address.street.trim(), address.box_number.trim(), &town, address.country.trim()];
        let lines: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        self.text(key, &lines.join("\n"));
    }

    fn distribution_list(&mut self, list: &DistributionList) {
        self.text("name", &list.name);
        for member in &list.members {
            let (name, address) = (member.name.trim().to_owned(), member.address.clone());
            if !(name.is_empty() && address.is_empty()) {
                self.add("member", DetailValue::Person { name, address, note: String::new() });
            }
        }
    }

    fn task(&mut self, task: &Task) {
        let status = match task.status {
            _ if task.is_complete => "complete",
            Some(TaskStatus::NotStarted) => "not started",
            Some(TaskStatus::InProgress) => "in progress",
            Some(TaskStatus::Complete) => "complete",
            Some(TaskStatus::Waiting) => "waiting",
            Some(TaskStatus::Deferred) => "deferred",
            Some(TaskStatus::Other(_)) | None => "",
        };
        self.text("status", status);
        self.day("starts", task.starts);
        self.day("due", task.due);
        if let Some(done) = task.done.filter(|done| (0.0..=1.0).contains(done)) {
            self.add("percent", DetailValue::Number((done * 100.0).round()));
        }
        self.day("completed", task.completed);
        self.text("owner", &task.owner);
        self.text("assigner", &task.assigner);
        self.minutes("estimated_minutes", task.estimated_minutes);
        self.minutes("actual_minutes", task.actual_minutes);
        if let Some(pattern) = &task.recurrence {
            self.text("recurrence", &in_words(pattern));
            self.pattern_bounds(pattern);
        }
    }

    fn note(&mut self, note: &Note) {
        let color = match note.color {
            Some(NoteColor::Blue) => "blue",
            Some(NoteColor::Green) => "green",
            Some(NoteColor::Pink) => "pink",
            Some(NoteColor::Yellow) => "yellow",
            Some(NoteColor::White) => "white",
            Some(NoteColor::Other(_)) | None => "",
        };
        self.text("color", color);
    }

    fn journal(&mut self, journal: &Journal) {
        self.text("entry", &journal.kind);
        if journal.description != journal.kind {
            self.text("description", &journal.description);
        }
        self.time("starts", journal.starts);
        self.time("ends", journal.ends);
        self.minutes("minutes", journal.minutes);
    }

    fn report(&mut self, report: &Report) {
        let outcome = match report.kind {
            ReportKind::Delivered => "delivered",
            ReportKind::NotDelivered => "not delivered",
            ReportKind::Read => "read",
            ReportKind::NotRead => "not read",
            ReportKind::Other => "",
        };
        self.text("outcome", outcome);
        self.time("reported", report.reported);
        self.text("original.subject", &report.original_subject);
        self.text("original.sender", &report.original_sender);
        self.text("original.to", &report.original_to);
        self.time("original.sent", report.original_submitted);
        self.time("original.delivered", report.original_delivered);
        self.text("original.message_id", &report.original_message_id);
        self.text("report", &report.text);
        for about in &report.recipients {
            let status =
                about.status.map_or_else(String::new, |s| format!("{}.{}.{}", s / 100, s / 10 % 10, s % 10));
            let note = [status.as_str(), about.text.trim()];
            let note: Vec<&str> = note.into_iter().filter(|part| !part.is_empty()).collect();
            self.person("original.recipient", &about.recipient.who, &note.join(" "));
        }
    }
}

fn answer(status: ResponseStatus) -> &'static str {
    match status {
        ResponseStatus::None | ResponseStatus::Other(_) => "",
        ResponseStatus::Organizer => "organizer",
        ResponseStatus::Tentative => "tentative",
        ResponseStatus::Accepted => "accepted",
        ResponseStatus::Declined => "declined",
        ResponseStatus::NotResponded => "no answer",
    }
}

fn busy_word(busy: BusyStatus) -> &'static str {
    match busy {
        BusyStatus::Free => "free",
        BusyStatus::Tentative => "tentative",
        BusyStatus::Busy => "busy",
        BusyStatus::OutOfOffice => "out of office",
        BusyStatus::WorkingElsewhere => "working elsewhere",
        BusyStatus::Other(_) => "",
    }
}

fn phone_word(kind: PhoneKind) -> &'static str {
    match kind {
        PhoneKind::Business => "business",
        PhoneKind::Home => "home",
        PhoneKind::Mobile => "mobile",
        PhoneKind::Primary => "primary",
        PhoneKind::Other => "other",
        PhoneKind::Callback => "callback",
        PhoneKind::Car => "car",
        PhoneKind::Radio => "radio",
        PhoneKind::Pager => "pager",
        PhoneKind::Assistant => "assistant",
        PhoneKind::Company => "company",
        PhoneKind::Fax => "fax",
        PhoneKind::Line => "line",
    }
}

const MINUTES_OF_DAY: u32 = 24 * 60;
/// From the first of January 1601 to that of 1970.
const DAYS_TO_1970: i64 = 134_774;
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

fn same_day(a: LocalMinutes, b: LocalMinutes) -> bool {
    a.0 / MINUTES_OF_DAY == b.0 / MINUTES_OF_DAY
}

/// "2024-03-05 14:30", in the zone of the series.
fn wall_clock(minutes: LocalMinutes) -> String {
    let (year, month, day) = crate::text::dates::civil(i64::from(minutes.0 / MINUTES_OF_DAY) - DAYS_TO_1970);
    let of_day = minutes.0 % MINUTES_OF_DAY;
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", of_day / 60, of_day % 60)
}

/// "every 2 weeks on Monday and Friday".
fn in_words(pattern: &RecurrencePattern) -> String {
    let (unit, interval) = match pattern.frequency {
        Frequency::Daily => ("day", pattern.interval),
        Frequency::Weekly => ("week", pattern.interval),
        Frequency::Yearly => ("year", pattern.interval.div_ceil(12)),
        Frequency::Monthly => ("month", pattern.interval),
    };
    let mut words = match interval {
        0 | 1 => format!("every {unit}"),
        n => format!("every {n} {unit}s"),
    };
    match pattern.rule {
        RecurrenceRule::Days => {}
        RecurrenceRule::Weekdays(days) => words.push_str(&format!(" on {}", weekdays(days))),
        RecurrenceRule::DayOfMonth(day) => words.push_str(&format!(" on day {day}")),
        RecurrenceRule::NthWeekday { days, nth } => {
            let which = match nth {
                1 => "first",
                2 => "second",
                3 => "third",
                4 => "fourth",
                _ => "last",
            };
            words.push_str(&format!(" on the {which} {}", weekdays(days)));
        }
        RecurrenceRule::MonthEnd => words.push_str(" on the last day"),
    }
    words
}

fn weekdays(days: u8) -> String {
    match days & 0x7F {
        0x7F => return "day".into(),
        0x3E => return "weekday".into(),
        0x41 => return "weekend day".into(),
        _ => {}
    }
    let mut names: Vec<&str> =
        WEEKDAYS.iter().enumerate().filter(|(bit, _)| days >> bit & 1 == 1).map(|(_, name)| *name).collect();
    match names.pop() {
        Some(last) if names.is_empty() => last.into(),
        Some(last) => format!("{} and {last}", names.join(", ")),
        None => "no day".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(frequency: Frequency, interval: u32, rule: RecurrenceRule) -> RecurrencePattern {
        RecurrencePattern {
            frequency,
            rule,
            hijri: false,
            calendar: 0,
            interval,
            from_completion: false,
            end: RecurrenceEnd::Never,
            week_begins: 0,
            deleted: Vec::new(),
            modified: Vec::new(),
            starts: LocalMinutes(0),
            ends: LocalMinutes(0),
        }
    }

    #[test]
    fn series_are_told_in_words() {
        let check = |frequency, interval, rule, want: &str| {
            assert_eq!(in_words(&pattern(frequency, interval, rule)), want);
        };
        check(Frequency::Daily, 1, RecurrenceRule::Days, "every day");
        check(Frequency::Daily, 3, RecurrenceRule::Days, "every 3 days");
        check(Frequency::Weekly, 1, RecurrenceRule::Weekdays(0b10), "every week on Monday");
        check(
            Frequency::Weekly,
            2,
            RecurrenceRule::Weekdays(0b10_1010),
            "every 2 weeks on Monday, Wednesday and Friday",
        );
        check(Frequency::Weekly, 1, RecurrenceRule::Weekdays(0x3E), "every week on weekday");
        check(Frequency::Monthly, 1, RecurrenceRule::DayOfMonth(31), "every month on day 31");
        check(
            Frequency::Monthly,
            2,
            RecurrenceRule::NthWeekday { days: 4, nth: 5 },
            "every 2 months on the last Tuesday",
        );
        check(
            Frequency::Yearly,
            12,
            RecurrenceRule::NthWeekday { days: 0x7F, nth: 1 },
            "every year on the first day",
        );
        check(Frequency::Monthly, 1, RecurrenceRule::MonthEnd, "every month on the last day");
        check(Frequency::Weekly, 1, RecurrenceRule::Weekdays(0), "every week on no day");
    }

    #[test]
    fn clock_times_stay_in_their_zone() {
        // 2024-03-05 is 154,561 days after 1601-01-01.
        assert_eq!(wall_clock(LocalMinutes(154_561 * MINUTES_OF_DAY + 14 * 60 + 30)), "2024-03-05 14:30");
        assert_eq!(wall_clock(LocalMinutes(0)), "1601-01-01 00:00");
    }
}
