//! What items of other kinds than mail say beyond a message.

use super::Bench;
use mailscope_engine::{DetailValue, Shown};

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
