//! The sample mailbox that a first-time user explores: half a year of a small choir that invites the world to sing
//! on a pier. Everything in it is made up; all addresses end in example.org or example.com.

mod files;
mod items;
mod mail;
mod people;
mod summer;
mod winter;

use std::{collections::HashMap, path::Path};

use self::{
    files::{BUDGET, attachment, hall_plan, pdf, poster, rtf},
    mail::{Extra, Mail, Place},
    people::Who,
};
use super::{
    Content, FileTime, FolderId, NewAttachment, NewMessage, Options, PropertyKey, PstWriter, Recipient,
    RecipientLine, Result, RtfForm, Value, value::unix_time,
};

/// The id that an HTML body shows the poster under.
const POSTER_ID: &str = "poster@lighthouse.example.org";

/// A time in 2025: month, day, hour, minute, UTC.
fn at((month, day, hour, minute): (u8, u8, u8, u8)) -> FileTime {
    const DAYS_BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let days = DAYS_BEFORE[usize::from(month.clamp(1, 12)) - 1] + i64::from(day) - 1;
    // Seconds from 1970 to the start of 2025
    unix_time(1_735_689_600 + days * 86_400 + i64::from(hour) * 3600 + i64::from(minute) * 60)
}

/// `Mon, 06 Jan 2025 09:12:00 +0000`
fn mail_date((month, day, hour, minute): (u8, u8, u8, u8)) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    // 1 January 1601 was a Monday.
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let weekday = DAYS[(at((month, day, 0, 0)).0 / 864_000_000_000 % 7) as usize];
    let name = MONTHS[usize::from(month.clamp(1, 12)) - 1];
    format!("{weekday}, {day:02} {name} 2025 {hour:02}:{minute:02}:00 +0000")
}

fn all_mail() -> impl Iterator<Item = &'static Mail> {
    winter::WINTER.iter().chain(summer::SUMMER)
}

fn message_id(key: &str) -> String {
    format!("<{key}@lighthouse.example.org>")
}

/// The message ids of what a message answers, oldest first.
fn thread(mail: &Mail, by_key: &HashMap<&str, &'static Mail>) -> Vec<String> {
    let mut ids = Vec::new();
    let mut answers = mail.answers;
    while let Some(earlier) = by_key.get(answers) {
        ids.push(message_id(earlier.key));
        answers = earlier.answers;
        if ids.len() > by_key.len() {
            break;
        }
    }
    ids.reverse();
    ids
}

/// The message as the writer wants it. `depth` ends forwards of forwards.
fn build(mail: &Mail, by_key: &HashMap<&str, &'static Mail>, depth: usize) -> NewMessage {
    let time = at(mail.at);
    let draft = mail.place == Place::Drafts;
    let from_me = mail.from == Who::Marta;
    let line = |line| move |who: &Who| Recipient { line, person: who.person() };
    let references = thread(mail, by_key);
    let id = message_id(mail.key);
    let mut headers = format!("Date: {}\r\nMessage-ID: {id}\r\n", mail_date(mail.at));
    if !references.is_empty() {
        headers += &format!("References: {}\r\n", references.join("\r\n "));
    }
    headers += "MIME-Version: 1.0\r\n";
    let text = mail.text.replace('\n', "\r\n");
    let mut message = NewMessage {
        subject: mail.subject.to_owned(),
        sender: Some(mail.from.person()),
        recipients: (mail.to.iter().map(line(RecipientLine::To)))
            .chain(mail.cc.iter().map(line(RecipientLine::Cc)))
            .collect(),
        sent: (!draft).then_some(time),
        // Mail took eleven seconds in 2025.
        delivered: Some(FileTime(time.0 + if from_me { 0 } else { 110_000_000 })),
        text: Some(text),
        read: !mail.unread,
        draft,
        from_me,
        headers: (!from_me).then_some(headers),
        message_id: (!draft).then_some(id),
        in_reply_to: references.last().cloned(),
        ..NewMessage::default()
    };
    if references.len() > 1 {
        // PidTagInternetReferences
        message = message.with(PropertyKey::Id(0x1039), Value::Text(references.join(" ")));
    }
    if mail.important {
        // PidTagImportance: high
        message = message.with(PropertyKey::Id(0x0017), Value::Int32(2));
    }
    add_extra(&mut message, mail, by_key, depth);
    message
}

fn add_extra(message: &mut NewMessage, mail: &Mail, by_key: &HashMap<&str, &'static Mail>, depth: usize) {
    let attachments = &mut message.attachments;
    match mail.extra {
        Extra::None => {}
        Extra::Html(html) => message.html = Some(html.as_bytes().to_vec()),
        Extra::HtmlWithPoster(html) => {
            message.html = Some(html.as_bytes().to_vec());
            attachments.push(NewAttachment {
                content_id: Some(POSTER_ID.to_owned()),
                ..attachment("poster.png", "image/png", poster())
            });
        }
        Extra::RichText => {
            message.rtf = Some(rtf(mail.text, RtfForm::Compressed));
            message.text = None;
        }
        Extra::TextFile(name, content) => {
            attachments.push(attachment(name, "text/plain", content.replace('\n', "\r\n").into_bytes()));
        }
        Extra::Budget => {
            attachments.push(attachment("midsummer budget.csv", "text/csv", BUDGET.as_bytes().to_vec()))
        }
        Extra::Pdf(name, text) => attachments.push(attachment(name, "application/pdf", pdf(text))),
        Extra::HallPlan => {
            attachments.push(attachment("hall plan.png", "image/png", hall_plan()));
            let programme = pdf("Midsummer in the Old Harbour Hall: nine songs and a long break");
            attachments.push(attachment("programme 2024.pdf", "application/pdf", programme));
        }
        Extra::Forward(key) => {
            if let Some(original) = by_key.get(key).filter(|_| depth == 0) {
                attachments.push(NewAttachment {
                    name: original.subject.to_owned(),
                    content: Content::Message(Box::new(build(original, by_key, depth + 1))),
                    ..NewAttachment::default()
                });
            }
        }
    }
}

/// The folders of the sample.
struct Folders {
    inbox: FolderId,
    concert: FolderId,
    partners: FolderId,
    money: FolderId,
    newsletters: FolderId,
    sent: FolderId,
    drafts: FolderId,
    deleted: FolderId,
}

impl Folders {
    fn of(&self, place: Place) -> FolderId {
        match place {
            Place::Inbox => self.inbox,
            Place::Concert => self.concert,
            Place::Partners => self.partners,
            Place::Money => self.money,
            Place::Newsletters => self.newsletters,
            Place::Sent => self.sent,
            Place::Drafts => self.drafts,
            Place::Deleted => self.deleted,
        }
    }
}

/// Writes the sample mailbox to `path` as a Unicode file and returns how many items it holds. The same bytes each
/// time.
///
/// # Errors
/// [`super::WriteError`] when the file cannot be written.
pub fn write_sample(path: impl AsRef<Path>) -> Result<usize> {
    let options = Options {
        display_name: "Marta's mailbox (sample)".to_owned(),
        record_key: *b"lighthouse-choir",
        created: at((1, 1, 0, 0)),
        ..Options::default()
    };
    let mut writer = PstWriter::create(path, options)?;
    let top = writer.top();
    let inbox = writer.add_folder(top, "Inbox")?;
    let concert = writer.add_folder(inbox, "Midsummer concert")?;
    let folders = Folders {
        inbox,
        concert,
        partners: writer.add_folder(concert, "Partner choirs")?,
        money: writer.add_folder(inbox, "Money")?,
        newsletters: writer.add_folder(inbox, "Newsletters")?,
        sent: writer.add_folder(top, "Sent Items")?,
        drafts: writer.add_folder(top, "Drafts")?,
        deleted: writer.deleted_items(),
    };
    let by_key: HashMap<_, _> = all_mail().map(|mail| (mail.key, mail)).collect();
    let mut count = 0;
    for mail in all_mail() {
        writer.add_message(folders.of(mail.place), &build(mail, &by_key, 0))?;
        count += 1;
    }
    writer.add_message(inbox, &items::read_receipt())?;
    count += 1;
    let contacts = items::contacts().chain([items::distribution_list()]);
    let groups: [(&str, &str, Vec<NewMessage>); 4] = [
        ("Calendar", "IPF.Appointment", items::calendar().collect()),
        ("Contacts", "IPF.Contact", contacts.collect()),
        ("Tasks", "IPF.Task", items::tasks().collect()),
        ("Notes", "IPF.StickyNote", items::notes().collect()),
    ];
    for (name, class, messages) in groups {
        let folder = writer.add_folder_of_class(top, name, class)?;
        for message in &messages {
            writer.add_message(folder, message)?;
            count += 1;
        }
    }
    writer.finish()?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_has_its_question() {
        let by_key: HashMap<_, _> = all_mail().map(|mail| (mail.key, mail)).collect();
        assert_eq!(by_key.len(), all_mail().count(), "keys are unique");
        for mail in all_mail() {
            assert!(mail.answers.is_empty() || by_key.contains_key(mail.answers), "{}", mail.key);
            if let Some(earlier) = by_key.get(mail.answers) {
                assert!(earlier.at < mail.at, "{} is older than what it answers", mail.key);
            }
            if let Extra::Forward(key) = mail.extra {
                assert!(by_key.contains_key(key), "{key}");
            }
        }
    }

    #[test]
    fn dates() {
        let check = |time, want: &str| assert_eq!(mail_date(time), want);
        check((1, 1, 0, 0), "Wed, 01 Jan 2025 00:00:00 +0000");
        check((6, 21, 19, 30), "Sat, 21 Jun 2025 19:30:00 +0000");
    }
}
