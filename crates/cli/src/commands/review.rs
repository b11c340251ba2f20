//! `mailscope tag`, `note`, `flag`, `reviewed`, `undo`, `saved` and `audit`: what people say of items.

use super::settle;
use crate::args::{Audit, Mark, Note, Saved, Tag};
use crate::output::say;
use crate::output::{self, moment, number, plain};
use crate::{CommandResult, Outcome};
use mailscope_api::{
    ActionsRequest, ApiError, Change, Commands, Empty, ErrorCode, ForgetSearchRequest, ReviewDone,
    ReviewRequest, SaveSearchRequest, Service, UndoRequest,
};

/// Lists the tags, or gives one to all items that match, or takes it from them.
pub fn tag(service: &Service, tag: Tag, json: bool) -> CommandResult {
    let Some(name) = tag.name else { return tags(service, json) };
    let change = if tag.remove { Change::Untag(name) } else { Change::Tag(name) };
    change_all(service, change, &tag.query, json)
}

/// Writes a note to all items that match.
pub fn note(service: &Service, note: Note, json: bool) -> CommandResult {
    change_all(service, Change::Note(note.text), &note.query, json)
}

/// Flags all items that match, or no longer.
pub fn flag(service: &Service, mark: Mark, json: bool) -> CommandResult {
    change_all(service, Change::Flag(!mark.remove), &mark.query, json)
}

/// Tells that all items that match are looked through, or not.
pub fn reviewed(service: &Service, mark: Mark, json: bool) -> CommandResult {
    change_all(service, Change::Reviewed(!mark.remove), &mark.query, json)
}

/// Takes a change back.
pub fn undo(service: &Service, action: Option<i64>, json: bool) -> CommandResult {
    print(service.undo_review(UndoRequest { action })?, json)
}

fn change_all(service: &Service, change: Change, query: &[String], json: bool) -> CommandResult {
    if query.is_empty() {
        return Err(
            missing("Which items are meant is missing.", "Add a query; \"\" stands for all items.").into()
        );
    }
    // What is not found yet would not be changed.
    let behind = settle(service);
    let request = ReviewRequest {
        change,
        ids: None,
        query: query.join(" "),
        source: None,
        folder: None,
        as_you_type: false,
        zone: output::zone(),
        except: Vec::new(),
        once: false,
    };
    let outcome = print(service.review(request)?, json)?;
    Ok(if behind { Outcome::WithLosses } else { outcome })
}

fn missing(message: &str, advice: &str) -> ApiError {
    ApiError {
        code: ErrorCode::BadRequest,
        message: message.to_owned(),
        advice: advice.to_owned(),
        detail: None,
    }
}

fn print(done: ReviewDone, json: bool) -> CommandResult {
    if json {
        output::json(&done)?;
    } else if let Some(action) = done.action {
        say!("{} items changed; `mailscope undo {action}` takes it back", number(done.items));
    } else {
        say!("nothing changed");
    }
    Ok(Outcome::Well)
}

fn tags(service: &Service, json: bool) -> CommandResult {
    let found = service.tags(Empty {})?.tags;
    for tag in &found {
        if json {
            output::json(tag)?;
        } else {
            say!("{:>9}  {}", number(tag.count), plain(&tag.name));
        }
    }
    if json {
        output::json(&serde_json::json!({ "total": found.len() }))?;
    }
    Ok(Outcome::Well)
}

/// Lists the saved searches, or saves one, or forgets one.
pub fn saved(service: &Service, saved: Saved, json: bool) -> CommandResult {
    let found = match saved.name {
        None => service.saved(Empty {})?,
        Some(name) if saved.remove => service.forget_search(ForgetSearchRequest { name })?,
        Some(_) if saved.query.is_empty() => {
            return Err(missing("The query to save is missing.", "Add it behind the name.").into());
        }
        Some(name) => service.save_search(SaveSearchRequest { name, query: saved.query.join(" ") })?,
    };
    for search in &found.saved {
        if json {
            output::json(search)?;
        } else {
            say!("{}: {}", plain(&search.name), plain(&search.query));
        }
    }
    if json {
        output::json(&serde_json::json!({ "total": found.saved.len() }))?;
    }
    Ok(Outcome::Well)
}

/// Prints the record of who changed what.
pub fn audit(service: &Service, audit: Audit, json: bool) -> CommandResult {
    let found = service.actions(ActionsRequest { before: audit.before, limit: Some(audit.limit) })?.actions;
    for action in &found {
        if json {
            output::json(action)?;
            continue;
        }
        let value =
            if action.value.is_empty() { String::new() } else { format!(" \"{}\"", plain(&action.value)) };
        let undoes = action.undoes.map_or_else(String::new, |of| format!(" of {of}"));
        say!(
            "{:>6}  {}  {}: {}{undoes}{value}, {} items{}",
            action.id,
            moment(action.at),
            plain(&action.who),
            action.what,
            number(action.items),
            if action.query.is_empty() {
                String::new()
            } else {
                format!(", found by {}", plain(&action.query))
            }
        );
    }
    if json {
        output::json(&serde_json::json!({ "total": found.len() }))?;
    }
    Ok(Outcome::Well)
}
