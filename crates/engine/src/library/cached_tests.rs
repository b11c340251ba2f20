//! Kept answers are those that would be found anew, whatever happens to the library meanwhile.
// Helpers of tests fail by panicking; clippy exempts only the test functions themselves.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::{Library, LibraryOptions};
use crate::export::Which;
use crate::insights;
use crate::search::{Fold, Question, Request, Sort};
use crate::store::Change;
use crate::{ItemId, JobState, Zone};
use mailscope_pst::write::{NewMessage, Options, Person, PstWriter};
use proptest::prelude::*;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use tempfile::TempDir;

/// What is asked again and again: everything that is kept, for queries that files and people have a part in.
#[derive(Debug, Clone)]
enum Ask {
    Search(Request),
    Related(i64),
    Show(i64),
    Insights(insights::Request),
    People(Question),
}

const QUERIES: [&str; 9] = [
    "",
    "message",
    "number2",
    "tag:hot",
    "is:marked",
    "-is:reviewed",
    "note:again",
    "has:attachment",
    "newer:2w",
];

fn asks() -> Vec<Ask> {
    let mut asks = Vec::new();
    for (n, query) in QUERIES.into_iter().enumerate() {
        let question = Question { query: query.into(), ..Question::default() };
        let sorts = [Sort::Newest, Sort::Oldest, Sort::Relevance, Sort::Size, Sort::Sender];
        let folds = [Fold::Nothing, Fold::Duplicates, Fold::Conversations];
        for (offset, limit) in [(0, 50), (1, 2)] {
            let (sort, fold) = (sorts[n % sorts.len()], folds[(n + offset) % folds.len()]);
            let query = query.to_owned();
            asks.push(Ask::Search(Request {
                query,
                sort,
                fold,
                offset,
                limit,
                facets: n % 2 == 0,
                ..Request::default()
            }));
        }
        asks.push(Ask::People(question.clone()));
        let zone = Zone::named("Europe/Vienna").unwrap();
        asks.push(Ask::Insights(insights::Request { question: Question { zone, ..question }, top: 20 }));
    }
    asks.extend((1..12).flat_map(|id| [Ask::Show(id), Ask::Related(id)]));
    asks
}

/// The answer, or why there is none, as text.
fn told<T: std::fmt::Debug>(answer: crate::Result<T>) -> String {
    match answer {
        Ok(answer) => format!("{answer:#?}"),
        Err(error) => error.to_string(),
    }
}

/// As the library answers.
fn given(library: &Library, ask: &Ask) -> String {
    match ask {
        Ask::Search(request) => told(library.search(request)),
        Ask::Related(id) => told(library.related(ItemId(*id), 10)),
        Ask::Show(id) => told(library.show(ItemId(*id), &[], Some("body"))),
        Ask::Insights(request) => told(library.insights(request)),
        Ask::People(question) => told(library.people(question, 50)),
    }
}

/// As it is found, past all that is kept.
fn anew(library: &Library, ask: &Ask) -> String {
    let (index, store) = (&library.shared.index, &library.shared.store);
    match ask {
        Ask::Search(request) => told(crate::search::search(index, store, request)),
        Ask::Related(id) => told(crate::search::related(index, store, ItemId(*id), 10)),
        Ask::Show(id) => told(library.facts(ItemId(*id)).and_then(|facts| {
            library.present(facts, &[], Some("body"), |row| library.view_anew(row, &[]).map(Arc::new))
        })),
        Ask::Insights(request) => told(insights::insights(index, store, request)),
        Ask::People(question) => told(insights::people(index, store, question, 50)),
    }
}

/// Asks both ways. Gives whether the library stood still meanwhile, so that the answers can be compared.
fn check(library: &Library, ask: &Ask) -> bool {
    let before = library.shared.store.changes().moment();
    let (given, found) = (given(library, ask), anew(library, ask));
    let still = before.is_some() && library.shared.store.changes().moment() == before;
    assert!(!still || given == found, "{ask:?}\ngiven:\n{given}\nfound:\n{found}");
    still
}

/// What happens to a library.
#[derive(Debug, Clone)]
enum Step {
    /// A file is written in one of its states, and taken in.
    Import {
        file: u8,
        state: u8,
    },
    /// Something is said of the items of a query.
    Say {
        query: usize,
        what: u8,
        undo: bool,
    },
    Undo,
    Remove,
    /// The file of a source goes away, and comes back with the next import.
    TakeAway {
        file: u8,
    },
    Rebuild,
    Forget,
    /// What is likely asked next is found.
    Ahead {
        id: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..3_u8, 0..4_u8).prop_map(|(file, state)| Step::Import { file, state }),
        4 => (0..QUERIES.len(), 0..4_u8, any::<bool>()).prop_map(|(query, what, undo)| Step::Say { query, what, undo }),
        1 => Just(Step::Undo),
        1 => Just(Step::Remove),
        1 => (0..3_u8).prop_map(|file| Step::TakeAway { file }),
        1 => Just(Step::Rebuild),
        1 => Just(Step::Forget),
        1 => (1..12_i64).prop_map(|id| Step::Ahead { id }),
    ]
}

struct Bench {
    folder: TempDir,
    /// Held by those who compare: a file that is written meanwhile would be another one for each.
    disk: RwLock<()>,
    library: Library,
}

impl Bench {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let options =
            LibraryOptions { threads: 2, cache: true, ..LibraryOptions::new(folder.path().join("library")) };
        let library = Library::open(options).unwrap();
        Self { folder, disk: RwLock::default(), library }
    }

    fn path(&self, file: u8) -> PathBuf {
        self.folder.path().join(format!("{file}.pst"))
    }

    /// Messages of which each state has others; some say the same in several files.
    fn write(&self, file: u8, state: u8) {
        let _alone = self.disk.write().unwrap();
        let options = Options { record_key: [file; 16], ..Options::default() };
        let mut writer = PstWriter::create(self.path(file), options).unwrap();
        let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
        for n in state..5 + state {
            let someone = Person::new(format!("Person {n}"), format!("p{n}@example.com"));
            let message = NewMessage {
                subject: format!("Message {n}"),
                sender: (n % 3 > 0).then_some(someone),
                text: Some(format!("Body of number{n} in state {}.", if n == 2 { 0 } else { state })),
                html: (n % 2 == 0).then(|| format!("<p>Body of <b>number{n}</b>, {state}</p>").into_bytes()),
                message_id: Some(format!("<{n}@example.com>")),
                in_reply_to: (n > 0).then(|| format!("<{}@example.com>", n - 1)),
                ..NewMessage::default()
            };
            writer.add_message(inbox, &message).unwrap();
        }
        writer.finish().unwrap();
    }

    fn act(&self, step: &Step) {
        let library = &self.library;
        match step {
            Step::Import { file, state } => {
                self.write(*file, *state);
                let job = library.import(&[self.path(*file)]).remove(0).1.unwrap();
                library.wait_idle();
                let job = library.job(job).unwrap();
                assert_eq!(job.state, JobState::Done, "{:?}", job.error);
            }
            Step::Say { query, what, undo } => {
                let which = Which::Query(Question { query: QUERIES[*query].into(), ..Question::default() });
                let change = match what {
                    0 => Change::Flag(!undo),
                    1 => Change::Reviewed(!undo),
                    2 if *undo => Change::Untag("hot".into()),
                    2 => Change::Tag("hot".into()),
                    _ => Change::Note(if *undo { String::new() } else { "look again".into() }),
                };
                library.review(&which, change).unwrap();
            }
            // There may be nothing to take back.
            Step::Undo => drop(library.undo_review(None)),
            Step::Remove => {
                if let Some(source) = library.sources().unwrap().first() {
                    library.remove(source.id).unwrap();
                }
            }
            Step::TakeAway { file } => {
                let _alone = self.disk.write().unwrap();
                // It may be away already.
                let _ = std::fs::remove_file(self.path(*file));
            }
            Step::Rebuild => drop(library.verify(true).unwrap()),
            Step::Forget => drop(library.forget_answers()),
            Step::Ahead { id } => {
                let _still = self.disk.read().unwrap();
                library.warm(&[], std::time::Duration::from_secs(60));
                library.prepare_next(ItemId(*id));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 20, ..ProptestConfig::default() })]

    #[test]
    fn a_kept_answer_is_what_would_be_found(steps in prop::collection::vec(step(), 3..10)) {
        let bench = Bench::new();
        bench.act(&Step::Import { file: 0, state: 0 });
        let (over, compared) = (AtomicBool::new(false), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for from in 0..2 {
                let (bench, over, compared) = (&bench, &over, &compared);
                scope.spawn(move || {
                    for ask in asks().iter().cycle().skip(from * 31) {
                        if over.load(Ordering::Relaxed) {
                            break;
                        }
                        let _still = bench.disk.read().unwrap();
                        compared.fetch_add(u64::from(check(&bench.library, ask)), Ordering::Relaxed);
                    }
                });
            }
            let steps = std::panic::AssertUnwindSafe(|| steps.iter().for_each(|step| bench.act(step)));
            let acted = std::panic::catch_unwind(steps);
            over.store(true, Ordering::Relaxed);
            if let Err(fault) = acted {
                std::panic::resume_unwind(fault);
            }
        });
        // At rest all answers are found, then given; none may be of an earlier state.
        for _ in 0..2 {
            for ask in asks() {
                assert!(check(&bench.library, &ask), "nothing changes any more");
            }
        }
        let (before, searches) = (counts(&bench.library, "results").0, 2 * QUERIES.len() as u64);
        for ask in asks() {
            assert!(check(&bench.library, &ask));
        }
        assert_eq!(counts(&bench.library, "results").0, before + searches, "they were given, not found");
    }
}

fn counts(library: &Library, name: &str) -> (u64, u64, u64) {
    let shelf = library.cache().into_iter().find(|shelf| shelf.name == name).unwrap();
    (shelf.hits, shelf.misses, shelf.entries)
}

#[test]
fn what_is_asked_twice_is_found_once() {
    let bench = Bench::new();
    bench.act(&Step::Import { file: 0, state: 0 });
    let request = Request { query: "message".into(), limit: 10, ..Request::default() };
    let search = |query: &str| {
        let request = Request { query: query.into(), ..request.clone() };
        bench.library.search(&request).unwrap().total
    };
    for _ in 0..3 {
        assert_eq!(search("message"), 5);
    }
    assert_eq!(counts(&bench.library, "results"), (2, 1, 1));
    // What is said is seen at once, by the one who says it.
    assert_eq!(search("tag:hot"), 0);
    bench.act(&Step::Say { query: 1, what: 2, undo: false });
    assert_eq!(search("tag:hot"), 5);
    bench.act(&Step::Undo);
    assert_eq!(search("tag:hot"), 0);
    // Of the same question, another window of the rows is another answer.
    let further = Request { offset: 2, ..request.clone() };
    assert_eq!(bench.library.search(&further).unwrap().hits.len(), 3);
    assert!(bench.library.search(&Request { query: "from:(".into(), ..request.clone() }).is_err());
    let entries = counts(&bench.library, "results").2;
    let (forgotten, bytes) = bench.library.forget_answers();
    assert!(forgotten >= entries && bytes > 0);
    assert_eq!(counts(&bench.library, "results").2, 0);
}

#[test]
fn a_body_is_given_only_while_its_file_is_there_as_it_was() {
    let bench = Bench::new();
    bench.act(&Step::Import { file: 0, state: 0 });
    let id = bench.library.search(&Request { query: "number2".into(), limit: 1, ..Request::default() });
    let id = id.unwrap().hits[0].row.id;
    let show = || bench.library.show(id, &[], None).unwrap();
    let (first, second) = (show(), show());
    assert_eq!(first.html, second.html);
    assert!(first.html.unwrap().contains("number2"));
    assert_eq!(counts(&bench.library, "bodies"), (1, 1, 1));
    // What is said of it changes its facts and not its body.
    bench.act(&Step::Say { query: 2, what: 0, undo: false });
    assert!(show().row.hit.review.flagged);
    assert_eq!(counts(&bench.library, "bodies"), (2, 1, 1));
    bench.act(&Step::TakeAway { file: 0 });
    assert!(show().away.is_some() && show().html.is_none());
    bench.act(&Step::Remove);
    assert_eq!(counts(&bench.library, "bodies").2, 0, "nothing of a source stays when it is removed");
    assert!(bench.library.show(id, &[], None).is_err());
}

#[test]
fn what_was_asked_lately_is_found_before_it_is_asked_again() {
    const LONG: std::time::Duration = std::time::Duration::from_secs(600);
    let bench = Bench::new();
    bench.act(&Step::Import { file: 0, state: 0 });
    let request = |query: &str| Request { query: query.into(), limit: 10, ..Request::default() };
    for query in ["message", "number1", "number2"] {
        bench.library.search(&request(query)).unwrap();
    }
    assert!(!bench.library.is_cold());
    assert_eq!(bench.library.warm(&[], LONG), 0, "all is at hand");
    bench.act(&Step::Import { file: 1, state: 1 });
    assert!(bench.library.is_cold());
    assert_eq!(bench.library.warm(&[request("")], std::time::Duration::ZERO), 0, "there was no time");
    assert_eq!(bench.library.warm(&[request(""), request("from:(")], LONG), 4);
    let (hits, misses, _) = counts(&bench.library, "results");
    for query in ["", "message", "number1", "number2"] {
        bench.library.search(&request(query)).unwrap();
    }
    assert_eq!(counts(&bench.library, "results").0, hits + 4);
    assert_eq!(counts(&bench.library, "results").1, misses, "finding beforehand is no question");
    // A query that is being typed is one query.
    for end in 1..8 {
        let typed = Request { as_you_type: true, ..request(&"message"[..end]) };
        bench.library.search(&typed).unwrap();
    }
    let recent = bench.library.cache.recent();
    assert_eq!(recent.iter().filter(|request| request.as_you_type).count(), 1);
    for n in 0..30 {
        bench.library.search(&request(&format!("number{n}"))).unwrap();
    }
    assert_eq!(bench.library.cache.recent().len(), 10);
}

#[test]
fn the_items_behind_the_one_that_is_shown_are_made_ready() {
    let bench = Bench::new();
    bench.act(&Step::Import { file: 0, state: 0 });
    let request = Request { query: "message".into(), limit: 4, ..Request::default() };
    let ids: Vec<ItemId> =
        bench.library.search(&request).unwrap().hits.iter().map(|hit| hit.row.id).collect();
    assert!(bench.library.prepare_page_behind(&request, 5));
    assert!(!bench.library.prepare_page_behind(&request, 5), "it is at hand");
    let behind = Request { offset: 4, ..request.clone() };
    assert!(!bench.library.prepare_page_behind(&behind, 5), "there is nothing behind it");
    assert_eq!(bench.library.search(&behind).unwrap().hits.len(), 1);
    assert_eq!(counts(&bench.library, "results"), (1, 1, 2));
    bench.library.search(&request).unwrap();
    assert_eq!(bench.library.prepare_next(ids[0]), 2);
    assert_eq!(bench.library.prepare_next(ids[0]), 0, "they are ready");
    assert_eq!(bench.library.prepare_next(ids[1]), 1);
    assert_eq!(bench.library.prepare_next(ids[3]), 1, "the next page begins with it");
    assert_eq!(bench.library.prepare_next(ItemId(9999)), 0);
    assert_eq!((counts(&bench.library, "items"), counts(&bench.library, "bodies")), ((0, 0, 4), (0, 0, 4)));
    assert_eq!((bench.library.prepare_first(), bench.library.prepare_first()), (1, 0));
    for id in &ids[1..] {
        assert!(bench.library.show(*id, &[], None).unwrap().detail.is_some());
    }
    assert_eq!((counts(&bench.library, "items").0, counts(&bench.library, "bodies").0), (3, 3));
}

#[test]
fn without_a_cache_nothing_is_kept() {
    let folder = TempDir::new().unwrap();
    let library = Library::open(LibraryOptions::new(folder.path().join("library"))).unwrap();
    for _ in 0..2 {
        library.search(&Request::default()).unwrap();
    }
    assert_eq!(library.warm(&[Request::default()], std::time::Duration::from_secs(60)), 0);
    assert!(!library.is_cold());
    let all = library.cache();
    assert!(all.iter().all(|shelf| (shelf.hits, shelf.misses, shelf.capacity) == (0, 0, 0)), "{all:?}");
}
