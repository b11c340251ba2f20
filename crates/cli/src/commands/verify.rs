//! `mailscope verify`

use crate::output::say;
use crate::output::{self, number};
use crate::{CommandResult, Failure, Outcome};
use mailscope_api::{Service, to_api_error};

/// Checks the library, and mends its index if told to.
pub fn run(service: &Service, repair: bool, json: bool) -> CommandResult {
    let found = service.library().verify(repair).map_err(|error| Failure::Api(to_api_error(&error)))?;
    let sentences: Vec<&str> = found.problems.iter().map(|problem| problem.sentence.as_str()).collect();
    if json {
        output::json(&serde_json::json!({
            "items": found.items, "indexed": found.indexed, "folders": found.folders, "incomplete": found.incomplete,
            "problems": sentences,
        }))?;
    } else {
        for sentence in &sentences {
            say!("{sentence}");
        }
        let verdict = if sentences.is_empty() { "All agree" } else { "They do not agree" };
        say!(
            "{verdict}: {} items, {} of them in the index, {} folders{}.",
            number(found.items),
            number(found.indexed),
            number(found.folders),
            match found.incomplete {
                0 => String::new(),
                n => format!(", {n} files not taken in to the end"),
            }
        );
        if found.problems.iter().any(|problem| problem.repairable) {
            say!("`mailscope verify --repair` builds the index anew.");
        }
    }
    Ok(if sentences.is_empty() { Outcome::Well } else { Outcome::WithLosses })
}
