//! `mailscope sample OUT`

use crate::output::say;
use crate::{CommandResult, Outcome, output};
use mailscope_api::{ApiError, ErrorCode};
use mailscope_engine::source::pst::write_sample;
use std::path::Path;

/// Writes the sample mailbox to `out`, which must not exist.
pub fn run(out: &Path, json: bool) -> CommandResult {
    if out.exists() {
        return Err(ApiError {
            code: ErrorCode::BadRequest,
            message: format!("{} is there already.", out.display()),
            advice: "Choose another name.".into(),
            detail: None,
        }
        .into());
    }
    write_sample(out).map_err(|error| ApiError {
        code: ErrorCode::Io,
        message: format!("{} could not be written.", out.display()),
        advice: "Check that the folder is there and may be written.".into(),
        detail: Some(error.to_string()),
    })?;
    if json {
        output::json(&serde_json::json!({ "path": out }))?;
    } else {
        say!("{}", out.display());
    }
    Ok(Outcome::Well)
}
