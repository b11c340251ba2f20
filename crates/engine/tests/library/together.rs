//! What belongs together: items that say the same, conversations, items that are like another.

use super::Bench;
use mailscope_engine::ItemId;
use mailscope_engine::export::{ExportRequest, ExportState, Format, Which};
use mailscope_engine::insights;
use mailscope_engine::search::{Duplicates, Fold, Page, Question, Request, Sort};
use mailscope_engine::source::pst::write_sample;
use mailscope_pst::write::{
    FileTime, NewMessage, Options, Person, PropertyKey, PstWriter, Recipient, RecipientLine, Value,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn folded(bench: &Bench, query: &str, fold: Fold) -> Page {
    let request = Request { query: query.into(), limit: 500, fold, ..Request::default() };
    bench.library().search(&request).unwrap()
}

fn duplicates(bench: &Bench, query: &str) -> Duplicates {
    let question = Question { query: query.into(), ..Question::default() };
    bench.library().insights(&insights::Request { question, top: 3 }).unwrap().duplicates
}

/// Two mailboxes with the same five messages, the second with two of them twice.
fn copies() -> (Bench, PathBuf) {
    let bench = Bench::new();
    bench.import_well(&bench.numbered("mail.pst", 5));
    let path = bench.path("other.pst");
    let mut writer = PstWriter::create(&path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
    for n in [0, 1, 2, 3, 4, 0, 1] {
        let text = Some(format!("Body of number{n}, one of several words."));
        writer
            .add_message(
                inbox,
                &NewMessage { subject: format!("Message {n}"), text, ..NewMessage::default() },
            )
            .unwrap();
    }
    writer.finish().unwrap();
    bench.import_well(&path);
    (bench, path)
}

#[test]
fn copies_are_counted_and_folded() {
    let (bench, other) = copies();
    assert_eq!(bench.find("").total, 12);
    assert_eq!(bench.find("is:duplicate").total, 7);
    assert_eq!(bench.find("is:duplicate source:mail").total, 0, "the first of each is none");
    assert_eq!(duplicates(&bench, ""), Duplicates { groups: 5, copies: 7, within: 2, across: 5 });
    assert_eq!(duplicates(&bench, "source:other"), Duplicates { groups: 2, copies: 2, within: 2, across: 0 });
    assert_eq!(duplicates(&bench, "source:mail"), Duplicates::default());

    let page = folded(&bench, "", Fold::Duplicates);
    assert_eq!(page.total, 5);
    assert!(page.hits.iter().all(|hit| hit.row.source == "mail.pst"), "the first stands for all");
    let mut counts: Vec<u64> = page.hits.iter().map(|hit| hit.stands_for).collect();
    counts.sort_unstable();
    assert_eq!(counts, [2, 2, 2, 3, 3]);
    // Of those that match.
    let page = folded(&bench, "source:other", Fold::Duplicates);
    assert_eq!((page.total, page.hits.iter().map(|hit| hit.stands_for).sum::<u64>()), (5, 7));
    let page = folded(&bench, "number3", Fold::Duplicates);
    assert_eq!((page.total, page.hits[0].stands_for), (1, 2));
    let (total, copies) = bench.library().copies(page.hits[0].row.id).unwrap();
    let places: Vec<&str> = copies.iter().map(|hit| hit.row.source.as_str()).collect();
    assert_eq!((total, &places[..]), (2, &["mail.pst", "other.pst"][..]));

    let source =
        bench.library().sources().unwrap().iter().find(|source| source.name == "other.pst").unwrap().id;
    let report = bench.library().report(source, &|_, _| {}).unwrap();
    assert_eq!((report.copies.within, report.copies.across), (2, 7));
    bench.library().remove(source).unwrap();
    assert_eq!(bench.find("is:duplicate").total, 0);
    assert_eq!(folded(&bench, "", Fold::Duplicates).total, 5);
    bench.import_well(&other);
    assert_eq!(bench.find("is:duplicate").total, 7);
    assert_eq!(bench.library().verify(false).unwrap().problems, []);
}

#[test]
fn pages_of_what_is_folded_neither_overlap_nor_leave_gaps() {
    let (bench, _) = copies();
    let sample = bench.path("sample.pst");
    write_sample(&sample).unwrap();
    bench.import_well(&sample);
    for fold in [Fold::Duplicates, Fold::Conversations] {
        for sort in [Sort::Newest, Sort::Oldest, Sort::Size, Sort::Relevance, Sort::Sender] {
            for query in ["", "the OR body"] {
                let whole = Request { query: query.into(), sort, limit: 500, fold, ..Request::default() };
                let whole_page = bench.library().search(&whole).unwrap();
                let ids = |page: &Page| page.hits.iter().map(|hit| hit.row.id).collect::<Vec<ItemId>>();
                let expected = ids(&whole_page);
                assert_eq!(expected.len() as u64, whole_page.total);
                let all = bench.find(query).total;
                assert!(whole_page.total < all);
                let stand_for: u64 = whole_page.hits.iter().map(|hit| hit.stands_for).sum();
                assert_eq!(stand_for, all, "each item is stood for once");
                let (mut found, mut after) = (Vec::new(), None);
                loop {
                    let page = bench.library().search(&Request { limit: 3, after, ..whole.clone() }).unwrap();
                    assert_eq!(page.total, whole_page.total);
                    found.extend(ids(&page));
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
                assert_eq!(found, expected, "{fold:?} {sort:?} {query}");
                let by_offset =
                    bench.library().search(&Request { limit: 3, offset: 2, ..whole.clone() }).unwrap();
                assert_eq!(ids(&by_offset), expected[2..5]);
            }
        }
    }
    let facets = Request { limit: 1, fold: Fold::Duplicates, facets: true, ..Request::default() };
    let page = bench.library().search(&facets).unwrap();
    let counted: u64 = page.facets.unwrap().kinds.iter().map(|(_, count)| count).sum();
    assert_eq!(counted, page.total, "what stands beside the list is of what is shown");
}

struct Letter {
    id: &'static str,
    answers: Option<&'static str>,
    subject: &'static str,
    from: &'static str,
    to: &'static str,
    day: u64,
}

fn write(path: &Path, letters: &[Letter]) {
    let mut writer = PstWriter::create(path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
    let person = |name: &str| Person::new(name.to_owned(), format!("{name}@example.org"));
    for letter in letters {
        let message = NewMessage {
            subject: letter.subject.into(),
            text: Some(format!("What {} has to say.", letter.id)),
            sender: Some(person(letter.from)),
            recipients: vec![Recipient { line: RecipientLine::To, person: person(letter.to) }],
            sent: Some(FileTime(126_227_808_000_000_000 + letter.day * 864_000_000_000)),
            message_id: (!letter.id.is_empty()).then(|| format!("<{}@example.org>", letter.id)),
            in_reply_to: letter.answers.map(|id| format!("<{id}@example.org>")),
            ..NewMessage::default()
        };
        writer.add_message(inbox, &message).unwrap();
    }
    writer.finish().unwrap();
}

const fn letter(
    id: &'static str,
    answers: Option<&'static str>,
    subject: &'static str,
    (from, to): (&'static str, &'static str),
    day: u64,
) -> Letter {
    Letter { id, answers, subject, from, to, day }
}

const HERS: [Letter; 4] = [
    letter("first", None, "Picnic", ("ann", "ben"), 1),
    letter("third", Some("second"), "Picnic, or rain", ("ann", "ben"), 3),
    letter("alone", None, "Picnic", ("cid", "dora"), 2),
    letter("", None, "Re: Picnic", ("dora", "cid"), 5),
];
const HIS: [Letter; 2] = [
    letter("second", Some("first"), "Re: Picnic", ("ben", "ann"), 2),
    letter("other", None, "Fwd: Picnic", ("eve", "fay"), 6),
];

/// The conversations of all items, by what their texts say.
fn conversations(bench: &Bench) -> BTreeSet<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    for hit in bench.find("").hits {
        let found = bench.find(&format!("conversation:{}", hit.row.id.0));
        all.insert(
            found.hits.into_iter().map(|hit| format!("{} {}", hit.row.subject, hit.snippet)).collect(),
        );
    }
    all
}

fn sizes(all: &BTreeSet<BTreeSet<String>>) -> Vec<usize> {
    let mut sizes: Vec<usize> = all.iter().map(BTreeSet::len).collect();
    sizes.sort_unstable();
    sizes
}

#[test]
fn conversations_are_the_same_in_any_order() {
    let imported = |order: [&str; 2]| {
        let bench = Bench::new();
        write(&bench.path("hers.pst"), &HERS);
        write(&bench.path("his.pst"), &HIS);
        order.iter().for_each(|name| {
            bench.import_well(&bench.path(name));
        });
        bench
    };
    let (one, other) = (imported(["hers.pst", "his.pst"]), imported(["his.pst", "hers.pst"]));
    let all = conversations(&one);
    assert_eq!(all, conversations(&other));
    assert_eq!(sizes(&all), [1, 2, 3], "{all:?}");

    // Without what joins them they fall apart, and with it they come together again.
    let his = one.library().sources().unwrap().iter().find(|source| source.name == "his.pst").unwrap().id;
    one.library().remove(his).unwrap();
    assert_eq!(sizes(&conversations(&one)), [1, 1, 2]);
    one.import_well(&one.path("his.pst"));
    assert_eq!(conversations(&one), all);

    let page = folded(&one, "", Fold::Conversations);
    let mut counts: Vec<u64> = page.hits.iter().map(|hit| hit.stands_for).collect();
    counts.sort_unstable();
    assert_eq!((page.total, counts), (3, vec![1, 2, 3]));
    let newest: Vec<&str> = page.hits.iter().map(|hit| hit.row.subject.as_str()).collect();
    assert_eq!(newest, ["Fwd: Picnic", "Re: Picnic", "Picnic, or rain"], "the latest of each stands for it");
}

#[test]
fn a_conversation_is_a_tree() {
    let bench = Bench::new();
    write(&bench.path("hers.pst"), &HERS);
    write(&bench.path("his.pst"), &HIS);
    bench.import_well(&bench.path("hers.pst"));
    bench.import_well(&bench.path("his.pst"));
    let third = bench.find("rain").hits[0].row.id;
    let found = bench.library().conversation(third).unwrap();
    let shape: Vec<(u32, &str)> =
        found.messages.iter().map(|message| (message.depth, message.hit.row.subject.as_str())).collect();
    assert_eq!(shape, [(0, "Picnic"), (1, "Re: Picnic"), (2, "Picnic, or rain")]);
    assert_eq!(found.messages[2].parent, Some(found.messages[1].hit.row.id));
    assert_eq!(found.total, 3);
    assert!(bench.library().conversation(ItemId(9999)).is_err());
    let told = bench.find("rain").hits.remove(0).row.conversation;
    assert_eq!((told, bench.find("fwd").hits[0].row.conversation), (3, 1));

    let about = |query: &str| {
        let question = Question { query: query.into(), ..Question::default() };
        let found = bench.library().conversation_about(third, Some(&question)).unwrap();
        found.messages.iter().map(|m| (m.matches, m.hit.subject_marks.len())).collect::<Vec<_>>()
    };
    assert_eq!(about("picnic from:ann"), [(true, 1), (false, 0), (true, 1)]);
    assert_eq!(about("nothing"), [(false, 0); 3]);
    assert_eq!(bench.find("conversation:9999").total, 0);
}

/// Who took part in conversations, and what of them is not in the library.
#[test]
fn conversations_tell_who_when_and_what_is_missing() {
    let bench = Bench::new();
    write(&bench.path("hers.pst"), &HERS);
    bench.import_well(&bench.path("hers.pst"));
    let third = bench.find("rain").hits[0].row.id;
    let gaps = || -> Vec<Option<u32>> {
        let found = bench.library().conversation(third).unwrap();
        found.messages.iter().map(|message| message.gap).collect()
    };
    assert_eq!(gaps(), [Some(0)]);
    assert_eq!(folded(&bench, "rain", Fold::Conversations).hits[0].thread, None, "alone");
    write(&bench.path("his.pst"), &HIS);
    bench.import_well(&bench.path("his.pst"));
    assert_eq!(gaps(), [None; 3]);

    let page = folded(&bench, "rain", Fold::Conversations);
    let thread = page.hits[0].thread.clone().unwrap();
    assert_eq!((page.hits[0].stands_for, thread.messages), (1, 3));
    assert_eq!(thread.people, ["ann", "ben"], "who wrote first stands first");
    let day = 86_400_000;
    assert_eq!(thread.last.unwrap() - thread.first.unwrap(), 2 * day);
    assert!(bench.find("rain").hits[0].thread.is_none());
}

/// Messages that each name the other, and one that names itself.
#[test]
fn circles_of_references_are_no_trap() {
    let bench = Bench::new();
    let letters = [
        letter("egg-egg", Some("hen-hen"), "Egg", ("ann", "ben"), 1),
        letter("hen-hen", Some("egg-egg"), "Hen", ("ben", "ann"), 2),
        letter("self-self", Some("self-self"), "Self", ("ann", "ben"), 3),
    ];
    write(&bench.path("odd.pst"), &letters);
    bench.import_well(&bench.path("odd.pst"));
    let egg = bench.find("subject:egg").hits[0].row.id;
    let found = bench.library().conversation(egg).unwrap();
    assert_eq!(found.messages.len(), 2);
    assert_eq!(found.messages.iter().filter(|message| message.parent.is_none()).count(), 1);
    let own = bench.find("subject:self").hits[0].row.id;
    assert_eq!(bench.library().conversation(own).unwrap().messages.len(), 1);
}

#[test]
fn items_like_another() {
    let bench = Bench::new();
    let sample = bench.path("sample.pst");
    write_sample(&sample).unwrap();
    bench.import_well(&sample);
    let hit = bench.find("kind:mail thousand").hits.remove(0);
    let found = bench.library().related(hit.row.id, 10).unwrap();
    assert!(!found.hits.is_empty());
    assert!(found.hits.iter().all(|other| other.row.id != hit.row.id), "not itself");
    assert!(found.total >= found.hits.len() as u64);
    assert!(bench.library().related(ItemId(9999), 10).is_err());

    // A copy is not like it: it is the same.
    let (bench, _) = copies();
    let first = bench.find("number3 source:mail").hits.remove(0);
    let found = bench.library().related(first.row.id, 10).unwrap();
    assert!(found.hits.iter().all(|other| other.row.subject != "Message 3"));
    assert!(found.hits.iter().any(|other| other.stands_for > 1), "copies are folded");
}

#[test]
fn the_hash_of_a_message_is_asked_for() {
    let bench = Bench::new();
    write(&bench.path("hers.pst"), &HERS);
    bench.import_well(&bench.path("hers.pst"));
    let id = bench.find("rain").hits[0].row.id;
    let shown = bench.library().show(id, &[], None).unwrap();
    let hash: String = shown.facts.mih.unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(bench.find(&format!("mih:{hash}")).hits[0].row.id, id);
    assert_eq!(bench.find(&format!("mih:{}", hash.to_uppercase())).total, 1);
    assert_eq!(bench.find("mih:00000000000000000000000000000000").total, 0);
}

#[test]
fn links_that_are_damaged_are_found_and_made_again() {
    let (mut bench, _) = copies();
    for damage in [
        "DELETE FROM link WHERE item_id = 3",
        "UPDATE link SET first = 2 WHERE item_id = (SELECT max(item_id) FROM link WHERE first = 1)",
        "UPDATE link SET conversation = 4 WHERE item_id = 1",
    ] {
        bench.close();
        let database = bench.path("library").join("library.sqlite");
        rusqlite::Connection::open(&database).unwrap().execute_batch(damage).unwrap();
        bench.open();
        assert_eq!(bench.library().verify(false).unwrap().problems.len(), 1, "{damage}");
        assert_eq!(bench.library().verify(true).unwrap().problems, [], "{damage}");
        assert_eq!(duplicates(&bench, ""), Duplicates { groups: 5, copies: 7, within: 2, across: 5 });
    }
}

/// Contacts have no text that would tell them apart.
#[test]
fn what_a_kind_says_tells_items_apart() {
    let bench = Bench::new();
    for (file, number) in [("one.pst", "123"), ("two.pst", "123"), ("three.pst", "456")] {
        let path = bench.path(file);
        let mut writer = PstWriter::create(&path, Options::default()).unwrap();
        let folder = writer.add_folder(writer.top(), "Contacts").unwrap();
        let contact =
            NewMessage { class: "IPM.Contact".into(), subject: "Ann".into(), ..NewMessage::default() };
        // PidTagBusinessTelephoneNumber
        let contact = contact.with(PropertyKey::Id(0x3A08), Value::Text(number.into()));
        writer.add_message(folder, &contact).unwrap();
        writer.finish().unwrap();
        bench.import_well(&path);
    }
    assert_eq!(bench.find("kind:contact").total, 3);
    assert_eq!(bench.find("is:duplicate").total, 1);
    assert_eq!(bench.find("is:duplicate source:three").total, 0);
}

#[test]
fn copies_are_exported_once_if_asked_for() {
    let (bench, _) = copies();
    let written = |which: Which, name: &str| {
        let request = ExportRequest { which, format: Format::Jsonl, to: bench.path(name) };
        let id = bench.library().export(request).unwrap().id;
        loop {
            let view = bench.library().export_of(id).unwrap();
            if view.state != ExportState::Running {
                return view.written;
            }
            std::thread::yield_now();
        }
    };
    let question = |query: &str| Question { query: query.into(), ..Question::default() };
    assert_eq!(written(Which::Query(question("")), "all"), 12);
    assert_eq!(written(Which::Once(question(""), Vec::new()), "once"), 5);
    assert_eq!(written(Which::Once(question("source:other number1"), Vec::new()), "other"), 1);
    let folded = Request { fold: Fold::Duplicates, limit: 10, ..Request::default() };
    let left = bench.library().search(&folded).unwrap();
    let left = left.hits.iter().map(|hit| hit.row.id).take(2).collect();
    assert_eq!(written(Which::Once(question(""), left), "but two"), 3);
}
