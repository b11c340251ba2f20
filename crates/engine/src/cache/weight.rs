//! What answers take in memory.

use super::{Asked, Facts, Question, View, ViewKey};
use crate::insights::{self, Insights, PeopleGraph};
use crate::search::{Hit, Page};
use crate::source::PropertyLine;
use crate::store::{HitRow, ItemFacts, ItemRow, PersonRow, Review, Thread};
use crate::view::SafeHtml;
use crate::weight::{PIECE, Weight, fields, flat};

flat!(insights::Link, insights::Times, crate::language::Language);

use insights::{Answerer, Replies};
use insights::{AttachmentCount, Correspondent, DomainCount, FolderCount, LargeItem, PersonCount};

fields! {
    Review { tags, note; flagged: _, reviewed: _ }
    HitRow { from, to_line, subject, folder, source, review, text; .. }
    Thread { people; messages: _, first: _, last: _ }
    Hit { row, from_marks, subject_marks, snippet, snippet_marks, thread; .. }
    Page { hits, next, facets; .. }

    PersonCount { name, address; count: _ }
    DomainCount { domain; count: _, sent: _ }
    AttachmentCount { kind; count: _, bytes: _ }
    LargeItem { subject, from; id: _, date: _, size: _ }
    FolderCount { path; folder: _, source: _, count: _ }
    Correspondent { name, address; sent: _, received: _, span: _, community: _ }
    PeopleGraph { people, links; total: _ }
    Answerer { name, address; times: _ }
    Replies { people; times: _, looked_at: _ }

    PersonRow { person; role: _ }
    ItemRow { hit, class, message_id, source_path, recipients, attachments, anomalies;
        key: _, version: _, folder_id: _, source_id: _ }
    ItemFacts { mail, details; certainty: _, duplicates: _, mih: _, conversation: _ }
    Facts { row, facts; }

    PropertyLine { tag, name, kind, value; }
    SafeHtml { body; remote_blocked: _ }
    View { item, headers, properties, html; }
    ViewKey { source_path, path; source: _, key: _, version: _, size: _, modified: _ }
}

impl Weight for Insights {
    fn heap(&self) -> usize {
        let flat = |bytes: usize| PIECE + bytes;
        flat(size_of_val(self.by_month.as_slice()))
            + flat(size_of_val(self.by_day.as_slice()))
            + flat(size_of_val(self.sizes.buckets.as_slice()))
            + self.senders.heap()
            + self.recipients.heap()
            + self.domains.heap()
            + self.attachment_types.heap()
            + self.largest.heap()
            + self.kinds.heap()
            + self.languages.heap()
            + self.folders.heap()
            + self.sources.heap()
    }
}

impl<T: Asked> Weight for Question<T> {
    fn heap(&self) -> usize {
        self.asked.words() + self.asked.query().len()
    }
}
