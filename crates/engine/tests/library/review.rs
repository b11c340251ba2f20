//! What people say of items: it is found, counted, exported, taken back, and outlives the items' coming and going.

use super::Bench;
use mailscope_engine::export::{ExportRequest, ExportState, Format, Which};
use mailscope_engine::search::{Question, Request, Sort};
use mailscope_engine::{Change, Colour, Done, Error, ItemId, Zone};
use mailscope_pst::write::{NewMessage, Options, PstWriter};
use std::path::Path;

fn question(query: &str) -> Which {
    Which::Query(Question { query: query.into(), ..Question::default() })
}

fn change(bench: &Bench, query: &str, change: Change) -> Done {
    bench.library().review(&question(query), change).unwrap()
}

fn tag(bench: &Bench, query: &str, name: &str) -> u64 {
    change(bench, query, Change::Tag(name.into())).items
}

fn bench() -> Bench {
    let bench = Bench::new();
    bench.import_well(&bench.numbered("mail.pst", 6));
    bench
}

fn count(bench: &Bench, query: &str) -> u64 {
    bench.find(query).total
}

#[test]
fn what_is_said_is_found() {
    let bench = bench();
    assert_eq!(tag(&bench, "number1 OR number2", "Privileged"), 2);
    assert_eq!(tag(&bench, "number1", "hot"), 1);
    assert_eq!(tag(&bench, "number1", "HOT"), 0, "it has it already, in whatever letters");
    assert_eq!(change(&bench, "number3", Change::Note("Ask counsel: 100% sure?".into())).items, 1);
    assert_eq!(change(&bench, "number1 OR number3", Change::Reviewed(true)).items, 2);
    assert_eq!(change(&bench, "number4", Change::Flag(true)).items, 1);
    for (query, expected) in [
        ("tag:privileged", 2),
        ("tag:hot", 1),
        ("tag:cold", 0),
        ("-tag:privileged", 4),
        ("is:tagged", 2),
        ("is:noted", 1),
        ("note:counsel", 1),
        ("note:\"100% SURE\"", 1),
        ("note:judge", 0),
        ("is:reviewed", 2),
        ("is:reviewed tag:hot", 1),
        ("is:marked", 1),
        ("is:flagged", 0),
        ("-is:reviewed", 4),
    ] {
        assert_eq!(count(&bench, query), expected, "{query}");
    }
    let tags = || -> Vec<_> {
        let tags = bench.library().tags().unwrap();
        tags.into_iter().map(|tag| (tag.name, tag.items, tag.colour)).collect()
    };
    assert_eq!(tags(), [("hot".to_owned(), 1, None), ("Privileged".to_owned(), 2, None)]);
    bench.library().colour_tag("HOT", Some(Colour::Red)).unwrap();
    bench.library().colour_tag("privileged", Some(Colour::Teal)).unwrap();
    bench.library().colour_tag("privileged", None).unwrap();
    assert_eq!(tags(), [("hot".to_owned(), 1, Some(Colour::Red)), ("Privileged".to_owned(), 2, None)]);
    let last = bench.library().actions(None, 1).unwrap().remove(0);
    assert_eq!((last.what.as_str(), last.value.as_str(), last.items), ("colour", "none Privileged", 0));
    assert!(matches!(bench.library().colour_tag("cold", None), Err(Error::BadReview(_))));
    let hit = bench.find("number1").hits.remove(0);
    assert_eq!(hit.row.review.tags, ["hot", "Privileged"]);
    assert!(hit.row.review.reviewed && !hit.row.review.flagged);
    let id = hit.row.id;
    assert_eq!(count(&bench, &format!("id:{}", id.0)), 1);
    assert_eq!(bench.library().show(id, &[], None).unwrap().row.hit.review, hit.row.review);
    let one =
        bench.library().review(&Which::Ids(vec![id, ItemId(9999)]), Change::Untag("hot".into())).unwrap();
    assert_eq!((one.items, count(&bench, "tag:hot")), (1, 0));
    let rest = Which::Rest(Question { query: "number*".into(), ..Question::default() }, vec![id]);
    let all = count(&bench, "number*");
    assert_eq!(bench.library().review(&rest, Change::Tag("rest".into())).unwrap().items, all - 1);
    assert_eq!((count(&bench, "tag:rest"), count(&bench, "tag:rest number1")), (all - 1, 0));
    let typed = "tag:priv";
    let (_, offers) = bench.library().complete(typed, typed.len(), 5, &Zone::default()).unwrap();
    assert_eq!(offers[0].insert, "tag:Privileged");
    for bad in ["", "  ", "a\nb", "a\"b", &"x".repeat(101)] {
        let refused = bench.library().review(&question(""), Change::Tag(bad.into()));
        assert!(matches!(refused, Err(Error::BadReview(_))), "{bad:?}");
    }
}

/// Case and accents of any letters, as in the words of items.
#[test]
fn what_is_said_in_other_letters_is_found() {
    let bench = bench();
    tag(&bench, "number1", "Überprüfen");
    tag(&bench, "number2", "Проверить");
    tag(&bench, "number3", "resume");
    tag(&bench, "number4", "résumé");
    change(&bench, "number1", Change::Note("Größe ÄRGER café".into()));
    let check = |query: &str, expected| assert_eq!(count(&bench, query), expected, "{query}");
    for query in ["tag:Überprüfen", "tag:ÜBERPRÜFEN", "tag:u\u{308}berpru\u{308}fen", "tag:uberprufen"] {
        check(query, 1);
    }
    check("tag:проверить", 1);
    check("tag:resume", 1);
    check("tag:résumé", 1);
    check("tag:RÉSUMÉ", 2);
    for query in ["note:größe", "note:GRÖSSE", "note:\"ärger cafe\"", "note:cafe\u{301}", "note:ARGER"] {
        check(query, 1);
    }
    check("note:argo", 0);
}

#[test]
fn what_was_done_is_recorded_and_taken_back() {
    let bench = bench();
    assert_eq!(tag(&bench, "number1", "hot"), 1);
    let all = change(&bench, "", Change::Tag("hot".into()));
    assert_eq!(all.items, 5, "of the one that had it, nothing changed");
    assert_eq!(bench.library().undo_review(None).unwrap().items, 5);
    assert_eq!(count(&bench, "tag:hot"), 1, "only what the change gave is taken back");
    let again = bench.library().actions(None, 1).unwrap().remove(0);
    assert_eq!((again.what.as_str(), again.undoes), ("undo", all.action));
    assert_eq!(bench.library().undo_review(Some(again.id)).unwrap().items, 5);
    assert_eq!(count(&bench, "tag:hot"), 6, "taking back was taken back");

    let first = change(&bench, "number2", Change::Note("one".into()));
    change(&bench, "number2", Change::Note("two".into()));
    let refused = bench.library().undo_review(first.action).unwrap();
    assert_eq!(refused, Done::default(), "what was said since stays");
    assert_eq!(count(&bench, "note:two"), 1);
    bench.library().undo_review(None).unwrap();
    assert_eq!(count(&bench, "note:one"), 1);
    bench.library().undo_review(None).unwrap();
    assert_eq!(count(&bench, "is:noted"), 0);
    let flags = change(&bench, "", Change::Flag(true));
    assert_eq!(change(&bench, "number0", Change::Flag(false)).items, 1);
    assert_eq!(bench.library().undo_review(flags.action).unwrap().items, 5);
    assert_eq!(count(&bench, "is:marked"), 0);
    assert!(matches!(bench.library().undo_review(Some(9999)), Err(Error::NoSuch { .. })));

    let record = bench.library().actions(None, 1000).unwrap();
    assert!(record.is_sorted_by(|a, b| a.id > b.id));
    assert!(
        record
            .iter()
            .all(|action| !action.who.is_empty() && action.at > 1_600_000_000_000 && action.items > 0)
    );
    let oldest = record.last().unwrap();
    assert_eq!(
        (oldest.what.as_str(), oldest.value.as_str(), oldest.query.as_str()),
        ("tag", "hot", "number1")
    );
    let before = bench.library().actions(Some(record[0].id), 2).unwrap();
    assert_eq!(before, record[1..3]);
}

#[test]
fn many_items_are_found_as_few_are() {
    let bench = Bench::new();
    bench.import_well(&bench.numbered("mail.pst", 1500));
    assert_eq!(tag(&bench, "-number7", "many"), 1499);
    assert_eq!(tag(&bench, "number7 OR number8", "few"), 2);
    for (query, expected) in [
        ("tag:many", 1499),
        ("-tag:many", 1),
        ("tag:many number7", 0),
        ("tag:many number8", 1),
        ("tag:many tag:few", 1),
        ("tag:many OR tag:few", 1500),
        ("several tag:many", 1499),
    ] {
        assert_eq!(count(&bench, query), expected, "{query}");
    }
    // Found by a set of them, items count for nothing; the order is that of the words.
    let best = |query: &str| {
        let request = Request { query: query.into(), sort: Sort::Relevance, limit: 3, ..Request::default() };
        bench.library().search(&request).unwrap().hits.into_iter().map(|hit| hit.row.id).collect::<Vec<_>>()
    };
    assert_eq!(best("number8 OR several tag:many"), best("number8 OR several -number7"));
}

fn write(path: &Path, messages: &[(&str, &str)]) {
    let mut writer = PstWriter::create(path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
    for (subject, text) in messages {
        let seconds = subject.len() as u64;
        let message = NewMessage {
            subject: (*subject).into(),
            text: Some((*text).into()),
            sent: Some(mailscope_pst::FileTime(126_500_000_000_000_000 + seconds * 10_000_000)),
            ..NewMessage::default()
        };
        writer.add_message(inbox, &message).unwrap();
    }
    writer.finish().unwrap();
}

#[test]
fn it_outlives_the_item() {
    let bench = bench();
    let path = bench.path("mail.pst");
    tag(&bench, "number1 OR number4", "hot");
    change(&bench, "number4", Change::Note("look again".into()));

    // Gone from its file and back.
    bench.numbered("mail.pst", 2);
    bench.import_well(&path);
    assert_eq!((count(&bench, "tag:hot"), count(&bench, "tag:hot is:gone")), (2, 1));
    bench.numbered("mail.pst", 6);
    bench.import_well(&path);
    assert_eq!((count(&bench, "tag:hot"), count(&bench, "tag:hot is:gone")), (2, 0));

    // Its source forgotten and taken in again, from another place.
    let source = bench.library().sources().unwrap()[0].id;
    bench.library().remove(source).unwrap();
    assert_eq!((count(&bench, "tag:hot"), bench.library().reviews_waiting().unwrap()), (0, 2));
    let moved = bench.path("moved.pst");
    std::fs::rename(&path, &moved).unwrap();
    bench.import_well(&moved);
    assert_eq!(bench.subjects("tag:hot"), ["Message 1", "Message 4"]);
    assert_eq!(bench.subjects("note:again"), ["Message 4"]);
    assert_eq!(bench.library().reviews_waiting().unwrap(), 0);
    // What was done before can still be taken back.
    bench.library().undo_review(None).unwrap();
    assert_eq!(count(&bench, "is:noted"), 0);
    assert_eq!(bench.library().verify(false).unwrap().problems, []);
}

#[test]
fn another_message_in_its_place_has_none_of_it() {
    let bench = Bench::new();
    let path = bench.path("mail.pst");
    // The longer the first, the further behind it the second lies: otherwise it would count as unchanged.
    let first = |times| "The first. ".repeat(times);
    write(&path, &[("One", &first(1)), ("Two", "The second.")]);
    bench.import_well(&path);
    tag(&bench, "subject:two", "hot");
    write(&path, &[("One", &first(3000)), ("Three", "Quite another one.")]);
    bench.import_well(&path);
    assert_eq!(bench.subjects(""), ["One", "Three"]);
    assert_eq!(bench.subjects("tag:hot"), [""; 0], "the place was given to another message");
    assert_eq!(bench.library().reviews_waiting().unwrap(), 1);
    write(&path, &[("One", &first(6000)), ("Three", "Quite another one."), ("Two", "The second.")]);
    bench.import_well(&path);
    assert_eq!(bench.subjects("tag:hot"), ["Two"]);
    assert_eq!(bench.library().reviews_waiting().unwrap(), 0);
}

/// Writes a long letter, whose length puts the draft behind it elsewhere, and a draft.
fn write_draft(path: &Path, first: usize, subject: &str, text: &str, date: u64, id: Option<&str>) {
    let mut writer = PstWriter::create(path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "Drafts").unwrap();
    let letter = NewMessage { text: Some("The first. ".repeat(first)), ..NewMessage::default() };
    writer.add_message(inbox, &letter).unwrap();
    let draft = NewMessage {
        subject: subject.into(),
        text: Some(text.into()),
        sent: Some(mailscope_pst::FileTime(126_500_000_000_000_000 + date * 10_000_000)),
        message_id: id.map(str::to_owned),
        draft: true,
        ..NewMessage::default()
    };
    writer.add_message(inbox, &draft).unwrap();
    writer.finish().unwrap();
}

#[test]
fn a_draft_that_is_written_anew_keeps_what_was_said_of_it() {
    let check = |before: (&str, u64, Option<&str>), after: (&str, u64, Option<&str>), stays: bool| {
        let bench = Bench::new();
        let path = bench.path("mail.pst");
        write_draft(&path, 1, before.0, "As it began.", before.1, before.2);
        bench.import_well(&path);
        tag(&bench, "began", "hot");
        write_draft(&path, 3000, after.0, "As it ended.", after.1, after.2);
        assert_eq!(bench.import_well(&path).updated, 2);
        assert_eq!(count(&bench, "tag:hot ended") == 1, stays, "{before:?} {after:?}");
    };
    check(("Plan", 1, None), ("Plan", 2, None), true);
    check(("Plan", 1, None), ("Plans", 1, None), true);
    check(("Plan", 1, Some("<a@example.org>")), ("Plan", 1, Some("<b@example.org>")), true);
    check(("Plan", 1, None), ("Plan", 2, Some("<b@example.org>")), true);
    check(("Plan", 1, Some("<a@example.org>")), ("Plans", 2, Some("<a@example.org>")), true);
    // These are others.
    check(("Plan", 1, Some("<a@example.org>")), ("Plan", 2, Some("<b@example.org>")), false);
    check(("Plan", 1, None), ("Plans", 2, None), false);
}

#[test]
fn searches_are_saved() {
    let bench = bench();
    let library = bench.library();
    library.save_search("Hot mail", "tag:hot").unwrap();
    library.save_search("all", "").unwrap();
    library.save_search("HOT MAIL", "tag:hot -is:reviewed").unwrap();
    let shown: Vec<(String, String)> =
        library.saved_searches().unwrap().into_iter().map(|saved| (saved.name, saved.query)).collect();
    assert_eq!(shown, [("all".into(), String::new()), ("HOT MAIL".into(), "tag:hot -is:reviewed".into())]);
    assert!(matches!(library.save_search("x", "("), Err(Error::BadQuery(_))));
    assert!(matches!(library.save_search(" ", "x"), Err(Error::BadReview(_))));
    assert!(library.forget_search("hot mail").unwrap());
    assert!(!library.forget_search("hot mail").unwrap());
    assert_eq!(library.saved_searches().unwrap().len(), 1);
}

#[test]
fn it_is_exported() {
    let bench = bench();
    tag(&bench, "number1", "hot");
    tag(&bench, "number1", "=cold");
    change(&bench, "number1", Change::Note("two\nlines".into()));
    for (format, file, needles) in [
        (
            Format::Csv,
            "items.csv",
            &["marked,reviewed,tags,note", "false,false,\"'=cold; hot\",\"two\nlines\""][..],
        ),
        (Format::Jsonl, "items.jsonl", &["\"tags\":[\"=cold\",\"hot\"],\"note\":\"two\\nlines\""][..]),
    ] {
        let to = bench.path(file);
        let request = ExportRequest { which: question("number1"), format, to: to.clone() };
        let id = bench.library().export(request).unwrap().id;
        while bench.library().export_of(id).unwrap().state == ExportState::Running {
            std::thread::yield_now();
        }
        let texts: Vec<String> = std::fs::read_dir(&to)
            .unwrap()
            .filter_map(|entry| std::fs::read_to_string(entry.unwrap().path()).ok())
            .collect();
        for needle in needles {
            assert!(texts.iter().any(|text| text.contains(needle)), "{needle} in {texts:?}");
        }
    }
}
