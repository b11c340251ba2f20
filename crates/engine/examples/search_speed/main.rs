//! How fast a library answers, as lines of JSON for `cargo xtask bench search`.
//!
//! `search_speed plan LIBRARY PLAN` chooses the queries out of what the library holds and writes them down;
//! `search_speed run LIBRARY PLAN [FTS5]` asks them all, warm, by one caller and by eight at once, and SQLite's FTS5 beside it;
//! `search_speed one LIBRARY PLAN KIND NUMBER` asks one of them in a process that has asked nothing else;
//! `search_speed checks LIBRARY PLAN` asks the small questions of docs/performance.md;
//! `search_speed fts5 LIBRARY FTS5` puts the library's texts into a database of SQLite's FTS5.
#![allow(clippy::print_stdout)]
#![forbid(unsafe_code)]

mod ask;
mod checks;
mod fts5;
mod plan;
mod spread;

use std::error::Error;
use std::path::{Path, PathBuf};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    const USAGE: &str = "usage: search_speed plan|run|one|checks|fts5 LIBRARY FILE [FTS5 | KIND NUMBER]";
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, library, file, rest @ ..] = arguments.as_slice() else { return Err(USAGE.into()) };
    let (library, file) = (PathBuf::from(library), PathBuf::from(file));
    match (command.as_str(), rest) {
        ("plan", []) => {
            let plan = plan::Plan::of(&library)?;
            std::fs::write(&file, serde_json::to_string_pretty(&plan)?)?;
        }
        ("run", beside) => ask::run(&library, &read(&file)?, beside.first().map(Path::new))?,
        ("checks", []) => checks::checks(&library, &read(&file)?)?,
        ("one", [kind, number]) => ask::one(&library, &read(&file)?, kind, number.parse()?)?,
        ("fts5", []) => fts5::make(&library, &file)?,
        _ => return Err(USAGE.into()),
    }
    Ok(())
}

fn read(plan: &Path) -> Outcome<plan::Plan> {
    Ok(serde_json::from_str(&std::fs::read_to_string(plan)?)?)
}
