//! `mailscope search QUERY`

use super::settle;
use crate::args::{Search, Sort};
use crate::output::{self, number, plain};
use crate::{CommandResult, Outcome};
use mailscope_api::{Commands, Hit, SearchRequest, Service, Sort as ApiSort};
use serde::Serialize;

/// The fields of the contract; the marks of the API are for windows.
#[derive(Serialize)]
struct Line<'a> {
    id: i64,
    date: Option<i64>,
    from: &'a str,
    to: &'a str,
    subject: &'a str,
    folder: &'a str,
    source: &'a str,
    has_attachments: bool,
    snippet: &'a str,
}

/// The service answers at most this many rows at once.
const PAGE: u32 = 500;

/// Prints the results, page by page.
pub fn run(service: &Service, search: Search, json: bool) -> CommandResult {
    let query = search.query.join(" ");
    let sort = match search.sort {
        Sort::Newest => ApiSort::Newest,
        Sort::Oldest => ApiSort::Oldest,
        Sort::Relevance => ApiSort::Relevance,
        Sort::Size => ApiSort::Size,
        Sort::Sender => ApiSort::Sender,
    };
    let behind = settle(service);
    let (mut given, mut took_ms) = (0, 0.0);
    let total = loop {
        let page = service.search(SearchRequest {
            query: query.clone(),
            sort,
            offset: search.offset.saturating_add(given),
            limit: (search.limit - given).min(PAGE),
            ..SearchRequest::default()
        })?;
        took_ms += page.took_ms;
        let count = u32::try_from(page.hits.len()).unwrap_or(u32::MAX);
        given += count;
        for hit in &page.hits {
            print(hit, json)?;
        }
        if count == 0 || given >= search.limit {
            break page.total;
        }
    };
    if json {
        output::json(&serde_json::json!({ "total": total, "took_ms": took_ms }))?;
    } else {
        println!("{} found, {} shown, in {took_ms:.0} ms", number(total), number(u64::from(given)));
    }
    Ok(if behind { Outcome::WithLosses } else { Outcome::Well })
}

fn print(hit: &Hit, json: bool) -> std::io::Result<()> {
    if json {
        return output::json(&Line {
            id: hit.id.0,
            date: hit.date,
            from: &hit.from,
            to: &hit.to,
            subject: &hit.subject.text,
            folder: &hit.folder,
            source: &hit.source,
            has_attachments: hit.has_attachments,
            snippet: &hit.snippet.text,
        });
    }
    let date = hit.date.map_or_else(|| "no date".into(), output::date);
    let clip = if hit.has_attachments { " [+]" } else { "" };
    println!("{:>7}  {date}  {}{clip}", hit.id.0, plain(&hit.from));
    println!("         {}", plain(&hit.subject.text));
    if !hit.snippet.text.is_empty() {
        println!("         {}", plain(&hit.snippet.text));
    }
    Ok(())
}
