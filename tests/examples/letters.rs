//! Writes a mailbox of given messages: `letters FILE`, one JSON object a line on the standard input with `subject`, `html` and
//! `attachments` (`name`, `mime`, `cid`, `text`; all may be absent).
#![forbid(unsafe_code)]

use mailscope_pst::write::{Content, NewAttachment, NewMessage, Options, Person, PstWriter};
use serde_json::Value;
use std::io::BufRead as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file] = arguments.as_slice() else {
        eprintln!("usage: letters FILE < MESSAGES");
        return ExitCode::from(2);
    };
    match write(file) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn write(file: &str) -> Result<(), Box<dyn std::error::Error>> {
    let mut writer = PstWriter::create(file, Options::default())?;
    let folder = writer.add_folder(writer.top(), "Inbox")?;
    for line in std::io::stdin().lock().lines() {
        writer.add_message(folder, &message(&serde_json::from_str(&line?)?))?;
    }
    writer.finish()?;
    Ok(())
}

fn message(letter: &Value) -> NewMessage {
    NewMessage {
        subject: text(letter, "subject"),
        sender: Some(Person::new("Mallory", "mallory@example.org")),
        html: letter["html"].as_str().map(|html| html.as_bytes().to_vec()),
        attachments: letter["attachments"].as_array().into_iter().flatten().map(attachment).collect(),
        ..NewMessage::default()
    }
}

fn attachment(part: &Value) -> NewAttachment {
    NewAttachment {
        name: text(part, "name"),
        mime: text(part, "mime"),
        content: Content::Bytes(text(part, "text").into_bytes()),
        content_id: part["cid"].as_str().map(str::to_owned),
        ..NewAttachment::default()
    }
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}
