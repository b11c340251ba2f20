//! `mailscope sources` and `mailscope remove SOURCE`

use super::source_called;
use crate::output::say;
use crate::output::{self, many, number, plain, size};
use crate::{CommandResult, Outcome};
use mailscope_api::{Commands, Empty, Service, SourceId, SourceList, SourceRequest, Texts};

/// Prints what the library holds.
pub fn run(service: &Service, json: bool) -> CommandResult {
    print(&service.sources(Empty {})?, json)
}

/// Forgets a source.
pub fn remove(service: &Service, source: &str, json: bool) -> CommandResult {
    let source = source_called(service, source)?;
    print(&service.remove(SourceRequest { source: SourceId(source.0) })?, json)
}

fn print(list: &SourceList, json: bool) -> CommandResult {
    if json {
        for source in &list.sources {
            output::json(source)?;
        }
        output::json(&serde_json::json!({
            "sources": list.sources.len(),
            "total_items": list.total_items,
            "attachments_text": list.reading.texts,
        }))?;
        return Ok(Outcome::Well);
    }
    for source in &list.sources {
        let c = &source.counts;
        say!(
            "{:>4}  {}  {} {}, {}  {} of {} items, {} unreadable, {} recovered{}, {} gone{}",
            source.id.0,
            plain(&source.name),
            source.format,
            source.kind,
            size(source.size),
            number(c.items),
            number(c.expected),
            number(c.failed),
            number(c.recovered),
            output::besides(c.partial, "only in part"),
            number(source.gone),
            if source.complete { "" } else { " (incomplete: import it again to go on)" }
        );
        say!("      {}", plain(&source.path));
        if let Some(line) = texts(&source.texts) {
            say!("      {line}");
        }
        for folder in &source.folders {
            let c = &folder.counts;
            if c.expected + c.recovered > 0 {
                let indent = "  ".repeat(folder.depth as usize);
                say!("      {indent}{}  {}", plain(&folder.name), number(c.items + c.recovered));
            }
        }
    }
    say!("{} in {}", many(list.total_items, "item"), many(list.sources.len() as u64, "file"));
    Ok(Outcome::Well)
}

/// The account of attachments' text in a line; nothing where there are none.
pub fn texts(texts: &Texts) -> Option<String> {
    let all = texts.waiting + texts.read + texts.nothing + texts.failed;
    (all > 0).then(|| {
        format!(
            "text of {} attachments: {} searchable, {} without, {} unreadable, {} not yet looked into",
            number(all),
            number(texts.read),
            number(texts.nothing),
            number(texts.failed),
            number(texts.waiting)
        )
    })
}
