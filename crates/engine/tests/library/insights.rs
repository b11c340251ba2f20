//! Counts beside what the items themselves say.

use super::Bench;
use mailscope_engine::Zone;
use mailscope_engine::insights::{Insights, Request};
use mailscope_engine::search::{Question, Request as SearchRequest};
use mailscope_pst::write::{
    Content, NewAttachment, NewMessage, Options, Person, PstWriter, Recipient, RecipientLine,
};
use std::path::Path;

/// Seconds since 1970 of a Wednesday, 14 November 2001, 16:20 UTC.
const WEDNESDAY: i64 = 1_005_754_800;
const DAY: i64 = 86_400;

fn person(n: usize) -> Person {
    Person::new(format!("Person {n}"), format!("Person{n}@Example{}.org", n % 2))
}

fn file_time(seconds: i64) -> mailscope_pst::write::FileTime {
    mailscope_pst::FileTime(u64::try_from((seconds + 11_644_473_600) * 10_000_000).unwrap())
}

/// Person n writes to the two after it, on day n, with n files; the last message has no date and no people.
fn write(path: &Path) {
    let mut writer = PstWriter::create(path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
    let below = writer.add_folder(inbox, "Below").unwrap();
    for n in 0..4 {
        let line = [RecipientLine::To, RecipientLine::Cc];
        let message = NewMessage {
            subject: format!("Message {n}"),
            text: Some("Some words".into()),
            sender: Some(person(n)),
            recipients: [1, 2].map(|m| Recipient { line: line[m - 1], person: person((n + m) % 4) }).to_vec(),
            sent: Some(file_time(WEDNESDAY + n as i64 * DAY)),
            attachments: (0..n)
                .map(|a| NewAttachment {
                    name: format!("file{a}.{}", if a == 0 { "PDF" } else { "txt" }),
                    content: Content::Bytes(vec![b'x'; 1000]),
                    ..NewAttachment::default()
                })
                .collect(),
            ..NewMessage::default()
        };
        writer.add_message(if n < 2 { inbox } else { below }, &message).unwrap();
    }
    writer.finish().unwrap();
}

#[test]
fn languages_are_counted_where_they_are_known() {
    let bench = Bench::new();
    let path = bench.path("languages.pst");
    let mut writer = PstWriter::create(&path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
    let texts = [
        "We have to look at all of it before they are back, and then at what is left.",
        "I do not know what they have been told about this, but you should be there.",
        "Wir haben das noch nicht geprüft, weil es die Leitung nicht mit uns besprochen hat.",
        "4711 / 12,5 / XK",
        "",
    ];
    for text in texts {
        let message = NewMessage { text: Some(text.into()), ..NewMessage::default() };
        writer.add_message(inbox, &message).unwrap();
    }
    writer.finish().unwrap();
    bench.import_well(&path);
    let languages = |query: &str| -> Vec<(&str, u64)> {
        asked(&bench, query, "UTC")
            .languages
            .into_iter()
            .map(|(language, count)| (language.code(), count))
            .collect()
    };
    assert_eq!(languages(""), [("en", 2), ("de", 1)]);
    assert_eq!(languages("lang:de"), [("de", 1)]);
    assert_eq!(languages("4711"), []);
    let request = mailscope_engine::search::Request { facets: true, limit: 1, ..Default::default() };
    let facets = bench.library().search(&request).unwrap().facets.unwrap();
    assert_eq!(facets.languages.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [2, 1]);
    let (_, offered) = bench.library().complete("lang:", 5, 10, &Zone::default()).unwrap();
    let offered: Vec<_> = offered.iter().map(|offer| (offer.insert.as_str(), offer.count)).collect();
    assert_eq!(offered[..3], [("lang:en", Some(2)), ("lang:de", Some(1)), ("lang:fr", None)]);
}

/// Writes letters of one conversation: number, sender, minutes after the first, the number of the one that it answers, subject.
fn write_answers(path: &Path, letters: &[(usize, usize, i64, Option<usize>, &str)]) {
    let mut writer = PstWriter::create(path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
    for (number, sender, minutes, answers, subject) in letters {
        let message = NewMessage {
            subject: (*subject).into(),
            text: Some(format!("Words of letter{number}.")),
            sender: Some(person(*sender)),
            sent: Some(file_time(WEDNESDAY + minutes * 60)),
            message_id: Some(format!("<letter{number}@example.org>")),
            in_reply_to: answers.map(|number| format!("<letter{number}@example.org>")),
            ..NewMessage::default()
        };
        writer.add_message(inbox, &message).unwrap();
    }
    writer.finish().unwrap();
}

#[test]
fn answers_are_timed() {
    let bench = Bench::new();
    let path = bench.path("answers.pst");
    write_answers(
        &path,
        &[
            (1, 0, 0, None, "Plan"),
            (2, 1, 10, Some(1), "Re: Plan"),
            // A second answer of the same person to the same letter does not count, nor one to oneself.
            (3, 1, 60, Some(1), "Re: Plan"),
            (4, 1, 70, Some(2), "Re: Plan"),
            (5, 2, 40, Some(1), "Re: Plan"),
            (6, 0, 30, Some(2), "Re: Plan"),
            // Passed on, not answered; and from a clock that runs behind.
            (7, 2, 90, Some(2), "Fwd: Plan"),
            (8, 3, -5, Some(1), "Re: Plan"),
            (9, 3, 500, None, "Plan of others"),
        ],
    );
    bench.import_well(&path);
    let asked = |query: &str| {
        let question = Question { query: query.into(), ..Question::default() };
        bench.library().replies(&question, 10).unwrap()
    };
    let all = asked("");
    let times = all.times;
    assert_eq!((times.count, times.quarter, times.median, times.three_quarters), (3, 600, 1200, 2400));
    assert_eq!(all.looked_at, (8, 8));
    let people: Vec<_> =
        all.people.iter().map(|p| (p.address.as_str(), p.times.count, p.times.median)).collect();
    assert_eq!(
        people,
        [
            ("person0@example0.org", 1, 1200),
            ("person1@example1.org", 1, 600),
            ("person2@example0.org", 1, 2400)
        ]
    );
    // What is asked for are the answers; what they answer need not match.
    assert_eq!(asked("from:person2").times.count, 1);
    assert_eq!(asked("letter3").times.count, 0);
    assert_eq!(asked("letter9").looked_at, (0, 0));
    assert_eq!(asked("letter9").times, Default::default());
}

fn asked(bench: &Bench, query: &str, zone: &str) -> Insights {
    let zone = Zone::named(zone).unwrap();
    let question = Question { query: query.into(), zone, ..Question::default() };
    bench.library().insights(&Request { question, top: 3 }).unwrap()
}

#[test]
fn counts_of_a_known_file() {
    let bench = Bench::new();
    let path = bench.path("mail.pst");
    write(&path);
    bench.import_well(&path);
    let found = asked(&bench, "", "UTC");
    assert_eq!((found.total, found.undated, found.people), (4, 0, 4));
    assert_eq!(found.by_month, [((2001, 11), 4)]);
    assert_eq!(found.by_day[0], ((2001, 11, 14), 1));
    assert_eq!(found.by_day.len(), 4);
    let hours: Vec<(usize, usize)> = (0..7)
        .flat_map(|day| (0..24).map(move |hour| (day, hour)))
        .filter(|(day, hour)| found.by_hour[*day][*hour] > 0)
        .collect();
    assert_eq!(hours, [(2, 16), (3, 16), (4, 16), (5, 16)]);
    assert_eq!(found.senders.len(), 3, "as many as were asked for");
    assert_eq!(
        (found.senders[0].name.as_str(), found.senders[0].address.as_str()),
        ("Person 0", "person0@example0.org")
    );
    assert!(found.recipients.iter().all(|person| person.count == 2));
    let domains: Vec<_> = found.domains.iter().map(|d| (d.domain.as_str(), d.count, d.sent)).collect();
    assert_eq!(domains, [("example0.org", 4, 2), ("example1.org", 4, 2)]);
    let types: Vec<_> = found.attachment_types.iter().map(|a| (a.kind.as_str(), a.count)).collect();
    assert_eq!(types, [("pdf", 3), ("txt", 3)]);
    assert_eq!(found.attachments.0, 6);
    assert!(found.attachment_types.iter().all(|a| a.bytes >= 3000), "{:?}", found.attachment_types);
    let folders: Vec<_> =
        found.folders.iter().map(|f| (f.path.rsplit('/').next().unwrap(), f.count)).collect();
    assert_eq!(folders, [("Inbox", 2), ("Below", 2)]);
    assert_eq!(found.sources[0].1, "mail.pst");
    assert_eq!(found.largest[0].subject, "Message 3");
    assert_eq!(found.sizes.buckets.iter().map(|(_, count)| count).sum::<u64>(), 4);
    assert_eq!(found.sizes.max, found.largest[0].size);

    assert_eq!(
        asked(&bench, "", "+8").by_hour[3][0],
        1,
        "16:20 of a Wednesday is 0:20 of Thursday eight hours east"
    );
    assert_eq!(asked(&bench, "", "-17:00").by_day[0].0, (2001, 11, 13));
    let some = asked(&bench, "from:\"person 3\"", "UTC");
    assert_eq!((some.total, some.people, some.attachments.0), (1, 3, 3));
    let none = asked(&bench, "zzzz", "UTC");
    assert_eq!((none.total, none.span, none.senders.len(), none.largest.len()), (0, None, 0, 0));
}

#[test]
fn counts_agree_with_searches() {
    let bench = Bench::new();
    let path = bench.path("sample.pst");
    mailscope_engine::source::pst::write_sample(&path).unwrap();
    bench.import_well(&path);
    let question = Question::default();
    let found = bench.library().insights(&Request { question, top: 200 }).unwrap();
    assert_eq!(found.total, bench.find("").total);
    assert_eq!(found.by_month.iter().map(|(_, count)| count).sum::<u64>() + found.undated, found.total);
    assert_eq!(found.by_hour.iter().flatten().sum::<u64>() + found.undated, found.total);
    assert_eq!(found.kinds.iter().map(|(_, count)| count).sum::<u64>(), found.total);
    assert_eq!(found.folders.iter().map(|f| f.count).sum::<u64>(), found.total);
    for ((year, month), count) in &found.by_month {
        assert_eq!(bench.find(&format!("during:{year:04}-{month:02}")).total, *count, "{year}-{month}");
    }
    for name in ["UTC", "+05:30", "-08:00", "Europe/Vienna", "Australia/Sydney", "America/St_Johns"] {
        let zone = Zone::named(name).unwrap();
        let find = |query: &str| {
            let request =
                SearchRequest { query: query.into(), zone: zone.clone(), ..SearchRequest::default() };
            bench.library().search(&request).unwrap().total
        };
        let found = asked(&bench, "", name);
        let hours = || (0..7).flat_map(|day| (0..24).map(move |hour| (day, hour)));
        let weekday = |day: usize| ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][day];
        for (day, hour) in hours() {
            let query = format!("hour:\"{} {hour}\"", weekday(day));
            assert_eq!(find(&query), found.by_hour[day][hour], "{query} {name}");
            // Whoever asks, a zone that is said is meant.
            let query = format!("hour:\"{} {hour} {name}\"", weekday(day));
            assert_eq!(bench.find(&query).total, found.by_hour[day][hour], "{query}");
            let query = format!("sent_hour:\"{} {hour}\"", weekday(day));
            assert_eq!(find(&query), found.by_sender_hour[day][hour], "{query} {name}");
        }
        let sent: u64 = found.by_sender_hour.iter().flatten().sum();
        assert!(sent > 0 && found.without_sender_zone > 0, "{name}");
        assert_eq!(sent + found.without_sender_zone + found.undated, found.total, "{name}");
        assert_eq!(find("sent_hour:0..23"), sent, "{name}");
        for ((year, month), count) in &found.by_month {
            assert_eq!(find(&format!("during:{year:04}-{month:02}")), *count, "{year}-{month} {name}");
        }
        for ((year, month, day), count) in &found.by_day {
            assert_eq!(
                find(&format!("date:{year:04}-{month:02}-{day:02}")),
                *count,
                "{year}-{month}-{day} {name}"
            );
        }
    }
    for person in found.senders.iter().filter(|person| person.address.contains('@')) {
        assert_eq!(bench.find(&format!("from:\"{}\"", person.address)).total, person.count, "{person:?}");
    }
    for (kind, count) in &found.kinds {
        let name = mailscope_engine::source::ItemKind::ALL[*kind as usize].1;
        assert_eq!(bench.find(&format!("kind:{name}")).total, *count, "{name}");
    }
}

#[test]
fn who_wrote_to_whom() {
    let bench = Bench::new();
    let path = bench.path("mail.pst");
    write(&path);
    bench.import_well(&path);
    let graph = bench.library().people(&Question::default(), 10).unwrap();
    assert_eq!((graph.total, graph.people.len(), graph.links.len()), (4, 4, 8));
    for person in &graph.people {
        assert_eq!((person.sent, person.received), (1, 2), "{person:?}");
        assert!(person.span.is_some_and(|(first, last)| first < last));
    }
    let name = |n: u32| graph.people[n as usize].name.as_str();
    let of_zero: Vec<_> =
        graph.links.iter().filter(|l| name(l.from) == "Person 0").map(|l| (name(l.to), l.count)).collect();
    assert_eq!(of_zero, [("Person 1", 1), ("Person 2", 1)]);
    let few = bench.library().people(&Question::default(), 2).unwrap();
    assert_eq!((few.total, few.people.len()), (4, 2));
    assert!(few.links.iter().all(|link| link.from < 2 && link.to < 2));
}
