//! What a single item says about what it belongs to.

use super::subject;
use crate::source::ItemKind;
use md5::{Digest as _, Md5};

/// The header of a conversation index: a byte 1, five bytes of time, a GUID ([MS-OXOMSG] 2.2.1.3).
const INDEX_HEADER: usize = 22;
/// Where the GUID begins.
const INDEX_GUID: usize = 6;
/// Ids shorter than this name nothing: some programs write a number, or nothing, into each message.
const MIN_ID: usize = 5;
/// An id longer than this is none.
const MAX_ID: usize = 1000;
/// Of the ids of earlier messages, at most so many count, the latest of them.
const MAX_REFERENCES: usize = 64;
/// Subjects of fewer letters and digits than this say nothing.
const MIN_SUBJECT: usize = 2;
/// Of a topic, so many UTF-16 units are hashed ([MS-OXOMSG] 2.2.1.2).
const TOPIC: usize = 255;

/// What the library keeps of an item that tells what it belongs to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// PidTagInternetMessageId, as stored.
    pub message_id: &'a str,
    /// The message that it answers.
    pub in_reply_to: &'a str,
    /// The messages before it, oldest first, parted by spaces.
    pub references: &'a str,
    /// PidTagConversationIndex.
    pub conversation_index: &'a [u8],
    /// PidTagConversationTopic.
    pub topic: &'a str,
    /// Subject.
    pub subject: &'a str,
    /// What it is.
    pub kind: Option<ItemKind>,
    /// Milliseconds since 1970 UTC.
    pub date: Option<i64>,
}

/// How an item that names no earlier message says that there is one. The numbers are stored; 0 is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Weak {
    /// By a subject that begins with "Re:" or the like.
    Answer = 1,
    /// By one that begins with "Fwd:" or the like.
    Forward = 2,
}

impl Weak {
    /// From the stored number.
    pub fn from_number(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::Answer),
            2 => Some(Self::Forward),
            _ => None,
        }
    }
}

/// What an item has in common with others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Clues {
    /// Hashes of its own id, the ids that it names, and its conversation; ascending.
    pub keys: Vec<u64>,
    /// EDRM message identification hash.
    pub mih: Option<[u8; 16]>,
    /// Hash of the subject of the conversation, for items that can be joined by it.
    pub subject: Option<i64>,
    /// Whether it is to be joined by it.
    pub weak: Option<Weak>,
    /// Milliseconds since 1970 UTC.
    pub date: Option<i64>,
}

impl Clues {
    /// The clues that an item gives.
    pub fn of(evidence: &Evidence<'_>) -> Self {
        let names = earlier(evidence);
        let mut keys: Vec<u64> = names.iter().copied().chain(id_key(evidence.message_id)).collect();
        keys.extend(index_key(evidence));
        keys.sort_unstable();
        keys.dedup();
        let mail = matches!(evidence.kind, Some(ItemKind::Mail | ItemKind::Post | ItemKind::Meeting));
        let (base, weak) = subject::base(evidence.subject);
        let told = mail
            && evidence.date.is_some()
            && base.chars().filter(|c| c.is_alphanumeric()).take(MIN_SUBJECT).count() == MIN_SUBJECT;
        // An answer that says what it answers needs no subject; an index of one who only forwards or answers is longer.
        let names_none = names.is_empty() && evidence.conversation_index.len() <= INDEX_HEADER;
        Self {
            keys,
            mih: mih(evidence.message_id),
            subject: told.then(|| i64::from_le_bytes(hash(b's', base.as_bytes()).to_le_bytes())),
            weak: weak.filter(|_| told && names_none),
            date: evidence.date,
        }
    }

    /// The keys as they are kept.
    pub fn key_bytes(&self) -> Vec<u8> {
        self.keys.iter().flat_map(|key| key.to_le_bytes()).collect()
    }
}

/// The keys of the earlier messages that an item names: the one that it answers, then those before it, nearest first.
pub fn earlier(evidence: &Evidence<'_>) -> Vec<u64> {
    let references = evidence.references.split(' ').rev().take(MAX_REFERENCES);
    let mut keys = Vec::new();
    for key in std::iter::once(evidence.in_reply_to).chain(references).filter_map(id_key) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

fn hash(kind: u8, bytes: &[u8]) -> u64 {
    let digest = *blake3::Hasher::new().update(&[kind]).update(bytes).finalize().as_bytes();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_le_bytes(first)
}

/// The key of a message id, with or without its brackets; `None` for what can be no one message's id.
pub fn id_key(id: &str) -> Option<u64> {
    let id = id
        .split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | ','))
        .find(|part| !part.is_empty())?;
    (MIN_ID..=MAX_ID).contains(&id.len()).then(|| hash(b'm', id.as_bytes()))
}

/// The key of the conversation that the index names: its GUID, which is also what PidTagConversationId says where that is made from
/// the index ([MS-OXOMSG] 2.2.1.2). Where it is made from the topic, it says no more than the subject does: such a GUID is no key.
fn index_key(evidence: &Evidence<'_>) -> Option<u64> {
    let index = evidence.conversation_index;
    let guid = index.get(INDEX_GUID..INDEX_HEADER).filter(|_| index.first() == Some(&1))?;
    let plain = guid.iter().all(|byte| byte == &guid[0]);
    let of_topic = !evidence.topic.is_empty() && guid == topic_digest(evidence.topic);
    (!plain && !of_topic).then(|| hash(b'c', guid))
}

/// MD5 of a topic as PidTagConversationId has it.
fn topic_digest(topic: &str) -> [u8; 16] {
    let units: Vec<u8> = topic
        .to_uppercase()
        .encode_utf16()
        .filter(|unit| *unit != 0)
        .take(TOPIC)
        .flat_map(u16::to_le_bytes)
        .collect();
    Md5::digest(&units).into()
}

/// The EDRM message identification hash: MD5 of the value of the Message-ID field, brackets included, without the white space around
/// it. Where a store lost the brackets, they are put back. `None` for an item without an id.
pub fn mih(message_id: &str) -> Option<[u8; 16]> {
    let id = message_id.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    let id = match (id.find('<'), id.find('>')) {
        (Some(open), Some(close)) if open < close => id.get(open..=close)?.to_owned(),
        _ => format!("<{}>", id.trim_matches(['<', '>'])),
    };
    (id.len() > 2).then(|| Md5::digest(id.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: [u8; 16]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_hash_is_that_of_other_programs() {
        // The example that the makers of review platforms publish.
        const PUBLISHED: &str = "1de319c276884bd0c9e2f1621ada26cc";
        for id in [
            "<CALckR-a8UDkRjO4xJyjd_s0GPxQWw@mail.gmail.com>",
            " <CALckR-a8UDkRjO4xJyjd_s0GPxQWw@mail.gmail.com>\r\n",
            "<CALckR-a8UDkRjO4xJyjd_s0GPxQWw@mail.gmail.com> <another@example.org>",
            "CALckR-a8UDkRjO4xJyjd_s0GPxQWw@mail.gmail.com",
        ] {
            assert_eq!(mih(id).map(hex).as_deref(), Some(PUBLISHED), "{id:?}");
        }
        for none in ["", "  ", "<>", "\0"] {
            assert_eq!(mih(none), None, "{none:?}");
        }
    }

    #[test]
    fn ids_with_and_without_brackets_are_one() {
        assert_eq!(id_key("<a@example.org>"), id_key("a@example.org"));
        assert_ne!(id_key("<a@example.org>"), id_key("b@example.org"));
        for none in ["", "<>", "<1>", "0", " "] {
            assert_eq!(id_key(none), None, "{none:?}");
        }
        assert_eq!(id_key(&"x".repeat(2000)), None);
    }

    #[test]
    fn the_index_is_a_key_but_the_topic_is_none() {
        let of = |index: &[u8], topic: &str| {
            let evidence = Evidence { conversation_index: index, topic, ..Evidence::default() };
            Clues::of(&evidence).keys
        };
        let index = |guid: [u8; 16], tail: &[u8]| [&[1, 2, 3, 4, 5, 6][..], &guid, tail].concat();
        let guid = *b"0123456789abcdef";
        let first = of(&index(guid, &[]), "");
        assert_eq!(first.len(), 1);
        assert_eq!(of(&index(guid, &[9; 5]), "x"), first, "an answer has the key of what it answers");
        assert_eq!(of(&index([0; 16], &[]), ""), [0; 0], "nothing");
        assert_eq!(of(&index(guid, &[])[..21], ""), [0; 0], "cut off");
        assert_eq!(of(&index(topic_digest("Lunch"), &[]), "Lunch"), [0; 0], "the topic in disguise");
    }

    #[test]
    fn only_an_answer_that_names_nothing_goes_by_its_subject() {
        let check = |evidence: Evidence<'_>, weak: Option<Weak>| {
            let evidence = Evidence { kind: Some(ItemKind::Mail), date: Some(0), ..evidence };
            assert_eq!(Clues::of(&evidence).weak, weak, "{evidence:?}");
        };
        let plain = Evidence { subject: "Re: Lunch", ..Evidence::default() };
        check(plain, Some(Weak::Answer));
        check(Evidence { subject: "Fwd: Lunch", ..plain }, Some(Weak::Forward));
        check(Evidence { subject: "Lunch", ..plain }, None);
        check(Evidence { subject: "Re: !", ..plain }, None);
        check(Evidence { in_reply_to: "a@example.org", ..plain }, None);
        check(Evidence { references: "a@example.org b@example.org", ..plain }, None);
        check(Evidence { conversation_index: &[1; 27], ..plain }, None);
        check(Evidence { conversation_index: &[1; 22], ..plain }, Some(Weak::Answer));
        let note = Evidence { kind: Some(ItemKind::Note), date: Some(0), ..plain };
        assert_eq!((Clues::of(&note).weak, Clues::of(&note).subject), (None, None));
    }
}
