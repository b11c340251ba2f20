//! What the reader pane gets.

use super::Bench;
use mailscope_engine::{Error, ItemId};
use mailscope_pst::write::small::{Variant, known_items};
use mailscope_pst::write::{Content, NewAttachment, NewMessage, Options, PstWriter};

fn text_of(message: &NewMessage) -> Option<&str> {
    message.text.as_deref()
}

fn check(variant: Variant) {
    let bench = Bench::new();
    bench.import_well(&bench.small("small.pst", variant));
    let hits = bench.find("").hits;
    for known in known_items(variant.format).into_iter().filter(|item| !item.hidden) {
        let hit = hits.iter().find(|hit| hit.row.subject == known.message.subject).unwrap();
        let shown = bench.library().show(hit.row.id, &[], None).unwrap();
        let item = bench.library().live_item(&shown).unwrap();
        assert_eq!(item.subject, known.message.subject);
        if let Some(text) = text_of(&known.message) {
            let plain = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
            assert!(plain(&item.text).starts_with(&plain(text)), "{variant:?} {}", item.subject);
        }
        let direct: Vec<_> = item.attachments.iter().filter(|a| a.path.len() == 1).collect();
        assert_eq!(direct.len(), known.message.attachments.len(), "{variant:?} {}", item.subject);
        for (facts, written) in direct.iter().zip(&known.message.attachments) {
            match &written.content {
                Content::Bytes(bytes) => {
                    let to = bench.path("saved.bin");
                    let size = bench.library().save_attachment(hit.row.id, &facts.path, &to).unwrap();
                    assert_eq!(size, bytes.len() as u64);
                    assert!(std::fs::read(&to).unwrap() == *bytes, "{variant:?} {}", facts.name);
                }
                Content::Message(message) => {
                    let inner = bench.library().show(hit.row.id, &facts.path, None).unwrap();
                    assert_eq!(bench.library().live_item(&inner).unwrap().subject, message.subject);
                    let to = bench.path("saved.eml");
                    bench.library().save_attachment(hit.row.id, &facts.path, &to).unwrap();
                    let saved = std::fs::read_to_string(&to).unwrap();
                    assert!(saved.contains("\nSubject: ") || saved.starts_with("Subject: "), "{saved}");
                    // What is embedded is found through the item that carries it.
                    let word = message.subject.split_whitespace().last().unwrap();
                    assert!(bench.find(word).hits.iter().any(|found| found.row.id == hit.row.id), "{word}");
                }
                _ => {}
            }
        }
    }
}

#[test]
fn every_format_and_encryption() {
    Variant::all().for_each(check);
}

#[test]
fn of_embedded_messages_it_is_told_which_have_words_of_the_query() {
    let bench = Bench::new();
    let letter = |subject: &str, text: &str| NewMessage {
        subject: subject.into(),
        text: Some(text.into()),
        ..NewMessage::default()
    };
    let embed = |name: &str, message: NewMessage| NewAttachment {
        name: name.into(),
        content: Content::Message(Box::new(message)),
        ..NewAttachment::default()
    };
    let inner = letter("Tide tables", "The harbour closes at dusk.");
    let around = NewMessage { attachments: vec![embed("inner", inner)], ..letter("Carrier", "See below.") };
    let mut all = letter("Forwarded", "Three letters of the harbour office.");
    all.attachments = vec![
        embed("first", letter("Lighthouse", "The lamp needs oil.")),
        embed("around", around),
        embed("last", letter("Oil prices", "Nothing new.")),
    ];
    let path = bench.path("forwarded.pst");
    let mut writer = PstWriter::create(&path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
    writer.add_message(inbox, &all).unwrap();
    writer.finish().unwrap();
    bench.import_well(&path);
    let id = bench.find("subject:forwarded").hits[0].row.id;
    let check = |query: &str, expected: &[&str]| {
        let shown = bench.library().show(id, &[], Some(query)).unwrap();
        let matched = shown.row.attachments.iter().filter(|facts| shown.matched.contains(&facts.path));
        assert_eq!(matched.map(|facts| facts.name.as_str()).collect::<Vec<_>>(), expected, "{query}");
    };
    check("lamp", &["first"]);
    check("oil", &["first", "last"]);
    check("dusk", &["inner"]);
    check("\"harbour closes\"", &["inner"]);
    check("tide OR carrier", &["around", "inner"]);
    // The letter itself says it, too; what does not, and other fields, are not told of.
    check("harbour", &["inner"]);
    check("letters", &[]);
    check("subject:oil", &[]);
    // Nobody can tell them apart.
    std::fs::rename(&path, bench.path("away.pst")).unwrap();
    check("lamp", &[]);
}

#[test]
fn a_file_that_is_away_leaves_its_text() {
    let bench = Bench::new();
    let path = bench.numbered("mail.pst", 3);
    bench.import_well(&path);
    let id = bench.find("number1").hits[0].row.id;
    std::fs::rename(&path, bench.path("away.pst")).unwrap();
    let shown = bench.library().show(id, &[], None).unwrap();
    assert!(shown.away.is_some() && shown.detail.is_none());
    assert_eq!(shown.row.hit.text, "Body of number1, one of several words.");
    let saved = bench.library().save_attachment(id, &[1], &bench.path("out.bin"));
    assert!(matches!(saved, Err(Error::SourceAway { .. })));
    assert!(!bench.path("out.bin").exists() && !bench.path("out.bin.part").exists());
}

#[test]
fn a_file_that_changed_since_is_not_mistaken() {
    let bench = Bench::new();
    let path = bench.numbered("mail.pst", 3);
    bench.import_well(&path);
    let id = bench.find("number1").hits[0].row.id;
    bench.small("mail.pst", Variant::default());
    let shown = bench.library().show(id, &[], None).unwrap();
    assert_eq!(shown.row.hit.text, "Body of number1, one of several words.");
    assert!(bench.library().live_item(&shown).is_none(), "another message under the same number was shown");
}

#[test]
fn nothing_is_written_over_a_source() {
    let bench = Bench::new();
    let path = bench.small("small.pst", Variant::default());
    bench.import_well(&path);
    let before = std::fs::read(&path).unwrap();
    let hit = bench.find("has:attachment").hits.remove(0);
    let shown = bench.library().show(hit.row.id, &[], None).unwrap();
    let facts = &bench.library().live_item(&shown).unwrap().attachments[0];
    let saved = bench.library().save_attachment(hit.row.id, &facts.path, &path);
    assert!(matches!(saved, Err(Error::WouldOverwriteSource { .. })));
    assert!(std::fs::read(&path).unwrap() == before);
}

#[test]
fn what_is_not_there_is_said() {
    let bench = Bench::new();
    assert!(matches!(
        bench.library().show(ItemId(77), &[], None),
        Err(Error::NoSuch { what: "item", id: 77 })
    ));
}
