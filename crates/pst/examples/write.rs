//! Writes a mailbox with one message and its attachment, and reads it again:
//! `cargo run -p mailscope-pst --example write -- FILE`.
#![allow(clippy::print_stdout)]

use std::error::Error;

use mailscope_pst::PstFile;
use mailscope_pst::write::{
    Content, NewAttachment, NewMessage, Options, Person, PstWriter, Recipient, RecipientLine,
};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: write FILE")?;
    let mut writer = PstWriter::create(&path, Options::default())?;
    let inbox = writer.add_folder(writer.top(), "Inbox")?;
    let message = NewMessage {
        subject: "Minutes".into(),
        sender: Some(Person::new("Ada", "ada@example.org")),
        recipients: vec![Recipient { line: RecipientLine::To, person: Person::new("Bo", "bo@example.org") }],
        text: Some("See attached.".into()),
        attachments: vec![NewAttachment {
            name: "minutes.txt".into(),
            mime: "text/plain".into(),
            content: Content::Bytes(b"All agreed.".to_vec()),
            ..NewAttachment::default()
        }],
        ..NewMessage::default()
    };
    let node = writer.add_message(inbox, &message)?;
    writer.finish()?;
    let item = PstFile::open(&path)?.reader().item(node)?;
    println!("{path}: {:?} with {}", item.subject, item.attachments[0].name);
    Ok(())
}
