//! `mailscope search QUERY`

use super::settle;
use crate::args::{Fold, Search, Sort};
use crate::output::say;
use crate::output::{self, number, plain};
use crate::{CommandResult, Outcome};
use mailscope_api::{
    Commands, Facets, Fold as ApiFold, Hit, ItemId, RelatedRequest, SearchRequest, Service, Sort as ApiSort,
};
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
    /// Only of folded results.
    #[serde(skip_serializing_if = "Option::is_none")]
    stands_for: Option<u64>,
}

/// What comes last.
#[derive(Serialize)]
struct Summary<'a> {
    total: u64,
    took_ms: f64,
    /// For `--after`, where there may be more.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<&'a Facets>,
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
    let fold = match search.fold {
        None => ApiFold::Nothing,
        Some(Fold::Duplicates) => ApiFold::Duplicates,
        Some(Fold::Conversations) => ApiFold::Conversations,
    };
    let behind = settle(service);
    let (mut given, mut took_ms, mut after, mut facets) = (0, 0.0, search.after, None);
    let total = loop {
        let page = service.search(SearchRequest {
            query: query.clone(),
            zone: output::zone(),
            sort,
            offset: search.offset,
            limit: (search.limit - given).min(PAGE),
            after: after.take(),
            facets: search.counts && given == 0,
            fold,
            ..SearchRequest::default()
        })?;
        took_ms += page.took_ms;
        after = page.next;
        facets = facets.or(page.facets);
        let count = u32::try_from(page.hits.len()).unwrap_or(u32::MAX);
        given += count;
        for hit in &page.hits {
            print(hit, fold, json)?;
        }
        if count == 0 || given >= search.limit || after.is_none() {
            break page.total;
        }
    };
    if json {
        output::json(&Summary { total, took_ms, next: after.as_deref(), counts: facets.as_ref() })?;
    } else {
        if let Some(facets) = &facets {
            super::stats::counts(facets);
            say!();
        }
        say!("{} found, {} shown, in {took_ms:.0} ms", number(total), number(u64::from(given)));
    }
    Ok(if behind { Outcome::WithLosses } else { Outcome::Well })
}

/// Prints items like another.
pub fn related(service: &Service, id: i64, limit: u32, json: bool) -> CommandResult {
    let behind = settle(service);
    let found = service.related(RelatedRequest { id: ItemId(id), limit: Some(limit) })?;
    for hit in &found.hits {
        print(hit, ApiFold::Duplicates, json)?;
    }
    if json {
        output::json(&serde_json::json!({ "total": found.total, "took_ms": found.took_ms }))?;
    } else {
        say!("{} alike, {} shown, in {:.0} ms", number(found.total), found.hits.len(), found.took_ms);
    }
    Ok(if behind { Outcome::WithLosses } else { Outcome::Well })
}

fn print(hit: &Hit, fold: ApiFold, json: bool) -> std::io::Result<()> {
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
            stands_for: (fold != ApiFold::Nothing).then_some(hit.stands_for),
        });
    }
    let date = hit.date.map_or_else(|| "no date".into(), output::date);
    let clip = if hit.has_attachments { " [+]" } else { "" };
    say!("{:>7}  {date}  {}{clip}", hit.id.0, plain(&hit.from));
    let more = match hit.stands_for {
        0 | 1 => String::new(),
        count => format!(" ({count})"),
    };
    say!("         {}{more}", plain(&hit.subject.text));
    if !hit.snippet.text.is_empty() {
        say!("         {}", plain(&hit.snippet.text));
    }
    Ok(())
}
