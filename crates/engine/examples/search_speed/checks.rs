//! Small questions that others are made of, each with an aim of its own in docs/performance.md.

use crate::Outcome;
use crate::plan::{Ask, Plan};
use crate::spread::{Patience, Spread};
use mailscope_engine::search::{Question, Request};
use mailscope_engine::{Error, ItemId, Library, LibraryOptions, insights, language};
use serde_json::json;
use std::path::Path;
use std::time::Duration;

const CALLERS: usize = 8;
/// Rows of a batch.
const BATCH: usize = 100;
/// People of a batch.
const PEOPLE: usize = 50;
const PATIENCE: Patience = Patience { rounds: 20, time: Duration::from_secs(3) };

/// Measures them in the library in a folder, with words of `plan`.
///
/// # Errors
/// Those of the library.
pub fn checks(folder: &Path, plan: &Plan) -> Outcome<()> {
    let library = Library::open(LibraryOptions::new(folder))?;
    let common =
        plan.kinds.iter().find(|kind| kind.name == "common word" && matches!(kind.ask, Ask::Page(_)));
    let words: Vec<&str> =
        common.ok_or("no common words")?.queries.iter().map(|query| query.ours.as_str()).collect();
    let some = Request { query: words[0].to_owned(), limit: 500, ..Request::default() };
    let ids: Vec<ItemId> = library.search(&some)?.hits.iter().map(|hit| hit.row.id).collect();
    let tell = |what: &str, times: Vec<Duration>| {
        println!("{}", json!({ "what": what, "times": Spread::of(times) }))
    };

    let count = ids.len();
    let one = |number: usize| library.review_of(ids[number]).map(|_| ());
    tell("one row by its number", PATIENCE.measure(count, one)?);
    let all = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| scope.spawn(move || PATIENCE.measure(count, |n| one((n + caller * 61) % count))))
            .collect();
        let ended = callers.into_iter().map(|caller| caller.join());
        ended
            .map(|times| times.unwrap_or_else(|_| Err(Error::Internal("a caller ended with a fault".into()))))
            .collect::<Result<Vec<_>, _>>()
    })?;
    tell("the same by eight callers at once, waiting for a connection included", all.concat());
    tell(
        "a page of 100 rows with marks and snippets",
        PATIENCE.measure(words.len(), |number| {
            let request = Request { query: words[number].to_owned(), limit: BATCH, ..Request::default() };
            library.search(&request).map(|_| ())
        })?,
    );
    tell(
        "the items of a conversation",
        PATIENCE.measure(count, |n| library.conversation(ids[n]).map(|_| ()))?,
    );
    let question = Question { query: words[0].to_owned(), ..Question::default() };
    let known = library.insights(&insights::Request { question, top: 200 })?;
    let people: Vec<&str> = known.senders.iter().rev().take(PEOPLE).map(|who| who.address.as_str()).collect();
    let query = people.iter().map(|address| format!("from:{address}")).collect::<Vec<_>>().join(" OR ");
    tell(
        &format!("the mail of {} people in one query", people.len()),
        PATIENCE.measure(1, |_| {
            library.search(&Request { query: query.clone(), limit: 50, ..Request::default() }).map(|_| ())
        })?,
    );
    let texts: Vec<(String, String)> = library
        .search(&Request { query: words[0].to_owned(), limit: BATCH, ..Request::default() })?
        .hits
        .into_iter()
        .filter_map(|hit| Some((hit.row.subject, library.show(hit.row.id, &[], None).ok()?.row.hit.text)))
        .collect();
    let told = |n: usize| {
        let (subject, text) = &texts[n];
        std::hint::black_box(language::of_item(subject, text));
        Ok::<(), Error>(())
    };
    tell("the language of an item", PATIENCE.measure(texts.len(), told)?);
    Ok(())
}
