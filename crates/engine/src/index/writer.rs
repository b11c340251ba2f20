use super::merges::Merges;
use super::{Counted, Fields, sender_zone};
use crate::error::Result;
use crate::fields::{State, TextField};
use crate::language::Language;
use crate::patience::patiently;
use crate::source::ItemKind;
use crate::weight::fields;
use std::path::PathBuf;
use std::time::Duration;
use tantivy::directory::error::LockError;
use tantivy::indexer::IndexWriterOptions;
use tantivy::{TantivyDocument, TantivyError, Term};

/// The least memory that tantivy takes for a thread.
const MIN_THREAD_MEMORY: usize = 16 * 1024 * 1024;
/// How long the lock of the writer before is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Puts items into the index and takes them out. What it did is searchable after [`IndexWriter::commit`] and a reload.
pub struct IndexWriter {
    writer: tantivy::IndexWriter,
    fields: Fields,
}

/// What the index learns of an item. Built off the writer's thread.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// Texts by field; a field may come several times.
    pub texts: Vec<(TextField, String)>,
    /// Milliseconds since 1970 UTC.
    pub date: Option<i64>,
    /// Bytes.
    pub size: u64,
    /// Stored number of the kind.
    pub kind: Option<ItemKind>,
    /// Whether it carries files.
    pub has_attachment: bool,
    /// In which states it is.
    pub states: Vec<State>,
    /// Language of its text, where it is known.
    pub language: Option<Language>,
    /// Minutes east of UTC of the sender's clocks, where they are known.
    pub sender_zone: Option<i16>,
    /// The day by which it is to be done, counted from 1970.
    pub due: Option<i64>,
    /// What is only counted.
    pub counted: Counted,
}

fields! {
    Document { texts, states, counted;
        date: _, size: _, kind: _, has_attachment: _, language: _, sender_zone: _, due: _ }
}

impl IndexWriter {
    /// The writer of the index whose files lie in `folder`.
    pub(super) fn new(
        index: &tantivy::Index,
        folder: PathBuf,
        fields: Fields,
        memory: usize,
        threads: usize,
    ) -> Result<Self> {
        let threads = threads.clamp(1, (memory / MIN_THREAD_MEMORY).max(1));
        let options = IndexWriterOptions::builder()
            .num_worker_threads(threads)
            .memory_budget_per_thread((memory / threads).max(MIN_THREAD_MEMORY))
            // Each may have all pages of what it merges in memory.
            .num_merge_threads(1)
            .build();
        // The library is this process's alone. Still, a program that is being started holds tantivy's lock of a writer that is gone,
        // until it has begun.
        let busy = |error: &TantivyError| matches!(error, TantivyError::LockFailure(LockError::LockBusy, _));
        let writer = patiently(PATIENCE, busy, || index.writer_with_options(options.clone()))?;
        writer.set_merge_policy(Box::new(Merges { folder }));
        Ok(Self { writer, fields })
    }

    /// Puts an item in, in place of what the index held of it (if `replace`).
    ///
    /// # Errors
    /// When an indexing thread has died, such as for want of disk space.
    pub fn put(
        &self,
        id: i64,
        source: i64,
        folders: &[i64],
        document: Document,
        replace: bool,
    ) -> Result<()> {
        let fields = &self.fields;
        if replace {
            self.remove(id);
        }
        let mut doc = TantivyDocument::new();
        doc.add_u64(fields.id, id.unsigned_abs());
        doc.add_u64(fields.source, source.unsigned_abs());
        for folder in folders {
            doc.add_u64(fields.folders, folder.unsigned_abs());
        }
        doc.add_u64(fields.folder, folders.first().copied().unwrap_or_default().unsigned_abs());
        if let Some(date) = document.date {
            doc.add_i64(fields.date, date);
        }
        doc.add_u64(fields.size, document.size);
        doc.add_u64(fields.kind, document.kind.unwrap_or(ItemKind::Other) as u64);
        doc.add_u64(fields.has_attachment, u64::from(document.has_attachment));
        for state in document.states {
            doc.add_u64(fields.states, state as u64);
        }
        doc.add_u64(fields.language, document.language.map_or(0, Language::number));
        if let Some(due) = document.due {
            doc.add_i64(fields.due, due);
        }
        doc.add_u64(fields.sender_zone, sender_zone::number(document.sender_zone));
        document.counted.put(&mut doc, &fields.counted);
        for (field, text) in document.texts {
            doc.add_text(fields.text(field), text);
        }
        self.writer.add_document(doc)?;
        Ok(())
    }

    /// Takes an item out.
    pub fn remove(&self, id: i64) {
        self.writer.delete_term(Term::from_field_u64(self.fields.id, id.unsigned_abs()));
    }

    /// Takes everything out.
    ///
    /// # Errors
    /// tantivy's.
    pub fn clear(&self) -> Result<()> {
        self.writer.delete_all_documents()?;
        Ok(())
    }

    /// Takes all items of a source out.
    pub fn remove_source(&self, source: i64) {
        self.writer.delete_term(Term::from_field_u64(self.fields.source, source.unsigned_abs()));
    }

    /// Writes what was put in since the last commit to files, which a commit then needs no time for. Nothing is durable yet.
    ///
    /// # Errors
    /// When it cannot be written; [`IndexWriter::rollback`] must follow.
    pub fn prepare(&mut self) -> Result<()> {
        // Nothing is undone by forgetting it: the next one finds the parts written.
        self.writer.prepare_commit()?;
        Ok(())
    }

    /// Makes durable what was done since the last commit, as holding everything up to `batch`.
    ///
    /// # Errors
    /// When it cannot be written; the index then stands where it stood, and [`IndexWriter::rollback`] must follow.
    pub fn commit(&mut self, batch: i64) -> Result<()> {
        let mut prepared = self.writer.prepare_commit()?;
        prepared.set_payload(&batch.to_string());
        prepared.commit()?;
        Ok(())
    }

    /// Ends what is still being merged, and the writer with it. What was done since the last commit is void.
    ///
    /// # Errors
    /// tantivy's.
    pub fn close(self) -> Result<()> {
        self.writer.wait_merging_threads()?;
        Ok(())
    }

    /// Forgets what was done since the last commit.
    ///
    /// # Errors
    /// When the writer cannot go on.
    pub fn rollback(&mut self) -> Result<()> {
        self.writer.rollback()?;
        Ok(())
    }
}
