//! `mailscope thread ID`

use super::settle;
use crate::output::say;
use crate::output::{self, number, plain};
use crate::{CommandResult, Outcome};
use mailscope_api::{Commands, ConversationMessage, ConversationRequest, ItemId, Service};
use serde::Serialize;

/// An item of the conversation.
#[derive(Serialize)]
struct Line<'a> {
    id: i64,
    parent: Option<i64>,
    depth: u32,
    date: Option<i64>,
    from: &'a str,
    to: &'a str,
    subject: &'a str,
    folder: &'a str,
    source: &'a str,
    has_attachments: bool,
    copies: &'a [ItemId],
}

/// Deeper answers are indented no further.
const MAX_INDENT: u32 = 20;

/// Prints a conversation, answers below what they answer.
pub fn run(service: &Service, id: i64, json: bool) -> CommandResult {
    let behind = settle(service);
    let asked = ConversationRequest {
        id: ItemId(id),
        query: None,
        source: None,
        folder: None,
        as_you_type: false,
        zone: None,
    };
    let found = service.conversation(asked)?;
    for message in &found.messages {
        print(message, json)?;
    }
    let shown: usize = found.messages.iter().map(|message| 1 + message.copies.len()).sum();
    if json {
        output::json(&serde_json::json!({ "total": found.total, "shown": shown }))?;
    } else {
        say!("{} items, {} shown", number(found.total), number(shown as u64));
    }
    Ok(if behind { Outcome::WithLosses } else { Outcome::Well })
}

fn print(message: &ConversationMessage, json: bool) -> std::io::Result<()> {
    let hit = &message.hit;
    if json {
        return output::json(&Line {
            id: hit.id.0,
            parent: message.parent.map(|id| id.0),
            depth: message.depth,
            date: hit.date,
            from: &hit.from,
            to: &hit.to,
            subject: &hit.subject.text,
            folder: &hit.folder,
            source: &hit.source,
            has_attachments: hit.has_attachments,
            copies: &message.copies,
        });
    }
    let date = hit.date.map_or_else(|| "no date".into(), output::date);
    let indent = "  ".repeat(message.depth.min(MAX_INDENT) as usize);
    let clip = if hit.has_attachments { " [+]" } else { "" };
    let copies = match message.copies.len() {
        0 => String::new(),
        1 => " (1 copy)".to_owned(),
        count => format!(" ({count} copies)"),
    };
    say!("{:>7}  {date}  {indent}{}: {}{clip}{copies}", hit.id.0, plain(&hit.from), plain(&hit.subject.text));
    Ok(())
}
