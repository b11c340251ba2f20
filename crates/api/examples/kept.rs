//! Measures the answers that a service keeps in memory, on the mail of one Outlook data file: `kept FILE FOLDER`. The last line that
//! it prints is one JSON object; times are in milliseconds.
//!
//! What is called is what the window calls, without its JSON.
#![allow(clippy::print_stdout)]
#![forbid(unsafe_code)]

use mailscope_api::{
    ApiError, Commands, Empty, InsightsRequest, ItemId, PeopleRequest, ReviewRequest, SearchPage,
    SearchRequest, Service, ServiceOptions, ShowRequest, Snapshot, Sort, UndoRequest,
};
use mailscope_engine::search::Request;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Rows that the window asks for at once.
const PAGE: u32 = 100;
/// How often a kept answer is asked for, for one time of it.
const REPEATS: u32 = 20;
/// Callers at once, for the connections.
const CALLERS: usize = 8;
/// Far beyond what anything here takes.
const LONG: Duration = Duration::from_secs(600);

type Outcome<T> = Result<T, Box<dyn Error>>;

fn plain(error: ApiError) -> Box<dyn Error> {
    error.message.into()
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, folder] = arguments.as_slice() else { return Err("usage: kept FILE FOLDER".into()) };
    let folder = Path::new(folder);
    let service = open(folder, true)?;
    for (path, started) in service.library().import(&[PathBuf::from(file)]) {
        started.map_err(|error| format!("{}: {error}", path.display()))?;
    }
    service.library().wait_idle();
    let words = words(&service)?;
    let told = json!({
        "items": service.library().total_items()?,
        "hits": hits(&service, &words)?,
        "session": session(&service, &words, false)?,
        "session_with_review": session(&service, &words, true)?,
        "looking_through": looking_through(&service, &words)?,
        "invalidation": invalidation(&service, &words)?,
        "warming": warming(&service, &words)?,
        "kept": service.snapshot(Empty {}).map_err(plain)?.cache,
    });
    close(service).await;
    let service = open(folder, false)?;
    let pool = pool(&service, &words)?;
    close(service).await;
    let mut told = told;
    told["pool"] = pool;
    told["workers"] = workers(Path::new(file))?;
    told["time_outs"] = time_outs(folder)?;
    println!("{told}");
    Ok(())
}

fn open(folder: &Path, cache: bool) -> Outcome<Arc<Service>> {
    let options = ServiceOptions { library: folder.to_owned(), cache, ..ServiceOptions::default() };
    Service::open(options).map_err(plain)
}

/// Waits until nobody holds the library any more.
async fn close(service: Arc<Service>) {
    service.shutdown();
    let weak = Arc::downgrade(&service);
    drop(service);
    while weak.strong_count() > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn request(query: &str) -> SearchRequest {
    SearchRequest { query: query.to_owned(), limit: PAGE, ..SearchRequest::default() }
}

fn search(service: &Service, request: SearchRequest) -> Outcome<SearchPage> {
    service.search(request).map_err(plain)
}

/// Words of the mail, frequent and rare ones as they come: those of subjects, each once.
fn words(service: &Service) -> Outcome<Vec<String>> {
    let mut words = Vec::new();
    for page in 0..10 {
        let found = search(service, SearchRequest { offset: page * 2 * PAGE, ..request("") })?;
        for hit in found.hits {
            for word in hit.subject.text.split(|c: char| !c.is_alphabetic()) {
                let word = word.to_lowercase();
                if word.len() > 4 && !words.contains(&word) {
                    words.push(word);
                }
            }
        }
    }
    if words.len() < 30 { Err("there are too few different words in this mail".into()) } else { Ok(words) }
}

fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}

fn timed<T>(work: impl FnOnce() -> Outcome<T>) -> Outcome<f64> {
    let started = Instant::now();
    work()?;
    Ok(millis(started.elapsed()))
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Each question once after all was forgotten, then again and again.
fn hits(service: &Service, words: &[String]) -> Outcome<Value> {
    let mut told = BTreeMap::new();
    let mut measure = |kind: &'static str, asks: Vec<Box<dyn Fn() -> Outcome<()> + '_>>| -> Outcome<()> {
        let (mut missed, mut hit) = (Vec::new(), Vec::new());
        for ask in &asks {
            service.forget_answers(Empty {}).map_err(plain)?;
            missed.push(timed(ask)?);
            let again = timed(|| (0..REPEATS).try_for_each(|_| ask()))?;
            hit.push(again / f64::from(REPEATS));
        }
        let ratios = missed.iter().zip(&hit).map(|(miss, hit)| miss / hit).collect();
        told.insert(
            kind,
            json!({ "asked": asks.len(), "miss": median(missed), "hit": median(hit), "ratio": median(ratios) }),
        );
        Ok(())
    };
    let pages = |requests: Vec<SearchRequest>| {
        let ask = |request: SearchRequest| -> Box<dyn Fn() -> Outcome<()> + '_> {
            Box::new(move || search(service, request.clone()).map(drop))
        };
        requests.into_iter().map(ask).collect::<Vec<_>>()
    };
    let some = || words.iter().step_by(words.len() / 20).take(20);
    measure("results of a word", pages(some().map(|word| request(word)).collect()))?;
    let prefixes = some().map(|word| word.chars().take(3).collect::<String>());
    let typed = prefixes.map(|word| SearchRequest { as_you_type: true, ..request(&word) });
    measure("results while typing", pages(typed.collect()))?;
    let sorts = [Sort::Newest, Sort::Oldest, Sort::Relevance, Sort::Size, Sort::Sender];
    let all = sorts.map(|sort| SearchRequest { sort, ..request("") });
    measure("results of all mail", pages(all.to_vec()))?;
    let counted = some().map(|word| SearchRequest { facets: true, ..request(word) });
    measure("results with counts", pages(counted.collect()))?;
    let insights = some().map(|word| -> Box<dyn Fn() -> Outcome<()> + '_> {
        Box::new(move || service.insights(insights(word)).map(drop).map_err(plain))
    });
    measure("insights", insights.collect())?;
    let people = some().map(|word| -> Box<dyn Fn() -> Outcome<()> + '_> {
        Box::new(move || service.people(people(word)).map(drop).map_err(plain))
    });
    measure("people", people.collect())?;
    let items = search(service, request(""))?.hits;
    let shown = items.iter().map(|hit| -> Box<dyn Fn() -> Outcome<()> + '_> {
        let id = hit.id;
        Box::new(move || show(service, id, ""))
    });
    measure("items with their bodies", shown.collect())?;
    Ok(json!(told))
}

fn insights(query: &str) -> InsightsRequest {
    InsightsRequest { query: query.to_owned(), as_you_type: true, top: 20, ..InsightsRequest::default() }
}

fn people(query: &str) -> PeopleRequest {
    PeopleRequest { query: query.to_owned(), as_you_type: true, limit: 100, ..PeopleRequest::default() }
}

fn show(service: &Service, id: ItemId, query: &str) -> Outcome<()> {
    let query = Some(query.to_owned());
    service.show(ShowRequest { id, path: Vec::new(), query }).map(drop).map_err(plain)
}

fn asked(snapshot: &Snapshot) -> (u64, u64) {
    (snapshot.now.cache_hits, snapshot.now.cache_misses)
}

/// A person at work, as the window asks for them: twelve searches, each typed letter by letter, scrolled, with messages opened one
/// after the other and some of them again, a look at insights and people, and back to the search before and to all mail. With
/// `review`, one message of every second search is flagged, so that all answers but bodies are void.
fn session(service: &Service, words: &[String], review: bool) -> Outcome<Value> {
    service.forget_answers(Empty {}).map_err(plain)?;
    let before = asked(&service.snapshot(Empty {}).map_err(plain)?);
    let mut kinds: BTreeMap<String, (u64, u64)> = shelves(service)?;
    let typed = |query: &str| SearchRequest { as_you_type: true, ..request(query) };
    search(service, typed(""))?;
    let mut earlier: Option<String> = None;
    for (n, word) in words.iter().step_by(words.len() / 12).take(12).enumerate() {
        let mut last = None;
        for end in 2..=word.chars().count() {
            let part: String = word.chars().take(end).collect();
            last = Some(search(service, typed(&part))?);
        }
        // Enter, and the page that scrolling brings.
        let page = search(service, request(word))?;
        // Looking at it takes its time; its first message and the page behind it are made ready meanwhile, as the service does for
        // whoever rests.
        service.library().prepare_first();
        let asked = Request { query: word.clone(), limit: PAGE as usize, ..Request::default() };
        service.library().prepare_page_behind(&asked, page.total);
        if page.total > u64::from(PAGE) {
            search(service, SearchRequest { offset: PAGE, ..request(word) })?;
        }
        let hits = last.map_or(page.hits, |last| last.hits);
        // j, j, j, back with k, and the first one again after a while.
        let open: Vec<ItemId> = hits.iter().take(5).map(|hit| hit.id).collect();
        for &id in &open {
            show(service, id, word)?;
            // Reading takes its time; the next ones are made ready meanwhile.
            service.library().prepare_next(mailscope_engine::ItemId(id.0));
        }
        for &id in open.iter().rev().skip(1).take(2) {
            show(service, id, word)?;
        }
        if review && n % 2 == 1 && !open.is_empty() {
            service.review(flag(open[0])?).map_err(plain)?;
            // The window brings list and message up to date.
            search(service, request(word))?;
            show(service, open[0], word)?;
        }
        // The tabs: insights, people, and insights again; the list stays as it is.
        if n % 2 == 0 {
            service.insights(insights(word)).map_err(plain)?;
            service.people(people(word)).map_err(plain)?;
            service.insights(insights(word)).map_err(plain)?;
        }
        // The search before, for one more look at what was found there; then all mail.
        if let Some(earlier) = earlier.replace(word.clone()) {
            let page = search(service, request(&earlier))?;
            for hit in page.hits.iter().take(2) {
                show(service, hit.id, &earlier)?;
            }
        }
        search(service, typed(""))?;
        if let Some(id) = open.first() {
            show(service, *id, word)?;
        }
    }
    let after = asked(&service.snapshot(Empty {}).map_err(plain)?);
    let (hits, misses) = (after.0 - before.0, after.1 - before.1);
    for (kind, now) in shelves(service)? {
        kinds.entry(kind).and_modify(|then| *then = (now.0 - then.0, now.1 - then.1));
    }
    let share = |hits: u64, misses: u64| hits as f64 * 100.0 / (hits + misses).max(1) as f64;
    let kinds: BTreeMap<String, f64> =
        kinds.into_iter().map(|(kind, (hits, misses))| (kind, share(hits, misses))).collect();
    if review {
        while service.undo_review(UndoRequest { action: None }).is_ok() {}
    }
    Ok(json!({ "asked": hits + misses, "hits": hits, "percent": share(hits, misses), "by_kind": kinds }))
}

/// A person who looks through what three searches find: twenty-five messages of each, one after the other, the one before each fifth
/// once more, each tenth flagged; the list is scrolled as they go on.
fn looking_through(service: &Service, words: &[String]) -> Outcome<Value> {
    service.forget_answers(Empty {}).map_err(plain)?;
    let before = asked(&service.snapshot(Empty {}).map_err(plain)?);
    for word in words.iter().step_by(words.len() / 3).take(3) {
        let page = search(service, request(word))?;
        service.library().prepare_first();
        let ids: Vec<ItemId> = page.hits.iter().take(25).map(|hit| hit.id).collect();
        for (n, &id) in ids.iter().enumerate() {
            show(service, id, word)?;
            service.library().prepare_next(mailscope_engine::ItemId(id.0));
            if n % 5 == 4 {
                show(service, ids[n - 1], word)?;
                show(service, id, word)?;
            }
            if n % 10 == 9 {
                service.review(flag(id)?).map_err(plain)?;
                search(service, request(word))?;
                show(service, id, word)?;
            }
        }
    }
    let after = asked(&service.snapshot(Empty {}).map_err(plain)?);
    while service.undo_review(UndoRequest { action: None }).is_ok() {}
    let (hits, misses) = (after.0 - before.0, after.1 - before.1);
    Ok(
        json!({ "asked": hits + misses, "hits": hits, "percent": hits as f64 * 100.0 / (hits + misses).max(1) as f64 }),
    )
}

fn shelves(service: &Service) -> Outcome<BTreeMap<String, (u64, u64)>> {
    let cache = service.snapshot(Empty {}).map_err(plain)?.cache;
    Ok(cache.into_iter().map(|shelf| (shelf.name, (shelf.hits, shelf.misses))).collect())
}

fn flag(id: ItemId) -> Outcome<ReviewRequest> {
    Ok(serde_json::from_value(json!({ "change": { "kind": "flag", "value": true }, "ids": [id] }))?)
}

/// As many answers as there is room for.
fn fill(service: &Service, words: &[String]) -> Outcome<()> {
    for word in words.iter().take(400) {
        for hit in search(service, request(word))?.hits.iter().take(3) {
            show(service, hit.id, word)?;
        }
    }
    Ok(())
}

/// How long it takes to make all answers void: to free their memory at once by hand, and what the first sample after a change takes
/// longer than another.
fn invalidation(service: &Service, words: &[String]) -> Outcome<Value> {
    let (mut by_hand, mut swept, mut sampled) = (Vec::new(), Vec::new(), Vec::new());
    let (mut answers, mut bytes) = (0, 0);
    for _ in 0..5 {
        fill(service, words)?;
        let id = search(service, request(""))?.hits.first().map(|hit| hit.id).ok_or("no mail")?;
        service.review(flag(id)?).map_err(plain)?;
        swept.push(timed(|| Ok(service.library().sample()))?);
        sampled.push(timed(|| Ok(service.library().sample()))?);
        service.undo_review(UndoRequest { action: None }).map_err(plain)?;
        fill(service, words)?;
        let started = Instant::now();
        let forgotten = service.forget_answers(Empty {}).map_err(plain)?;
        by_hand.push(millis(started.elapsed()));
        (answers, bytes) = (forgotten.answers, forgotten.bytes);
    }
    let worst = |times: &[f64]| times.iter().copied().fold(0.0, f64::max);
    Ok(json!({
        "answers": answers, "bytes": bytes, "by_hand": worst(&by_hand), "sample_after_change": worst(&swept),
        "sample": median(sampled),
    }))
}

/// How long it takes to find the ten pages again that were asked for last.
fn warming(service: &Service, words: &[String]) -> Outcome<Value> {
    let mut times = Vec::new();
    let mut warmed = 0;
    for round in 0..5 {
        for word in words.iter().skip(round * 10).take(10) {
            search(service, request(word))?;
        }
        service.forget_answers(Empty {}).map_err(plain)?;
        let started = Instant::now();
        warmed = service.library().warm(&[], LONG);
        times.push(millis(started.elapsed()));
    }
    Ok(json!({ "pages": warmed, "took": median(times) }))
}

/// How long it takes to read all items of the file by one worker, and by two, which is all that workers do but for what the writer
/// waits for; in turns, the shortest of each.
fn workers(file: &Path) -> Outcome<Value> {
    let mut least = [f64::INFINITY; 2];
    let mut items = 0;
    for _ in 0..3 {
        for (threads, least) in (1..).zip(&mut least) {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
            let took = timed(|| {
                let read = pool.install(|| mailscope_engine::tree(file, &|_, _| {}))?;
                items = read.folders.len();
                Ok(())
            })?;
            *least = least.min(took);
        }
    }
    Ok(json!({ "folders": items, "one": least[0], "two": least[1], "times": least[0] / least[1] }))
}

/// How much longer than promised it takes to give up: waiting for a library that is in use, and for an answer that never comes.
fn time_outs(folder: &Path) -> Outcome<Value> {
    const PROMISED: Duration = Duration::from_millis(400);
    let _holding = open(folder, false)?;
    let (mut library, mut answer) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let options =
            ServiceOptions { library: folder.to_owned(), patience: PROMISED, ..ServiceOptions::default() };
        let started = Instant::now();
        if Service::open(options).is_ok() {
            return Err("a library was opened twice".into());
        }
        library.push(millis(started.elapsed()) - millis(PROMISED));
        let started = Instant::now();
        if mailscope_api::ask_beside(Path::new("/nowhere/at-all"), PROMISED).is_some() {
            return Err("nobody answered".into());
        }
        answer.push(millis(started.elapsed()) - millis(PROMISED));
    }
    let worst = |late: &[f64]| late.iter().copied().fold(0.0, f64::max);
    let early = library.iter().chain(&answer).any(|late| *late < 0.0);
    Ok(
        json!({ "promised": millis(PROMISED), "library": worst(&library), "answer": worst(&answer), "early": early }),
    )
}

/// Several callers at once without kept answers: how long each waited for a connection.
fn pool(service: &Service, words: &[String]) -> Outcome<Value> {
    std::thread::scope(|scope| {
        let caller = |caller: usize| {
            move || -> Result<(), String> {
                for word in words.iter().skip(caller * 7).take(100) {
                    search(service, request(word)).map_err(|error| error.to_string())?;
                }
                Ok(())
            }
        };
        let callers: Vec<_> = (0..CALLERS).map(|n| scope.spawn(caller(n))).collect();
        callers.into_iter().try_for_each(|caller| caller.join().map_err(|_| "a caller failed")?)
    })?;
    let snapshot = service.snapshot(Empty {}).map_err(plain)?;
    Ok(json!({ "callers": CALLERS, "size": snapshot.pool.size, "waits": snapshot.pool.waits }))
}
