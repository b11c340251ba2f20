//! `mailscope people [QUERY]`

use super::settle;
use crate::args::People;
use crate::output::say;
use crate::output::{self, date, number, plain};
use crate::{CommandResult, Outcome};
use mailscope_api::{Commands, Correspondent, Link, PeopleRequest, Service};
use serde::Serialize;

/// A line of JSON: a person, or whom they wrote to.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    person: &'a Correspondent,
    /// To whom of those that are given, most items first.
    wrote_to: Vec<Written<'a>>,
}

#[derive(Serialize)]
struct Written<'a> {
    name: &'a str,
    address: &'a str,
    count: u64,
    first: Option<i64>,
    last: Option<i64>,
}

/// Prints who wrote to whom.
pub fn run(service: &Service, asked: People, json: bool) -> CommandResult {
    let behind = settle(service);
    let request = PeopleRequest {
        query: asked.query.join(" "),
        zone: output::zone(),
        limit: asked.limit,
        ..PeopleRequest::default()
    };
    let found = service.people(request)?;
    let person = |number: u32| found.people.get(usize::try_from(number).ok()?);
    for (number, who) in (0..).zip(&found.people) {
        let written: Vec<(&Link, &Correspondent)> = found
            .links
            .iter()
            .filter(|link| link.from == number)
            .filter_map(|link| Some((link, person(link.to)?)))
            .collect();
        if json {
            let wrote_to = written.iter().map(|(link, to)| Written {
                name: &to.name,
                address: &to.address,
                count: link.count,
                first: link.first,
                last: link.last,
            });
            output::json(&Line { person: who, wrote_to: wrote_to.collect() })?;
        } else {
            print(who, &written);
        }
    }
    if json {
        output::json(&serde_json::json!({ "total": found.total, "took_ms": found.took_ms }))?;
    } else {
        say!("{} people, {} shown, in {:.0} ms", number(found.total), found.people.len(), found.took_ms);
    }
    Ok(if behind { Outcome::WithLosses } else { Outcome::Well })
}

fn print(who: &Correspondent, written: &[(&Link, &Correspondent)]) {
    let day = |at: Option<i64>| at.map_or_else(String::new, |at| date(at).chars().take(10).collect());
    let span = |first, last| format!("{} to {}", day(first), day(last));
    say!(
        "{}, group {}: {} sent, {} received, {}",
        name(who),
        who.community + 1,
        number(who.sent),
        number(who.received),
        span(who.first, who.last)
    );
    for (link, to) in written {
        say!("{:>12}  to {}, {}", number(link.count), name(to), span(link.first, link.last));
    }
}

fn name(who: &Correspondent) -> String {
    plain(&match (who.name.is_empty(), who.address.is_empty()) {
        (false, false) => format!("{} <{}>", who.name, who.address),
        (true, _) => who.address.clone(),
        _ => who.name.clone(),
    })
}
