//! Letters and bulletins.

use std::fmt::Write as _;

use mailscope_pst::write::{
    Content, FileTime, NewAttachment, NewMessage, Person, PropertyKey, PropertyName, PropertySet, Recipient,
    RecipientLine, Value,
};

use crate::clock::{header_date, minutes_from};
use crate::files;
use crate::folders::Home;
use crate::language::ENGLISH;
use crate::letter::Letter;
use crate::mailbox::{Mailbox, Thread};
use crate::people::OWNER;
use crate::random::{Purpose, Random};
use crate::recipe::Profile;
use crate::words::Words;

/// PidTagImportance, PidTagConversationIndex, PidTagInternetReferences
const IMPORTANCE: PropertyKey = PropertyKey::Id(0x0017);
const CONVERSATION_INDEX: PropertyKey = PropertyKey::Id(0x0071);
const REFERENCES: PropertyKey = PropertyKey::Id(0x1039);
/// PidTagFlagStatus: 2 means flagged
const FLAG_STATUS: PropertyKey = PropertyKey::Id(0x1090);

/// Message-ID of an item: it follows from the number, so that answers can name it.
fn message_id(mailbox: &Mailbox, index: u64) -> String {
    let mut random = Random::new(mailbox.recipe.seed ^ 0x1D, Purpose::Threads, index);
    let domain = mailbox.people.domain(random.below(1 << 20) as usize % 7);
    format!("<{:016x}.{index}@{domain}>", random.next())
}

fn sender(mailbox: &Mailbox, index: u64, thread: &Thread) -> usize {
    if thread.before.is_empty() {
        return thread.circle[0];
    }
    let mut random = Random::new(mailbox.recipe.seed ^ 0x5E, Purpose::Threads, index);
    thread.circle[random.below(thread.circle.len() as u64) as usize]
}

/// The text of a letter by itself: what answers quote the beginning of.
fn text(words: &Words, random: &mut Random) -> Vec<String> {
    // A mean of 208 words. The sentence that goes on beyond the bound, the first one, greeting, closing and what is quoted make it 250.
    let count = match random.below(10) {
        0..3 => random.between(20, 120),
        3..8 => random.between(120, 300),
        _ => random.between(300, 520),
    };
    let mut paragraphs = Vec::new();
    words.paragraphs(random, count, |paragraph| paragraphs.push(paragraph.to_owned()));
    paragraphs
}

fn first_sentence(mailbox: &Mailbox, words: &Words, index: u64) -> String {
    let mut random = mailbox.random(Purpose::Body, index);
    let mut out = String::new();
    words.sentence(&mut random, &mut out);
    out
}

/// Which bodies a letter has.
#[derive(Clone, Copy)]
enum Form {
    Plain,
    Html,
    HtmlAndPlain,
    Rtf,
}

fn form(profile: Profile, random: &mut Random) -> Form {
    let weights = match profile {
        Profile::Text => [1, 0, 0, 0],
        Profile::Mail => [72, 6, 18, 4],
        Profile::Office | Profile::Attachments => [25, 25, 40, 10],
    };
    [Form::Plain, Form::Html, Form::HtmlAndPlain, Form::Rtf][random.weighted(&weights)]
}

fn set_bodies(message: &mut NewMessage, letter: &Letter, form: Form, right_to_left: bool) {
    match form {
        Form::Plain => message.text = Some(letter.plain()),
        Form::Html => message.html = Some(letter.html(right_to_left)),
        Form::HtmlAndPlain => {
            message.text = Some(letter.plain());
            message.html = Some(letter.html(right_to_left));
        }
        Form::Rtf => message.rtf = Some(letter.rtf()),
    }
}

/// A letter, its home and the bytes of its files.
pub fn letter(mailbox: &Mailbox, index: u64, facts: &mut Random) -> (Home, NewMessage, u64) {
    let thread = mailbox.thread(index);
    let words = &mailbox.words[thread.language];
    let (mut message, who) = envelope(mailbox, index, &thread, facts);
    let mut random = mailbox.random(Purpose::Body, index);
    // The first sentence is drawn first, for those who quote it.
    let mut paragraphs = vec![first_sentence(mailbox, words, index)];
    random.next();
    paragraphs.append(&mut text(words, &mut random));
    let person = &mailbox.people.get(who).person;
    let language = words.language;
    let quote = thread.before.last().map(|&before| {
        let said = first_sentence(mailbox, words, before);
        (format!("{}, {}", person_of(mailbox, before).name, header_date(mailbox.time(before))), said)
    });
    let mut letter = Letter {
        greeting: random.pick(language.greetings).to_owned(),
        paragraphs,
        table: Vec::new(),
        quote,
        closing: vec![
            random.pick(language.closings).to_owned(),
            person.name.clone(),
            format!(
                "{} | +99 {} {}",
                person.address,
                random.between(100, 999),
                random.between(10_000, 99_999)
            ),
        ],
    };
    let form = form(mailbox.recipe.profile, &mut random);
    if mailbox.recipe.profile == Profile::Office && random.chance(80) {
        let rows = random.between(2, 12);
        letter.table = files::table(words, &mut random, rows);
    }
    // Arabic and Hebrew are the last two.
    let right_to_left = thread.language + 2 >= mailbox.words.len();
    set_bodies(&mut message, &letter, form, right_to_left);

    let (mut attachments, mut bytes) = mailbox.files(index, words);
    if mailbox.recipe.profile == Profile::Office && matches!(form, Form::HtmlAndPlain) && random.chance(150) {
        let id = format!("image001.{index:x}");
        let (image, size) = files::inline(&mut random, &id);
        if let Some(html) = &mut message.html {
            html.extend_from_slice(format!("<img src=\"cid:{id}\">").as_bytes());
        }
        attachments.insert(0, image);
        bytes += size;
    }
    let forwards = match mailbox.recipe.profile {
        Profile::Text => 0,
        Profile::Office => 20,
        _ => 4,
    };
    if random.chance(forwards) {
        let (inner, size) = forwarded(mailbox, index, &mut random);
        bytes += size;
        attachments.push(inner);
    }
    message.attachments = attachments;
    let home = match () {
        () if who == OWNER && facts.chance(15) => {
            (message.draft, message.sent, message.delivered) = (true, None, None);
            Home::Drafts
        }
        () if who == OWNER => Home::Sent,
        () if thread.before.is_empty() && facts.chance(12) => Home::Junk,
        () => Home::Received(thread.root),
    };
    (home, message, bytes)
}

fn person_of(mailbox: &Mailbox, index: u64) -> &Person {
    let thread = mailbox.thread(index);
    &mailbox.people.get(sender(mailbox, index, &thread)).person
}

/// An earlier letter as an attachment, with its own files now and then.
fn forwarded(mailbox: &Mailbox, index: u64, random: &mut Random) -> (NewAttachment, u64) {
    let inner = index.saturating_sub(random.power(1, 300));
    let thread = mailbox.thread(inner);
    let words = &mailbox.words[thread.language];
    let (mut message, who) = envelope(mailbox, inner, &thread, &mut mailbox.random(Purpose::Facts, inner));
    let letter = Letter {
        greeting: random.pick(words.language.greetings).to_owned(),
        paragraphs: text(words, &mut mailbox.random(Purpose::Body, inner)),
        closing: vec![mailbox.people.get(who).person.name.clone()],
        ..Letter::default()
    };
    set_bodies(&mut message, &letter, Form::HtmlAndPlain, false);
    let mut bytes = 0;
    if random.chance(250) {
        let (file, size) = files::small(words, random);
        message.attachments.push(file);
        bytes = size;
    }
    let name = message.subject.clone();
    let content = Content::Message(Box::new(message));
    (NewAttachment { name, mime: "message/rfc822".to_owned(), content, ..NewAttachment::default() }, bytes)
}

/// A letter without its text: who, when, to whom, in answer to what.
fn envelope(mailbox: &Mailbox, index: u64, thread: &Thread, facts: &mut Random) -> (NewMessage, usize) {
    let words = &mailbox.words[thread.language];
    let who = sender(mailbox, index, thread);
    let person = mailbox.people.get(who).person.clone();
    let mut titles = Random::new(mailbox.recipe.seed ^ 0x717, Purpose::Body, thread.root);
    let count = titles.between(2, 7);
    let topic = words.title(&mut titles, count);
    let answer = !thread.before.is_empty();
    let [re, fwd] = words.language.prefixes;
    let prefix = match answer {
        true if facts.chance(80) => fwd,
        true => re,
        false => "",
    };
    let recipients: Vec<Recipient> = thread
        .circle
        .iter()
        .filter(|&&member| member != who)
        .enumerate()
        .map(|(number, &member)| Recipient {
            line: match number {
                0 => RecipientLine::To,
                _ if facts.chance(30) => RecipientLine::Bcc,
                _ if facts.chance(550) => RecipientLine::Cc,
                _ => RecipientLine::To,
            },
            person: mailbox.people.get(member).person.clone(),
        })
        .collect();
    let sent = mailbox.time(index);
    let delivered = FileTime(sent.0 + facts.power(5_000_000, 600_000_000));
    let mut message = NewMessage {
        subject: format!("{prefix}{topic}"),
        sender: Some(person),
        recipients,
        sent: Some(sent),
        delivered: Some(delivered),
        read: who == OWNER || !facts.chance(80),
        from_me: who == OWNER,
        message_id: Some(message_id(mailbox, index)),
        in_reply_to: thread.before.last().map(|&before| message_id(mailbox, before)),
        ..NewMessage::default()
    };
    if answer {
        // The first and the nearest; mail programs cut the middle of long chains.
        let mut named: Vec<u64> = thread.before.iter().rev().take(9).rev().copied().collect();
        if named.first() != Some(&thread.root) {
            named.insert(0, thread.root);
        }
        let references: Vec<String> = named.iter().map(|&before| message_id(mailbox, before)).collect();
        message.properties.push((REFERENCES, Value::Text(references.join(" "))));
    }
    message.properties.push((CONVERSATION_INDEX, Value::Binary(conversation_index(mailbox, index, thread))));
    match facts.below(100) {
        0..3 => message.properties.push((IMPORTANCE, Value::Int32(2))),
        3 => message.properties.push((IMPORTANCE, Value::Int32(0))),
        4..6 => message.properties.push((FLAG_STATUS, Value::Int32(2))),
        6..9 => {
            let key = PropertyName::Text("Keywords".to_owned());
            let category = ["Blue", "Green", "Later", "Important"][facts.below(4) as usize];
            let value = Value::Texts(vec![category.to_owned()]);
            message.properties.push((PropertyKey::Named(PropertySet::PUBLIC_STRINGS, key), value));
        }
        _ => {}
    }
    if who != OWNER {
        message.headers = Some(headers(&message, sent));
    }
    (message, who)
}

/// PidTagConversationIndex ([MS-OXOMSG] 2.2.1.3): the first time, the conversation's id, five bytes for each answer.
fn conversation_index(mailbox: &Mailbox, index: u64, thread: &Thread) -> Vec<u8> {
    let start = mailbox.time(thread.root);
    let mut out = vec![1];
    out.extend_from_slice(&start.0.to_be_bytes()[1..6]);
    let mut random = Random::new(mailbox.recipe.seed ^ 0xC1D, Purpose::Threads, thread.root);
    out.extend_from_slice(&random.next().to_be_bytes());
    out.extend_from_slice(&random.next().to_be_bytes());
    for &answer in thread.before.iter().skip(1).chain((!thread.before.is_empty()).then_some(&index)) {
        let later = mailbox.time(answer).0.saturating_sub(start.0);
        // Units of 2^18 for short times, 2^23 for long ones; the highest bit says which.
        let code = if later >> 49 == 0 { (later >> 18) as u32 } else { (later >> 23) as u32 | 1 << 31 };
        out.extend_from_slice(&code.to_be_bytes());
        out.push(answer as u8);
    }
    out
}

/// Text of a header: as it is, or encoded ([RFC 2047]).
///
/// [RFC 2047]: https://www.rfc-editor.org/rfc/rfc2047
fn encoded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut parts = Vec::new();
    let mut part = String::new();
    for letter in text.chars() {
        if part.len() + letter.len_utf8() > 42 {
            parts.push(std::mem::take(&mut part));
        }
        part.push(letter);
    }
    parts.push(part);
    let words: Vec<String> =
        parts.iter().map(|part| format!("=?utf-8?B?{}?=", files::base64(part.as_bytes()))).collect();
    words.join("\r\n ")
}

/// The header as it came over the Internet.
fn headers(message: &NewMessage, sent: FileTime) -> String {
    let mut out = String::with_capacity(1024);
    let address = |person: &Person| format!("{} <{}>", encoded(&person.name), person.address);
    let hop = minutes_from(sent, 1);
    let _ = write!(
        out,
        "Received: from relay.post.example (192.0.2.25) by mx.post.example\r\n with ESMTPS; {}\r\n",
        header_date(hop)
    );
    if let Some(sender) = &message.sender {
        let _ = write!(out, "From: {}\r\n", address(sender));
    }
    for (name, line) in [("To", RecipientLine::To), ("Cc", RecipientLine::Cc)] {
        let people = message.recipients.iter().filter(|to| to.line == line);
        let people: Vec<String> = people.map(|to| address(&to.person)).collect();
        if !people.is_empty() {
            let _ = write!(out, "{name}: {}\r\n", people.join(",\r\n "));
        }
    }
    let _ = write!(out, "Subject: {}\r\nDate: {}\r\n", encoded(&message.subject), header_date(sent));
    for (name, id) in [("Message-ID", &message.message_id), ("In-Reply-To", &message.in_reply_to)] {
        if let Some(id) = id {
            let _ = write!(out, "{name}: {id}\r\n");
        }
    }
    out.push_str("MIME-Version: 1.0\r\n");
    out
}

/// A newsletter, or what a machine reports.
pub fn bulletin(mailbox: &Mailbox, index: u64) -> (Home, NewMessage, u64) {
    let mut random = mailbox.random(Purpose::Body, index);
    let words = &mailbox.words[if random.chance(800) { ENGLISH } else { random.below(4) as usize }];
    // A few machines send most of it.
    let list = random.power(1, 60);
    let domain = mailbox.people.domain(list as usize % 20);
    let sent = mailbox.time(index);
    let mut message = NewMessage {
        subject: format!("[list-{list}] {}", words.title(&mut random, 5)),
        sender: Some(Person::new(format!("List {list}"), format!("list-{list}@{domain}"))),
        recipients: vec![Recipient {
            line: RecipientLine::To,
            person: mailbox.people.get(OWNER).person.clone(),
        }],
        sent: Some(sent),
        delivered: Some(minutes_from(sent, 1)),
        read: random.chance(400),
        message_id: Some(message_id(mailbox, index)),
        ..NewMessage::default()
    };
    let rows = random.between(3, 25);
    let letter = Letter {
        paragraphs: text(words, &mut random),
        table: files::table(words, &mut random, rows),
        closing: vec![format!("You receive this because you are on list-{list}.")],
        ..Letter::default()
    };
    let form = if mailbox.recipe.profile == Profile::Text { Form::Plain } else { Form::Html };
    set_bodies(&mut message, &letter, form, false);
    message.headers = Some(headers(&message, sent) + "List-Id: <list.example>\r\nPrecedence: bulk\r\n");
    (Home::Lists, message, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Recipe;

    #[test]
    fn letters_have_250_words() {
        let (mut words, mut letters) = (0, 0);
        for seed in [1, 4, 7] {
            let recipe = Recipe { items: 6_000, seed, profile: Profile::Text, changed: None };
            let mailbox = Mailbox::new(recipe);
            for text in (0..recipe.items).filter_map(|index| mailbox.item(index).message.text) {
                // Where there are no spaces, a line is one.
                if text.split_whitespace().all(|word| word.len() < 60) {
                    words += text.split_whitespace().count();
                    letters += 1;
                }
            }
        }
        let mean = words as f64 / f64::from(letters);
        assert!((246.0..254.0).contains(&mean), "{mean} words in each of {letters}");
    }
}
