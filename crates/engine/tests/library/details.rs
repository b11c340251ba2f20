//! What items of other kinds than mail say beyond a message.

use super::Bench;
use mailscope_engine::{DetailValue, Shown};
use mailscope_pst::FileTime;
use mailscope_pst::write::{NewMessage, Options, PropertyKey, PropertyName, PropertySet, PstWriter, Value};

fn lines(shown: &Shown) -> Vec<(String, DetailValue)> {
    shown.facts.details.iter().map(|line| (line.key.clone(), line.value.clone())).collect()
}

#[test]
fn kinds_have_their_details_in_the_library_and_in_the_file() {
    let bench = Bench::new();
    let path = bench.path("sample.pst");
    mailscope_engine::source::pst::write_sample(&path).unwrap();
    bench.import_well(&path);
    let check = |kind: &str, keys: &[&str]| {
        let found = bench.find(&format!("kind:{kind}"));
        assert!(found.total > 0, "{kind}");
        let mut seen: Vec<String> = Vec::new();
        for hit in &found.hits {
            let shown = bench.library().show(hit.row.id, &[], None).unwrap();
            let live = &bench.library().live_item(&shown).unwrap().details;
            assert_eq!(live, &shown.facts.details, "{kind}: the library keeps what the file says");
            seen.extend(lines(&shown).into_iter().map(|(key, _)| key));
        }
        for key in keys {
            assert!(seen.iter().any(|seen| seen == key), "{kind} has no {key}: {seen:?}");
        }
    };
    check("appointment", &["starts", "ends", "location", "organizer", "attendee", "all_day"]);
    check("contact", &["name", "company", "email", "phone.business"]);
    check("task", &["status", "due"]);
    check("mail", &[]);
}

#[test]
fn details_are_found_by_their_words_and_stay_when_the_file_is_away() {
    let bench = Bench::new();
    let path = bench.path("sample.pst");
    mailscope_engine::source::pst::write_sample(&path).unwrap();
    bench.import_well(&path);
    let contact = bench.find("kind:contact").hits[0].row.id;
    let shown = bench.library().show(contact, &[], None).unwrap();
    let words: Vec<String> = lines(&shown)
        .into_iter()
        .filter_map(|(key, value)| match value {
            DetailValue::Text(text) if key == "company" => Some(text),
            _ => None,
        })
        .collect();
    let company = words.first().unwrap();
    assert!(bench.find(&format!("kind:contact \"{company}\"")).hits.iter().any(|hit| hit.row.id == contact));
    std::fs::remove_file(&path).unwrap();
    let away = bench.library().show(contact, &[], None).unwrap();
    assert!(away.away.is_some());
    assert_eq!(away.facts, shown.facts);
}

#[test]
fn rows_tell_each_detail_once() {
    let bench = Bench::new();
    let path = bench.path("sample.pst");
    mailscope_engine::source::pst::write_sample(&path).unwrap();
    bench.import_well(&path);
    let found = bench.find("kind:contact caretaker");
    let [hit] = &found.hits[..] else { panic!("{} hits", found.hits.len()) };
    assert_eq!(hit.row.subject, "Ruth Abernathy");
    assert_eq!(hit.snippet, "Caretaker · Old Harbour Hall · ruth.abernathy@example.com · +44 20 5550 0107");
    let marked: Vec<&str> = hit.snippet_marks.iter().map(|mark| &hit.snippet[mark.clone()]).collect();
    assert_eq!(marked, ["Caretaker"]);
}

/// Categories, companies and the days by which things are to be done, as Outlook's own searches ask for them.
#[test]
fn categories_companies_and_due_days_are_asked_for() {
    let mut bench = Bench::new();
    let path = bench.path("mail.pst");
    let day = |number: i64| FileTime::from_unix_millis(number * 86_400_000).unwrap();
    let keywords = PropertyKey::Named(PropertySet::PUBLIC_STRINGS, PropertyName::Text("Keywords".into()));
    // PidLidTaskDueDate, PidTagFlagStatus, PidTagCompanyName
    let due = PropertyKey::Named(PropertySet::TASK, PropertyName::Number(0x8105));
    let (flag, company) = (PropertyKey::Id(0x1090), PropertyKey::Id(0x3A16));
    let mail = |subject: &str| NewMessage {
        subject: subject.into(),
        text: Some("The same words.".into()),
        sent: Some(day(11_640)),
        ..NewMessage::default()
    };
    let texts = |all: &[&str]| Value::Texts(all.iter().map(|text| (*text).to_owned()).collect());
    let messages = [
        mail("Same").with(keywords.clone(), texts(&["Red Team", "Holiday"])),
        mail("Same").with(keywords.clone(), texts(&["Blue Team"])),
        mail("Flagged").with(flag.clone(), Value::Int32(2)).with(due.clone(), Value::Time(day(11_642))),
        // A mark for no day; and a day that nothing is flagged for.
        mail("Undated").with(flag, Value::Int32(2)).with(due.clone(), Value::Time(day(924_429))),
        mail("Unflagged").with(due.clone(), Value::Time(day(11_642))),
        NewMessage { class: "IPM.Task".into(), ..mail("Task") }.with(due, Value::Time(day(11_670))),
        NewMessage { class: "IPM.Contact".into(), ..mail("Contact") }
            .with(company, Value::Text("Northfield Gas".into()))
            .with(keywords, Value::Text("Team".into())),
    ];
    let mut writer = PstWriter::create(&path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
    for message in &messages {
        writer.add_message(inbox, message).unwrap();
    }
    writer.finish().unwrap();
    bench.import_well(&path);
    let check = |bench: &Bench| {
        for (query, expected) in [
            ("category:holiday", &["Same"][..]),
            ("categories:\"red team\"", &["Same"]),
            ("category:team", &["Contact", "Same", "Same"]),
            ("category:\"holiday red\"", &[]),
            ("category:words", &[]),
            ("holiday", &["Same"]),
            ("company:northfield", &["Contact"]),
            ("company:team", &[]),
            ("due:2001-11-16", &["Flagged"]),
            ("duedate:2001", &["Flagged", "Task"]),
            ("due>2001-11", &["Task"]),
            ("due<2001-12", &["Flagged"]),
            ("-due<=9999", &["Contact", "Same", "Same", "Undated", "Unflagged"]),
            ("is:duplicate", &["Same"]),
        ] {
            assert_eq!(bench.subjects(query), expected, "{query}");
        }
    };
    bench.library().settle().unwrap();
    check(&bench);
    let mail = bench.find("holiday").hits[0].row.id;
    let shown = bench.library().show(mail, &[], None).unwrap();
    let text = |text: &str| ("category".to_owned(), DetailValue::Text(text.into()));
    assert_eq!(lines(&shown), [text("Red Team"), text("Holiday")]);
    assert_eq!(bench.library().live_item(&shown).unwrap().details, shown.facts.details);
    // The same from what SQLite keeps.
    bench.close();
    bench.remove_index();
    bench.open();
    bench.library().settle().unwrap();
    check(&bench);
    // Where nothing has such a day, nothing answers.
    let other = Bench::new();
    other.import_well(&other.numbered("mail.pst", 3));
    assert_eq!((other.find("due:2001").total, other.find("-due:2001").total), (0, 3));
}
