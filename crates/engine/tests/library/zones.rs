//! Days and hours where the reader is, and where the sender was.

use super::Bench;
use mailscope_engine::Zone;
use mailscope_engine::export::Which;
use mailscope_engine::insights;
use mailscope_engine::search::{Question, Request};
use mailscope_pst::write::{NewMessage, Options, PstWriter};
use std::path::Path;

/// Seconds since 1970 of a time of UTC, as "2001-03-25 22:00:00".
fn seconds(time: &str) -> i64 {
    let numbers: Vec<i64> =
        time.split(['-', ' ', ':']).map(|part| part.parse().unwrap_or_else(|_| panic!("{time}"))).collect();
    let day = mailscope_engine::text::dates::days(numbers[0], numbers[1], numbers[2]);
    day * 86_400 + numbers[3] * 3600 + numbers[4] * 60 + numbers[5]
}

/// Message n was sent at the nth of these times of UTC, with such a header `Date` (none where it is empty).
fn write(path: &Path, messages: &[(&str, &str)]) {
    let mut writer = PstWriter::create(path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
    for (n, (time, date)) in messages.iter().enumerate() {
        let sent = u64::try_from((seconds(time) + 11_644_473_600) * 10_000_000).unwrap();
        let message = NewMessage {
            subject: format!("Message {n}"),
            sent: Some(mailscope_pst::FileTime(sent)),
            headers: (!date.is_empty()).then(|| format!("Subject: x\r\nDate: {date}\r\n")),
            ..NewMessage::default()
        };
        writer.add_message(inbox, &message).unwrap();
    }
    writer.finish().unwrap();
}

/// The numbers of the messages that answer a query of a reader in a zone.
fn found(bench: &Bench, query: &str, zone: &str) -> Vec<usize> {
    let zone = Zone::named(zone).unwrap_or_else(|| panic!("{zone}"));
    let request = Request { query: query.into(), limit: 100, zone, ..Request::default() };
    let hits = bench.library().search(&request).unwrap().hits;
    let number = |subject: &str| subject.strip_prefix("Message ").unwrap().parse().unwrap();
    let mut numbers: Vec<usize> = hits.iter().map(|hit| number(&hit.row.subject)).collect();
    numbers.sort_unstable();
    numbers
}

#[test]
fn offered_times_are_those_of_the_reader() {
    let bench = Bench::new();
    let path = bench.path("mail.pst");
    let times = ["2001-06-30 21:59:59", "2001-06-30 22:00:00", "2001-12-31 22:59:59", "2001-12-31 23:00:00"];
    write(&path, &times.map(|time| (time, "")));
    bench.import_well(&path);
    let check = |zone: &str, expected: &[(&str, u64)]| {
        let typed = "during:2";
        let named = Zone::named(zone).unwrap();
        let (_, offered) = bench.library().complete(typed, typed.len(), 10, &named).unwrap();
        let offered: Vec<_> =
            offered.iter().map(|offer| (offer.insert.as_str(), offer.count.unwrap_or_default())).collect();
        assert_eq!(offered, expected, "{zone}");
        for (query, count) in expected {
            assert_eq!(found(&bench, query, zone).len() as u64, *count, "{query} in {zone}");
        }
    };
    let utc = [("during:2001", 4), ("during:2001-12", 2), ("during:2001-06", 2)];
    let vienna = [
        ("during:2002", 1),
        ("during:2001", 3),
        ("during:2002-01", 1),
        ("during:2001-12", 1),
        ("during:2001-07", 1),
        ("during:2001-06", 1),
    ];
    // Also when it was counted for another zone just before.
    check("UTC", &utc);
    check("Europe/Vienna", &vienna);
    check("UTC", &utc);
}

#[test]
fn days_are_those_of_the_reader() {
    let bench = Bench::new();
    let path = bench.path("mail.pst");
    let times = [
        // Around the first and the last moment of the day on which summer time began in Vienna.
        "2001-03-24 22:59:59",
        "2001-03-24 23:00:00",
        "2001-03-25 21:59:59",
        "2001-03-25 22:00:00",
        // Around the turn of the year there.
        "2001-12-31 22:59:59",
        "2001-12-31 23:00:00",
    ];
    write(&path, &times.map(|time| (time, "")));
    bench.import_well(&path);
    for (query, zone, expected) in [
        ("date:2001-03-25", "Europe/Vienna", &[1, 2][..]),
        ("date:2001-03-25", "UTC", &[2, 3]),
        ("date:2001-03-25", "Asia/Kolkata", &[0, 1]),
        ("date:2001-03-25", "+05:30", &[0, 1]),
        ("date:2001-03-24", "America/Los_Angeles", &[0, 1]),
        ("-date:2001-03-25", "Europe/Vienna", &[0, 3, 4, 5]),
        ("after:2001-03-26", "Europe/Vienna", &[3, 4, 5]),
        ("before:2002", "Europe/Vienna", &[0, 1, 2, 3, 4]),
        ("before:2002", "UTC", &[0, 1, 2, 3, 4, 5]),
        ("during:2001-12", "Europe/Vienna", &[4]),
        ("date:2002", "Pacific/Auckland", &[4, 5]),
        ("received>=2001-12-31", "Europe/Vienna", &[4, 5]),
        // The reader's clocks, summer and winter.
        ("hour:0", "Europe/Vienna", &[1, 3, 5]),
        ("hour:23", "Europe/Vienna", &[0, 2, 4]),
        ("hour:\"sun 23\"", "Europe/Vienna", &[2]),
        ("hour:23", "+01:00", &[0, 3, 4]),
        ("hour:\"23 +01:00\"", "Europe/Vienna", &[0, 3, 4]),
        ("hour:\"0 europe/vienna\"", "America/Chicago", &[1, 3, 5]),
        ("weekday:tue", "Europe/Vienna", &[5]),
    ] {
        assert_eq!(found(&bench, query, zone), expected, "{query} {zone}");
    }

    let asked = |query: &str, zone: &str| {
        let zone = Zone::named(zone).unwrap();
        let question = Question { query: query.into(), zone, ..Question::default() };
        bench.library().insights(&insights::Request { question, top: 1 }).unwrap()
    };
    let told = asked("", "Europe/Vienna");
    assert_eq!(told.by_month, [((2001, 3), 4), ((2001, 12), 1), ((2002, 1), 1)]);
    let days =
        [((2001, 3, 24), 1), ((2001, 3, 25), 2), ((2001, 3, 26), 1), ((2001, 12, 31), 1), ((2002, 1, 1), 1)];
    assert_eq!(told.by_day, days);
    assert_eq!(asked("", "UTC").by_month, [((2001, 3), 4), ((2001, 12), 2)]);
    // What is found for the day of one reader is told within it, and not as that of another: also when it was kept.
    for _ in 0..2 {
        assert_eq!(asked("date:2001-03-25", "Europe/Vienna").by_day, [((2001, 3, 25), 2)]);
        assert_eq!(asked("date:2001-03-25", "Asia/Kolkata").by_day, [((2001, 3, 25), 2)]);
        assert_eq!(found(&bench, "date:2001-03-25", "Europe/Vienna"), [1, 2]);
        assert_eq!(found(&bench, "date:2001-03-25", "UTC"), [2, 3]);
        assert_eq!(found(&bench, "2001 OR Message", "UTC"), [0, 1, 2, 3, 4, 5]);
    }

    // What is done to all that answer is done to what the reader sees.
    let zone = Zone::named("Europe/Vienna").unwrap();
    let which = Which::Query(Question { query: "date:2001-03-25".into(), zone, ..Question::default() });
    bench.library().review(&which, mailscope_engine::Change::Flag(true)).unwrap();
    assert_eq!(found(&bench, "is:marked", "UTC"), [1, 2]);

    // Months beside the list.
    let zone = Zone::named("Europe/Vienna").unwrap();
    let request = Request { facets: true, limit: 1, zone, ..Request::default() };
    let facets = bench.library().search(&request).unwrap().facets.unwrap();
    assert_eq!(facets.by_month, told.by_month);
}

#[test]
fn hours_are_those_of_the_sender_where_they_are_known() {
    let bench = Bench::new();
    let path = bench.path("mail.pst");
    let friday = "2001-11-16 16:20:00";
    let messages = [
        (friday, "Fri, 16 Nov 2001 08:20:00 -0800 (PST)"),
        (friday, "Fri, 16 Nov 2001 11:20:00 EST"),
        (friday, "Sat, 17 Nov 2001 05:20:00 +1300"),
        (friday, "Fri, 16 Nov 2001 21:50:00\r\n +0530"),
        (friday, "Fri, 16 Nov 2001 16:20:00 GMT"),
        (friday, "Fri, 16 Nov 2001 16:20:00 -0000"),
        (friday, "Friday afternoon"),
        (friday, ""),
    ];
    write(&path, &messages);
    bench.import_well(&path);
    let check = |bench: &Bench| {
        for (query, expected) in [
            ("sent_hour:8", &[0][..]),
            ("sent_hour:8..12", &[0, 1]),
            ("sent_weekday:sat", &[2]),
            ("senthour:\"fri 21\"", &[3]),
            ("sent_hour:16", &[4]),
            ("sent_hour:0..23", &[0, 1, 2, 3, 4]),
            ("-sent_hour:mon..sun", &[5, 6, 7]),
            // All are of one moment.
            ("hour:16", &[0, 1, 2, 3, 4, 5, 6, 7]),
        ] {
            // Where the reader is does not matter to the sender's clock.
            assert_eq!(found(bench, query, "UTC"), expected, "{query}");
            let elsewhere = if query == "hour:16" { &[][..] } else { expected };
            assert_eq!(found(bench, query, "Asia/Kathmandu"), elsewhere, "{query}");
        }
        let told = bench.library().insights(&insights::Request::default()).unwrap();
        let hours = |table: &[[u64; 24]; 7]| -> Vec<(usize, usize, u64)> {
            let all = table
                .iter()
                .enumerate()
                .flat_map(|(day, hours)| hours.iter().enumerate().map(move |h| (day, h)));
            all.filter(|(_, (_, count))| **count > 0)
                .map(|(day, (hour, count))| (day, hour, *count))
                .collect()
        };
        assert_eq!(hours(&told.by_hour), [(4, 16, 8)]);
        assert_eq!(hours(&told.by_sender_hour), [(4, 8, 1), (4, 11, 1), (4, 16, 1), (4, 21, 1), (5, 5, 1)]);
        assert_eq!(told.without_sender_zone, 3);
    };
    check(&bench);
    // The same from what SQLite keeps.
    let mut bench = bench;
    bench.close();
    bench.remove_index();
    bench.open();
    bench.library().settle().unwrap();
    check(&bench);
}
