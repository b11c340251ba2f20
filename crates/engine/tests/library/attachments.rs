//! Words inside of attached files: found, once for each content, whatever happens in between.

use super::Bench;
use super::jobs::until;
use mailscope_engine::contents::{Limits, Program, Reading, TextCounts};
use mailscope_engine::{JobState, LibraryOptions, Point};
use mailscope_pst::write::{Content, NewAttachment, NewMessage, Options, PstWriter};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// How this test program is started to become a child that reads attachments.
const AS_CHILD: [&str; 4] = ["--exact", "attachments::serves", "--nocapture", "--test-threads=1"];

/// No test of its own: the child of the others, when the program is started as they start it.
#[test]
fn serves() {
    if std::env::args().skip(1).eq(AS_CHILD) {
        mailscope_extract::process::serve().unwrap();
        std::process::exit(0);
    }
}

fn reading() -> Reading {
    let path = std::env::current_exe().unwrap();
    Reading {
        program: Program { path, arguments: AS_CHILD.map(Into::into).into() },
        limits: Limits::default(),
    }
}

fn options(bench: &Bench) -> LibraryOptions {
    LibraryOptions { attachments: Some(reading()), ..bench.options() }
}

fn bench() -> Bench {
    let mut bench = Bench::new();
    bench.open_with(options(&bench));
    bench
}

/// Names and contents of attached files.
type Files<'a> = &'a [(&'a str, &'a [u8])];

/// A file of messages called after what is attached to them: names and contents.
fn write(path: &Path, messages: &[(&str, Files<'_>)]) {
    let mut writer = PstWriter::create(path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
    for (subject, attachments) in messages {
        let attachments = attachments
            .iter()
            .map(|(name, content)| NewAttachment {
                name: (*name).into(),
                content: Content::Bytes(content.to_vec()),
                ..NewAttachment::default()
            })
            .collect();
        let message = NewMessage {
            subject: (*subject).into(),
            text: Some("Body words.".into()),
            attachments,
            ..NewMessage::default()
        };
        writer.add_message(inbox, &message).unwrap();
    }
    writer.finish().unwrap();
}

const RTF: &[u8] = br"{\rtf1\ansi Quarterly \b figures\b0\par}";
const CSV: &[u8] = b"station,capacity\nNorthgate,1400\n";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\nnot really";
const RAR: &[u8] = b"Rar!\x1a\x07\0packed";
const BROKEN: &[u8] = b"%PDF-1.4\nnothing of a page";

/// An import that waits for somebody does not keep what others brought from being read.
#[test]
fn read_while_another_import_is_paused() {
    let bench = bench();
    let waits = bench.library().import(&[bench.numbered("paused.pst", 3000)]).remove(0).1.unwrap();
    assert_eq!(bench.library().pause(waits).unwrap().state, JobState::Paused);
    let job = bench.library().import(&[several(&bench)]).remove(0).1.unwrap();
    until("the other file is in", || bench.library().job(job).unwrap().state == JobState::Done);
    until("its attachments are read", || bench.find("attached:figures").total == 2);
    assert_eq!(bench.library().job(waits).unwrap().state, JobState::Paused);
    bench.library().resume(waits).unwrap();
    bench.library().wait_idle();
    assert_eq!(bench.find("").total, 3000 + bench.library().job(job).unwrap().account.items);
}

fn several(bench: &Bench) -> PathBuf {
    let path = bench.path("several.pst");
    write(
        &path,
        &[
            ("rich", &[("figures.rtf", RTF)]),
            ("again", &[("copy of figures.rtf", RTF), ("stations.csv", CSV)]),
            ("picture", &[("logo.png", PNG)]),
            ("lost", &[("packed.rar", RAR), ("broken.pdf", BROKEN), ("stations.csv", CSV)]),
            ("none", &[]),
        ],
    );
    path
}

fn counts(bench: &Bench) -> TextCounts {
    bench.library().texts().unwrap().counts()
}

/// What a search for what lies in the files of [`several`] gives, and that all accounts agree.
fn check(bench: &Bench) {
    assert_eq!(bench.subjects("quarterly"), ["again", "rich"]);
    assert_eq!(bench.subjects("attached:figures"), ["again", "rich"]);
    assert_eq!(bench.subjects("northgate"), ["again", "lost"]);
    assert_eq!(bench.subjects("\"northgate 1400\" quarterly"), ["again"]);
    assert_eq!(bench.subjects("body:northgate"), [""; 0]);
    assert_eq!(counts(bench), TextCounts { waiting: 0, read: 4, nothing: 1, failed: 2 });
    let verified = bench.library().verify(false).unwrap();
    assert!(verified.problems.is_empty(), "{:?}", verified.problems);
    let source = bench.library().sources().unwrap()[0].id;
    let unread = bench.library().unread_attachments(source).unwrap();
    let reasons: Vec<&str> = unread.iter().map(|loss| loss.reason.as_str()).collect();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(reasons[0].contains("packed.rar") && reasons[0].contains("RAR"), "{reasons:?}");
    assert!(reasons[1].contains("broken.pdf"), "{reasons:?}");
    let carriers: Vec<bool> = unread.iter().map(|loss| loss.item.is_some()).collect();
    assert_eq!(carriers, [true, true], "who reads of it wants to see the message");
    let report = bench.library().report(source, &|_, _| {}).unwrap();
    let (table, page) = (mailscope_engine::report::csv(&report), mailscope_engine::report::html(&report));
    assert!(table.contains("file,attached files whose text is searchable,4\r\n"), "{table}");
    assert_eq!(table.lines().filter(|line| line.starts_with("attachment,")).count(), 2, "{table}");
    assert!(page.contains("Attached files whose text could not be read</h2>") && page.contains("packed.rar"));
}

/// Rows of a table, as the file itself has them.
fn stored(bench: &Bench, sql: &str) -> i64 {
    let database = rusqlite::Connection::open(bench.path("library/library.sqlite")).unwrap();
    database.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn words_in_files_are_found() {
    let bench = bench();
    bench.import_well(&several(&bench));
    bench.library().wait_texts();
    check(&bench);
    assert_eq!(
        stored(&bench, "SELECT count(*) FROM content"),
        4,
        "one for each content that was read to its end"
    );
}

#[test]
fn those_whose_text_has_words_of_the_query_are_told() {
    let bench = bench();
    bench.import_well(&several(&bench));
    bench.library().wait_texts();
    let check = |subject: &str, query: &str, expected: &[&str]| {
        let id = bench.find(&format!("subject:{subject}")).hits[0].row.id;
        let shown = bench.library().show(id, &[], Some(query)).unwrap();
        let attached = shown.row.attachments.iter().filter(|facts| shown.matched.contains(&facts.path));
        let names: Vec<&str> = attached.map(|facts| facts.name.as_str()).collect();
        assert_eq!(names, expected, "{subject}: {query}");
        assert_eq!(shown.matched.len(), expected.len(), "{subject}: {query}");
    };
    check("again", "quarterly", &["copy of figures.rtf"]);
    check("again", "capacity OR figure", &["copy of figures.rtf", "stations.csv"]);
    check("again", "attached:north*", &["stations.csv"]);
    check("again", "\"figures quarterly\"", &[]);
    check("again", "subject:quarterly", &[]);
    check("again", "again -quarterly", &[]);
    check("again", "body:words", &[]);
    check("again", "(", &[]);
    check("lost", "northgate packed", &["stations.csv"]);
    check("none", "quarterly", &[]);
}

#[test]
fn off_means_that_they_wait() {
    let mut bench = Bench::new();
    let path = several(&bench);
    bench.import_well(&path);
    bench.library().wait_texts();
    assert!(!bench.library().texts().unwrap().enabled);
    assert_eq!(counts(&bench), TextCounts { waiting: 7, ..TextCounts::default() });
    assert_eq!(bench.subjects("quarterly"), [""; 0]);
    // A library that never read attachments catches up as soon as it is opened to do so.
    bench.close();
    bench.open_with(options(&bench));
    bench.library().wait_texts();
    check(&bench);
}

#[test]
fn a_rebuilt_index_holds_them() {
    let mut bench = bench();
    bench.import_well(&several(&bench));
    bench.library().wait_texts();
    bench.close();
    bench.remove_index();
    bench.open();
    bench.library().settle().unwrap();
    check(&bench);
}

#[test]
fn what_is_away_waits_for_its_file() {
    let mut bench = Bench::new();
    let path = several(&bench);
    bench.import_well(&path);
    bench.close();
    let elsewhere = bench.path("elsewhere");
    std::fs::rename(&path, &elsewhere).unwrap();
    bench.open_with(options(&bench));
    bench.library().wait_texts();
    assert_eq!(counts(&bench).waiting, 7);
    std::fs::rename(&elsewhere, &path).unwrap();
    bench.import_well(&path);
    bench.library().wait_texts();
    check(&bench);
}

#[test]
fn a_forgotten_source_is_forgotten_whole() {
    let bench = bench();
    bench.import_well(&several(&bench));
    let other = bench.path("other.pst");
    write(&other, &[("other", &[("figures.rtf", RTF)])]);
    bench.import_well(&other);
    bench.library().wait_texts();
    assert_eq!(bench.subjects("quarterly"), ["again", "other", "rich"]);
    assert_eq!(stored(&bench, "SELECT count(*) FROM content"), 4, "the same content is kept once");
    let sources = bench.library().sources().unwrap();
    bench.library().remove(sources[0].id).unwrap();
    assert_eq!(bench.subjects("quarterly"), ["other"]);
    assert_eq!(stored(&bench, "SELECT count(*) FROM content"), 1);
    bench.library().remove(sources[1].id).unwrap();
    assert_eq!(stored(&bench, "SELECT count(*) FROM content"), 0);
    assert_eq!(counts(&bench), TextCounts::default());
}

#[test]
fn what_is_known_is_not_read_again() {
    let mut bench = bench();
    bench.import_well(&several(&bench));
    bench.library().wait_texts();
    bench.close();
    // No program reads anything now: only what is known can be had.
    let nobody = Program { path: "/nowhere/at/all".into(), arguments: Vec::new() };
    let attachments = Some(Reading { program: nobody, limits: Limits::default() });
    bench.open_with(LibraryOptions { attachments, ..bench.options() });
    let other = bench.path("other.pst");
    write(&other, &[("other", &[("figures.rtf", RTF), ("stations.csv", CSV)])]);
    bench.import_well(&other);
    bench.library().wait_texts();
    assert_eq!(bench.subjects("quarterly"), ["again", "other", "rich"]);
    assert_eq!(bench.library().texts().unwrap().problem, None);
    // What is new waits, and says what it waits for.
    let new = bench.path("new.pst");
    write(&new, &[("new", &[("new.txt", b"unheard of")])]);
    bench.import_well(&new);
    bench.library().wait_texts();
    assert!(bench.library().texts().unwrap().problem.is_some());
    assert_eq!(counts(&bench).waiting, 1);
}

#[test]
fn a_stop_at_any_moment_leads_to_the_same_library() {
    for stop in 0..4 {
        let mut bench = Bench::new();
        let path = several(&bench);
        bench.import_well(&path);
        bench.close();
        let reached = Arc::new(AtomicU32::new(0));
        let counter = reached.clone();
        // The batch with the texts fails at a named step, as it does when the disk is full.
        let observe = Box::new(move |point| {
            let step =
                [Point::TextsStored, Point::BatchFull, Point::StoreCommitted, Point::IndexCommitted][stop];
            if point == step {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        });
        bench.open_with(LibraryOptions { observe, ..options(&bench) });
        // Closing is a stop wherever the stage is.
        while reached.load(Ordering::Relaxed) == 0 {
            std::thread::yield_now();
        }
        bench.close();
        bench.open_with(options(&bench));
        bench.library().wait_texts();
        check(&bench);
    }
}

/// Changes rows of a closed library, as an earlier version would have left them.
fn pretend(bench: &Bench, sql: &str) {
    let database = rusqlite::Connection::open(bench.path("library/library.sqlite")).unwrap();
    database.execute_batch(sql).unwrap();
}

/// The records of a workbook of Excel 95 with one cell.
fn workbook(text: &str) -> Vec<u8> {
    let mut out = vec![0x09, 0x08, 8, 0, 0, 5, 0x10, 0, 0, 0, 0, 0];
    let length = u8::try_from(text.len()).unwrap();
    out.extend([0x04, 0x02, 8 + length, 0, 0, 0, 0, 0, 0, 0, length, 0]);
    out.extend(text.bytes());
    out.extend([0x0a, 0, 0, 0]);
    out
}

#[test]
fn what_an_earlier_version_could_not_read_is_read_now() {
    let mut bench = bench();
    let path = bench.path("old.pst");
    let book = workbook("turnover");
    write(
        &path,
        &[("book", &[("a.xls", &book)]), ("again", &[("b.xls", &book)]), ("rich", &[("figures.rtf", RTF)])],
    );
    bench.import_well(&path);
    bench.library().wait_texts();
    assert_eq!(bench.subjects("turnover"), ["again", "book"]);
    bench.close();
    pretend(
        &bench,
        "UPDATE content SET reading = 1, state = 2, kind = '', reason = 'no text in it (bytes of an unknown kind)', text = ''
           WHERE kind LIKE 'Excel%';
         UPDATE content SET reading = 1;
         UPDATE attachment SET state = 2 WHERE content_id IN (SELECT id FROM content WHERE state = 2);",
    );
    bench.remove_index();
    bench.open();
    bench.library().settle().unwrap();
    assert_eq!(bench.subjects("turnover"), [""; 0]);
    assert_eq!(counts(&bench), TextCounts { waiting: 0, read: 1, nothing: 2, failed: 0 });
    let rich = stored(&bench, "SELECT id FROM content WHERE state = 1");
    bench.close();
    bench.open_with(options(&bench));
    bench.library().wait_texts();
    assert_eq!(bench.subjects("turnover"), ["again", "book"]);
    assert_eq!(counts(&bench), TextCounts { waiting: 0, read: 3, nothing: 0, failed: 0 });
    assert_eq!(stored(&bench, "SELECT count(DISTINCT reading) FROM content"), 1);
    assert_eq!(stored(&bench, "SELECT id FROM content WHERE kind = 'RTF'"), rich, "nothing new is in it");
    let verified = bench.library().verify(false).unwrap();
    assert!(verified.problems.is_empty(), "{:?}", verified.problems);
}

#[test]
fn what_an_earlier_version_read_stays_until_it_is_read_anew() {
    let mut bench = bench();
    let path = bench.path("old.pst");
    let mail: &[u8] = b"MIME-Version: 1.0\r\nSubject: Forwarded\r\n\r\nturnover of the year\r\n";
    write(&path, &[("carrier", &[("a.eml", mail)])]);
    bench.import_well(&path);
    bench.library().wait_texts();
    assert_eq!(bench.subjects("turnover"), ["carrier"]);
    bench.close();
    pretend(&bench, "UPDATE content SET reading = 1");
    // Its file is away, and the index is lost.
    let elsewhere = bench.path("elsewhere");
    std::fs::rename(&path, &elsewhere).unwrap();
    bench.remove_index();
    bench.open_with(options(&bench));
    bench.library().wait_texts();
    bench.library().settle().unwrap();
    assert_eq!(counts(&bench).waiting, 1);
    assert_eq!(bench.subjects("turnover"), ["carrier"]);
    let verified = bench.library().verify(false).unwrap();
    assert!(verified.problems.is_empty(), "{:?}", verified.problems);
    bench.close();
    bench.remove_index();
    std::fs::rename(&elsewhere, &path).unwrap();
    bench.open_with(options(&bench));
    bench.library().wait_texts();
    assert_eq!(bench.subjects("turnover"), ["carrier"]);
    assert_eq!(counts(&bench), TextCounts { read: 1, ..TextCounts::default() });
    assert_eq!(stored(&bench, "SELECT count(*) FROM content WHERE reading = 1"), 0);
}
