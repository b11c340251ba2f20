//! What things take in memory: their own size and what they point to. Queues and kept answers are bounded by it.

use crate::relations::Clues;
use crate::source::{
    AttachmentFacts, Certainty, DetailLine, DetailValue, ItemKind, MailFacts, Person, Role, SourceItem,
};
use std::ops::Range;
use std::path::PathBuf;

/// What an allocator adds to each piece, roughly.
pub const PIECE: usize = 16;

/// Something whose size in memory can be told without walking all of memory.
pub trait Weight {
    /// Bytes that it points to.
    fn heap(&self) -> usize;

    /// All its bytes.
    fn bytes(&self) -> usize
    where
        Self: Sized,
    {
        size_of::<Self>() + self.heap()
    }
}

impl Weight for String {
    fn heap(&self) -> usize {
        if self.capacity() == 0 { 0 } else { PIECE + self.capacity() }
    }
}

impl Weight for PathBuf {
    fn heap(&self) -> usize {
        PIECE + self.capacity()
    }
}

impl<T: Weight> Weight for Vec<T> {
    fn heap(&self) -> usize {
        let own = if self.capacity() == 0 { 0 } else { PIECE + self.capacity() * size_of::<T>() };
        own + self.iter().map(T::heap).sum::<usize>()
    }
}

impl<T: Weight> Weight for Option<T> {
    fn heap(&self) -> usize {
        self.as_ref().map_or(0, T::heap)
    }
}

impl<A: Weight, B: Weight> Weight for (A, B) {
    fn heap(&self) -> usize {
        self.0.heap() + self.1.heap()
    }
}

impl<A: Weight, B: Weight, C: Weight> Weight for (A, B, C) {
    fn heap(&self) -> usize {
        self.0.heap() + self.1.heap() + self.2.heap()
    }
}

/// Of what points nowhere.
macro_rules! flat {
    ($($type:ty),* $(,)?) => {
        $( impl $crate::weight::Weight for $type { fn heap(&self) -> usize { 0 } } )*
    };
}

/// Of a structure: those of its fields that point somewhere, and, unless it ends with `..`, all others, so that a new one is not
/// forgotten here.
macro_rules! fields {
    ($($type:ident { $($field:ident),*; $($rest:tt)* })*) => {
        $( impl $crate::weight::Weight for $type {
            fn heap(&self) -> usize {
                let $type { $($field,)* $($rest)* } = self;
                0 $( + $crate::weight::Weight::heap($field) )*
            }
        } )*
    };
}

pub(crate) use {fields, flat};

flat!(
    u8,
    u32,
    u64,
    i64,
    bool,
    Range<usize>,
    Role,
    ItemKind,
    Certainty,
    crate::ItemId,
    crate::SourceId,
    crate::FolderId,
    crate::fields::State,
    crate::fields::TextField
);

fields! {
    Person { name, address; }
    AttachmentFacts { path, name, mime_type, content_id; size: _, method: _, inline: _ }
    MailFacts { in_reply_to, references, topic, conversation_index;
        unread: _, flag: _, importance: _, sensitivity: _, protection: _, sender_zone: _ }
    DetailLine { key, value; }
    Clues { keys; mih: _, subject: _, weak: _, date: _ }
    SourceItem { class, subject, from, recipients, message_id, mail, details, text, embedded_text, attachments, anomalies;
        kind: _, date: _, size: _, partial: _, damaged: _ }
}

impl Weight for DetailValue {
    fn heap(&self) -> usize {
        match self {
            Self::Text(text) => text.heap(),
            Self::Person { name, address, note } => name.heap() + address.heap() + note.heap(),
            Self::Time(_) | Self::Day(_) | Self::Number(_) | Self::Flag(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_pointed_to_is_counted() {
        let text = |bytes: usize| "x".repeat(bytes);
        assert_eq!(String::new().heap(), 0);
        assert_eq!(text(100).heap(), 116);
        assert_eq!(vec![text(100), text(50)].heap(), 16 + 2 * size_of::<String>() + 116 + 66);
        let person = Person { name: text(10), address: text(20) };
        assert_eq!(person.bytes(), 2 * size_of::<String>() + 26 + 36);
        assert_eq!(Some((person, Range { start: 0_usize, end: 1 })).heap(), 62);
        assert_eq!(DetailValue::Text(text(7)).heap(), 23);
        assert_eq!(DetailValue::Number(1.0).heap(), 0);
    }
}
