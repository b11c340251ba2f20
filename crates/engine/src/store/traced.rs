//! Which statements the library runs for what is asked of it, and how SQLite goes about each: tests only.

#![allow(clippy::unwrap_used)]

use crate::ids::ItemId;
use crate::search::{Fold, Question, Request, Sort};
use crate::zone::Zone;
use crate::{Library, LibraryOptions, insights};
use mailscope_pst::write::{NewMessage, Options, Person, PstWriter, Recipient, RecipientLine};
use rusqlite::Connection;
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use std::cell::RefCell;

/// Tables that are looked through whole where it suits: none grows with the mail. Those of reviews grow with what people say, and who
/// asks for what was said gets most of it; of their record the last entries come first.
const SMALL: [&str; 8] =
    ["folder", "source", "tag", "saved", "attachment_account", "review", "review_tag", "action"];
/// Messages of the library; more than any number of statements that is allowed.
const MESSAGES: usize = 240;

thread_local! {
    /// What was run on this thread since someone began to listen.
    static RUN: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Notes what this connection runs.
pub fn watch(connection: &Connection) {
    connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(note));
}

fn note(event: TraceEvent<'_>) {
    if let TraceEvent::Stmt(statement, _) = event {
        RUN.with_borrow_mut(|run| run.iter_mut().for_each(|run| run.push(statement.sql().into_owned())));
    }
}

fn run(work: impl FnOnce()) -> Vec<String> {
    RUN.set(Some(Vec::new()));
    work();
    RUN.take().unwrap()
}

/// What SQLite does for a statement, step by step.
fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get::<_, String>(3).unwrap());
    }
    steps
}

/// Whether a step looks at every row of a table that grows with the mail, without an index.
fn looks_at_all(step: &str) -> bool {
    let Some(what) = step.strip_prefix("SCAN ") else { return false };
    let table = what.split(' ').next().unwrap_or_default();
    // What a subquery gives is looked at whole; how it finds that are steps of its own.
    let fine = what.starts_with('(') || what == "these" || what == "CONSTANT ROW" || SMALL.contains(&table);
    !(fine || what.contains("USING") || what.contains("VIRTUAL TABLE"))
}

/// A library in which everyone has written to two others, in conversations of three, each letter twice.
fn library(folder: &std::path::Path) -> Library {
    let path = folder.join("mail.pst");
    let mut writer = PstWriter::create(&path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
    let sent = writer.add_folder(writer.top(), "Sent").unwrap();
    let person = |n: usize| Person::new(format!("Person {n}"), format!("p{n}@example.org"));
    for n in 0..MESSAGES {
        let letter = n / 2;
        let to = |m| Recipient { line: RecipientLine::To, person: person((letter + m) % 40) };
        let message = NewMessage {
            subject: format!("Letter {letter}"),
            text: Some(format!("Words of number{letter}.")),
            sender: Some(person(letter % 40)),
            recipients: vec![to(1), to(2)],
            message_id: Some(format!("<m{n}@example.org>")),
            in_reply_to: (letter % 3 > 0).then(|| format!("<m{}@example.org>", n - 2)),
            sent: Some(mailscope_pst::FileTime(126_500_000_000_000_000 + letter as u64 * 6_000_000_000_000)),
            ..NewMessage::default()
        };
        writer.add_message(if n % 3 == 0 { sent } else { inbox }, &message).unwrap();
    }
    writer.finish().unwrap();
    let options = LibraryOptions { threads: 2, ..LibraryOptions::new(folder.join("library")) };
    let library = Library::open(options).unwrap();
    library.import(&[path]);
    library.wait_idle();
    library.settle().unwrap();
    library
}

fn page(library: &Library, query: &str, sort: Sort, fold: Fold, limit: usize) {
    let request =
        Request { query: query.into(), sort, fold, limit, facets: limit % 2 == 1, ..Request::default() };
    let first = library.search(&request).unwrap();
    let shown = if fold == Fold::Nothing { limit.min(first.total as usize) } else { 1 };
    assert!(first.hits.len() >= shown && !first.hits.is_empty(), "{query}: {}", first.hits.len());
}

#[test]
fn statements_are_few_and_go_by_an_index() {
    let folder = tempfile::TempDir::new().unwrap();
    let library = library(folder.path());
    let id = library.search(&Request { limit: 1, ..Request::default() }).unwrap().hits[0].row.id;
    let source = library.sources().unwrap()[0].id;
    let plans = Connection::open(library.folder().join("library.sqlite")).unwrap();
    // What is asked with so many rows, and how many statements it may take at most.
    let check = |what: &str, most: usize, ask: &dyn Fn(usize)| {
        // The groups of items are read once and kept.
        ask(3);
        for rows in [2, 3, 150, 151] {
            let statements = run(|| ask(rows));
            assert!(
                statements.len() <= most,
                "{what}: {} for {rows} rows: {statements:#?}",
                statements.len()
            );
            for sql in statements {
                let reads = ["SELECT", "WITH"].iter().any(|word| sql.trim_start().starts_with(word));
                let steps = if reads { plan(&plans, &sql) } else { Vec::new() };
                assert!(!steps.iter().any(|step| looks_at_all(step)), "{what}: {sql}: {steps:#?}");
            }
        }
    };
    for (what, query) in [
        ("everything", ""),
        ("a word", "words"),
        ("a phrase in a field", "subject:\"letter 1\" OR from:person"),
        ("dates and sizes", "after:1990 smaller:1gb"),
        ("a folder", "in:inbox OR in:sent"),
        ("a source", "source:mail"),
        ("copies", "is:duplicate OR words"),
        ("a message's hash", "mih:1de319c276884bd0c9e2f1621ada26cc OR words"),
        ("what is gone or recovered", "-is:gone -is:recovered"),
        ("what people said", "-is:marked -is:reviewed -is:noted -is:tagged -tag:x"),
    ] {
        // With those of the counts beside the list, and one for each name or state that is looked up.
        check(what, 9, &|rows| page(&library, query, Sort::Newest, Fold::Nothing, rows));
    }
    for sort in [Sort::Oldest, Sort::Relevance, Sort::Size, Sort::Sender] {
        check(&format!("{sort:?}"), 5, &|rows| page(&library, "words", sort, Fold::Nothing, rows));
    }
    for fold in [Fold::Duplicates, Fold::Conversations] {
        check(&format!("{fold:?}"), 8, &|rows| page(&library, "words", Sort::Newest, fold, rows));
    }
    check("a conversation's items", 5, &|rows| {
        page(&library, &format!("conversation:{} OR words", id.0), Sort::Newest, Fold::Nothing, rows)
    });
    check("insights", 12, &|rows| {
        let request = insights::Request { top: rows, ..insights::Request::default() };
        library.insights(&request).unwrap();
    });
    check("people", 0, &|rows| drop(library.people(&Question::default(), rows).unwrap()));
    check("replies", 4, &|rows| drop(library.replies(&Question::default(), rows).unwrap()));
    check("completion", 4, &|rows| drop(library.complete("from:pers", 9, rows, &Zone::default()).unwrap()));
    check("one item", 12, &|_| drop(library.show(id, &[], None).unwrap()));
    check("a conversation", 8, &|_| drop(library.conversation(id).unwrap()));
    check("copies of an item", 5, &|_| drop(library.copies(id).unwrap()));
    check("items like another", 12, &|rows| drop(library.related(id, rows).unwrap()));
    check("folders", 1, &|_| drop(library.folders(Some(source)).unwrap()));
    check("losses", 2, &|_| drop(library.losses(source).unwrap()));
    check("what people said of an item", 1, &|_| drop(library.review_of(ItemId(id.0)).unwrap()));
    check("tags, saved searches and the record", 4, &|_| {
        library.tags().unwrap();
        library.saved_searches().unwrap();
        library.actions(Some(9), 10).unwrap();
    });
    check("the number of items", 1, &|_| assert_eq!(library.total_items().unwrap(), MESSAGES as u64));
}

#[test]
fn a_look_at_all_rows_is_seen() {
    for (step, all) in [
        ("SCAN item", true),
        ("SCAN other", true),
        ("SCAN item USING COVERING INDEX item_batch", false),
        ("SEARCH item USING INTEGER PRIMARY KEY (rowid=?)", false),
        ("SCAN wanted VIRTUAL TABLE INDEX 1:", false),
        ("SCAN folder", false),
        ("SCAN (subquery-2)", false),
        ("USE TEMP B-TREE FOR ORDER BY", false),
    ] {
        assert_eq!(looks_at_all(step), all, "{step}");
    }
    let (folder, nothing) = (tempfile::TempDir::new().unwrap(), run(|| ()));
    assert!(nothing.is_empty());
    let connection = Connection::open(folder.path().join("x")).unwrap();
    watch(&connection);
    let seen = run(|| connection.execute_batch("CREATE TABLE item (a); SELECT a FROM item").unwrap());
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(plan(&connection, &seen[1]).iter().any(|step| looks_at_all(step)));
}
