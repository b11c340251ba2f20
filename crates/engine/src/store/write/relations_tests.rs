//! Any order of imports, updates and removals comes to the same groups: those of a plain definition.

use super::*;
use crate::ids::SourceId;
use crate::relations::Clues;
use crate::source::{Facts, ItemKind, MailFacts, Person, PlannedFolder, Role, Version};
use crate::store::{NewItem, SourceRecord, Store, StoreMemory};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const DAY: i64 = 86_400_000;

/// A message in small numbers.
#[derive(Debug, Clone)]
struct Mail {
    id: u8,
    names: Vec<u8>,
    guid: u8,
    /// 0 no mark, 1 an answer, 2 a forward.
    mark: u8,
    subject: u8,
    from: u8,
    to: Vec<u8>,
    day: u8,
    text: u8,
}

fn mail() -> impl Strategy<Value = Mail> {
    let names = prop_oneof![3 => Just(Vec::new()), 2 => prop::collection::vec(0_u8..12, 1..3)];
    let guid = prop_oneof![4 => Just(0_u8), 1 => 1_u8..4];
    let who = (0_u8..4, prop::collection::vec(0_u8..4, 1..3));
    (0_u8..12, names, guid, 0_u8..3, 0_u8..2, who, 0_u8..60, 0_u8..2).prop_map(
        |(id, names, guid, mark, subject, (from, to), day, text)| Mail {
            id,
            names,
            guid,
            mark,
            subject,
            from,
            to,
            day,
            text,
        },
    )
}

fn name(id: u8) -> String {
    format!("message-{id}@example.org")
}

fn person(who: u8) -> Person {
    Person { name: format!("Person {who}"), address: format!("p{who}@example.org") }
}

impl Mail {
    fn digest(&self) -> [u8; 16] {
        let mut digest = [7; 16];
        let parts = [self.mark, self.subject, self.from, self.day, self.text, self.to[0]];
        digest[..parts.len()].copy_from_slice(&parts);
        digest[6] = self.to.get(1).copied().unwrap_or(9);
        digest
    }

    fn item(&self, key: u64) -> NewItem {
        let mark = ["", "Re: ", "Fwd: "][usize::from(self.mark)];
        let index = match self.guid {
            0 => Vec::new(),
            guid => [&[1, 0, 0, 0, 0, 0][..], &[guid; 15], &[0]].concat(),
        };
        NewItem {
            key,
            version: Version::default(),
            recovered: None,
            kind: ItemKind::Mail,
            class: "IPM.Note".into(),
            subject: format!("{mark}Subject {}", self.subject),
            from: person(self.from),
            recipients: self.to.iter().map(|who| (Role::To, person(*who))).collect(),
            date: Some(i64::from(self.day) * DAY),
            size: 1,
            message_id: format!("<{}>", name(self.id)),
            mail: MailFacts {
                in_reply_to: self.names.first().map(|id| name(*id)).unwrap_or_default(),
                references: self.names.iter().rev().map(|id| name(*id)).collect(),
                conversation_index: index,
                ..MailFacts::default()
            },
            sameness: self.digest(),
            clues: Clues::default(),
            details: Vec::new(),
            attachments: Vec::new(),
            text: Vec::new(),
            embedded_text: Vec::new(),
            partial: false,
            damaged: false,
            anomalies: Vec::new(),
        }
        .with_clues()
    }
}

/// A message by source and key.
type Name = (usize, u64);
type Groups = BTreeSet<BTreeSet<Name>>;

/// The definition: two messages are of one conversation if they share an id or a GUID, say the same, or the one answers the other by
/// its subject; and so on from message to message.
fn expected(all: &BTreeMap<Name, Mail>) -> (Groups, Groups) {
    let names: Vec<&Name> = all.keys().collect();
    let ids = |mail: &Mail| -> BTreeSet<u8> { mail.names.iter().copied().chain([mail.id]).collect() };
    let part = |mail: &Mail, who: u8| mail.from == who || mail.to.contains(&who);
    let answers = |mail: &Mail| -> Option<Name> {
        if mail.mark == 0 || !mail.names.is_empty() {
            return None;
        }
        let before = |other: &Mail| {
            (other.day, other.digest()) < (mail.day, mail.digest()) && mail.day - other.day <= 30
        };
        let fits = |other: &Mail| part(other, mail.from) && (mail.mark == 2 || part(mail, other.from));
        let candidates =
            all.iter().filter(|(_, other)| other.subject == mail.subject && before(other) && fits(other));
        candidates.max_by_key(|(_, other)| (other.day, other.digest())).map(|(name, _)| *name)
    };
    let mut group: BTreeMap<Name, Name> = names.iter().map(|name| (**name, **name)).collect();
    let mut join = |a: Name, b: Name| {
        let (a, b) = (group[&a], group[&b]);
        group.values_mut().filter(|of| **of == b).for_each(|of| *of = a);
    };
    for (a, one) in all {
        for (b, other) in all {
            let shared = !ids(one).is_disjoint(&ids(other)) || one.guid != 0 && one.guid == other.guid;
            if shared || one.digest() == other.digest() {
                join(*a, *b);
            }
        }
        if let Some(b) = answers(one) {
            join(*a, b);
        }
    }
    let copies = names
        .iter()
        .map(|name| names.iter().filter(|n| all[n].digest() == all[name].digest()).map(|n| **n).collect());
    let copies = copies.filter(|group: &BTreeSet<Name>| group.len() > 1).collect();
    let mut groups: BTreeMap<Name, BTreeSet<Name>> = BTreeMap::new();
    for (name, of) in group {
        groups.entry(of).or_default().insert(name);
    }
    (groups.into_values().filter(|group| group.len() > 1).collect(), copies)
}

struct Bench {
    store: Store,
    writer: StoreWriter,
    sources: Vec<(SourceId, crate::ids::FolderId)>,
    batch: i64,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let memory = StoreMemory { writer: 1 << 20, readers: 1 << 20 };
        let (store, mut writer) = Store::open(&folder.path().join("x.sqlite"), memory, 1).unwrap();
        writer.connection.pragma_update(None, "synchronous", "off").unwrap();
        let sources = (0..3).map(|n| Self::source(&mut writer, n)).collect();
        Self { store, writer, sources, batch: 0, _folder: folder }
    }

    fn source(writer: &mut StoreWriter, n: u8) -> (SourceId, crate::ids::FolderId) {
        let facts = Facts { identity: vec![n], ..Facts::default() };
        let record = SourceRecord { facts: &facts, path: &format!("/{n}"), name: "x", modified: 0 };
        let source = writer.put_source(None, &record, 0).unwrap();
        let folder =
            PlannedFolder { key: 1, parent: None, name: "x".into(), path: "x".into(), depth: 0, hidden: 0 };
        let folders = writer.put_folders(source, &[folder], &[0], true).unwrap();
        (source, folders[0])
    }

    fn put(&mut self, (source, key): Name, mail: &Mail) {
        let (source, folder) = self.sources[source];
        let known = self.writer.known(source).unwrap().items.get(key).map(|known| known.id);
        self.writer.put_item(source, folder, known, &mail.item(key), self.batch + 1).unwrap();
    }

    fn commit(&mut self) {
        self.batch += 1;
        self.writer.commit(Some(self.batch), 0).unwrap();
    }

    fn relate(&mut self) {
        self.writer.relate(0, &|| false).unwrap();
    }

    fn groups(&self, column: &str) -> Groups {
        let sql = format!(
            "SELECT {column}, source_id, key FROM link JOIN item ON item.id = link.item_id WHERE {column} IS NOT NULL"
        );
        let mut statement = self.writer.connection.prepare(&sql).unwrap();
        let mut groups: BTreeMap<i64, BTreeSet<Name>> = BTreeMap::new();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let source: SourceId = row.get(1).unwrap();
            let source = self.sources.iter().position(|(id, _)| *id == source).unwrap();
            let key: i64 = row.get(2).unwrap();
            groups.entry(row.get(0).unwrap()).or_default().insert((source, key.unsigned_abs()));
        }
        groups.into_values().collect()
    }

    /// Each is found by its hash, and by no other.
    fn check_hashes(&self, all: &BTreeMap<Name, Mail>, when: &str) -> Result<(), TestCaseError> {
        let mut by_hash: BTreeMap<[u8; 16], Vec<i64>> = BTreeMap::new();
        for ((source, key), mail) in all {
            let hash = mail.item(*key).clues.mih.unwrap();
            let known = self.writer.known(self.sources[*source].0).unwrap().items;
            by_hash.entry(hash).or_default().push(known.get(*key).unwrap().id.0);
        }
        for (hash, mut ids) in by_hash {
            ids.sort_unstable();
            prop_assert_eq!(self.store.items_of_hash(&hash).unwrap(), ids, "hashes {}", when);
        }
        Ok(())
    }

    fn check(&self, all: &BTreeMap<Name, Mail>, when: &str) -> Result<(), TestCaseError> {
        let (conversations, copies) = expected(all);
        self.check_hashes(all, when)?;
        prop_assert_eq!(self.store.links_astray().unwrap(), 0, "links {}", when);
        prop_assert_eq!(self.groups("conversation"), conversations, "conversations {}", when);
        prop_assert_eq!(self.groups("first"), copies, "copies {}", when);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_order_comes_to_the_same(
        mails in prop::collection::vec((0_usize..3, mail()), 1..16),
        order in any::<u64>(),
        steps in 1_usize..6,
        quiet in any::<u8>(),
        later in prop::collection::vec((0_usize..16, mail()), 0..3),
    ) {
        let all: Vec<(Name, Mail)> =
            mails.into_iter().zip(0..).map(|((source, mail), key)| ((source, key), mail)).collect();
        let mut shuffled = all.clone();
        shuffled.sort_by_key(|((_, key), _)| blake3::hash(&(order ^ key).to_le_bytes()).as_bytes()[0]);
        let mut bench = Bench::new();
        let mut known = BTreeMap::new();
        for chunk in shuffled.chunks(shuffled.len().div_ceil(steps)) {
            for (name, mail) in chunk {
                bench.put(*name, mail);
                known.insert(*name, mail.clone());
            }
            bench.commit();
            // Several batches may go by before anybody asks what belongs together.
            if quiet >> (bench.batch % 8) & 1 == 0 {
                bench.relate();
                bench.check(&known, "after a batch")?;
            } else {
                // Written once more as they are, before anybody has asked.
                for (name, mail) in chunk {
                    bench.put(*name, mail);
                }
                bench.commit();
                bench.check_hashes(&known, "before anybody has asked")?;
            }
        }
        for (at, mail) in later {
            let Some((name, _)) = all.get(at) else { continue };
            bench.put(*name, &mail);
            known.insert(*name, mail);
            bench.commit();
            if quiet >> (bench.batch % 8) & 1 == 0 {
                bench.relate();
                bench.check(&known, "after a change")?;
            }
        }
        let gone = bench.sources[1].0;
        bench.writer.remove_source(gone, bench.batch + 1).unwrap();
        bench.commit();
        known.retain(|(source, _), _| *source != 1);
        bench.relate();
        bench.check(&known, "after a removal")?;
        bench.writer.forget_links().unwrap();
        bench.relate();
        bench.check(&known, "made anew")?;
        prop_assert!(!bench.writer.relate(0, &|| false).unwrap(), "nothing is left to do");
    }
}

/// Stopped anywhere, the next run comes to the end.
#[test]
fn what_was_stopped_is_gone_on_with() {
    let answer = |id, names: &[u8]| Mail {
        id,
        names: names.to_vec(),
        guid: 0,
        mark: 1,
        subject: 0,
        from: 0,
        to: vec![1],
        day: id,
        text: 0,
    };
    for stop_at in 0..4 {
        let mut bench = Bench::new();
        bench.put((0, 1), &answer(1, &[]));
        bench.commit();
        bench.relate();
        bench.put((0, 2), &answer(2, &[1]));
        bench.commit();
        let asked = std::cell::Cell::new(0);
        let stop = || asked.replace(asked.get() + 1) >= stop_at;
        bench.writer.relate(0, &stop).unwrap();
        bench.relate();
        assert_eq!(bench.groups("conversation").len(), 1, "stopped at {stop_at}");
    }
}
