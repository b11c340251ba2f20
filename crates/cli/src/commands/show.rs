//! `mailscope show ID`

use crate::output::say;
use crate::output::{self, plain, size};
use crate::{CommandResult, Failure, Outcome};
use mailscope_api::{Commands, DetailValue, ItemId, Participant, Person, Service, ShowRequest, to_api_error};
use std::io::Write;

/// Prints an item.
pub fn run(service: &Service, id: i64, path: Vec<u32>, json: bool) -> CommandResult {
    let item = service.show(ShowRequest { id: ItemId(id), path, query: None })?;
    if json {
        let mut value = serde_json::to_value(&item).map_err(std::io::Error::from)?;
        // The contract's `subject` and `text` are the texts themselves; marks belong to windows.
        value["subject"] = item.subject.text.into();
        value["text"] = item.text.text.into();
        output::json(&value)?;
        return Ok(Outcome::Well);
    }
    let people = |people: &[Person]| people.iter().map(person).collect::<Vec<_>>().join("; ");
    say!("Subject: {}", plain(&item.subject.text));
    if let Some(from) = &item.from {
        say!("From:    {}", person(from));
    }
    for (name, list) in [("To:  ", &item.to), ("Cc:  ", &item.cc), ("Bcc: ", &item.bcc)] {
        if !list.is_empty() {
            say!("{name}    {}", people(list));
        }
    }
    say!("Date:    {}", item.date.map_or_else(|| "none".into(), output::moment));
    say!("Folder:  {} in {}", plain(&item.folder_path), plain(&item.source_name));
    for attachment in &item.attachments {
        let place: Vec<String> = attachment.path.iter().map(u32::to_string).collect();
        say!(
            "Carries: {} ({}, {}) [{}]",
            plain(&attachment.name),
            attachment.method,
            size(attachment.size),
            place.join("/")
        );
    }
    for line in &item.details {
        say!("{:<20} {}", format!("{}:", plain(&line.key)), plain(&value(&line.value)));
    }
    for anomaly in &item.anomalies {
        say!("Odd:     {}", plain(anomaly));
    }
    if !item.source_available {
        say!("Note:    the file is away; this is what the library keeps");
    }
    say!("\n{}", plain(&item.text.text));
    Ok(Outcome::Well)
}

fn value(value: &DetailValue) -> String {
    match value {
        DetailValue::Text(text) => text.replace('\n', ", "),
        DetailValue::Time(time) => output::moment(*time),
        DetailValue::Day(day) => output::day(*day),
        DetailValue::Number(number) => number.to_string(),
        DetailValue::Flag(set) => if *set { "yes" } else { "no" }.to_owned(),
        DetailValue::Person(Participant { name, address, note }) => {
            let who = person(&Person { name: name.clone(), address: address.clone() });
            if note.is_empty() { who } else { format!("{who} ({note})") }
        }
    }
}

fn person(person: &Person) -> String {
    plain(&match (person.name.is_empty(), person.address.is_empty()) {
        (false, false) if person.name != person.address => format!("{} <{}>", person.name, person.address),
        (true, _) => person.address.clone(),
        _ => person.name.clone(),
    })
}

/// Prints an item as RFC 5322.
pub fn eml(service: &Service, id: i64, path: &[u32]) -> CommandResult {
    let id = mailscope_engine::ItemId(id);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let losses = match service.library().eml(id, path, &mut out) {
        Ok(losses) => losses,
        Err(mailscope_engine::Error::Io { cause, .. }) => return Err(Failure::Output(cause)),
        Err(error) => return Err(Failure::Api(to_api_error(&error))),
    };
    out.flush()?;
    for loss in &losses {
        eprintln!("mailscope: {}", plain(loss));
    }
    Ok(if losses.is_empty() { Outcome::Well } else { Outcome::WithLosses })
}
