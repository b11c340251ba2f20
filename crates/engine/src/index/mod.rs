//! The tantivy index: words and sort keys, derived from SQLite and rebuilt from it when need be. It stores no text.

pub mod blocks;
pub mod counted;
mod directory;
mod durable;
mod matching;
mod merges;
mod writer;

pub use counted::Counted;
pub use matching::{Matching, Side};
pub use writer::{Document, IndexWriter};

use crate::cache::Changes;
use crate::error::{Error, Result};
use crate::fields::TextField;
use crate::insights::Wholes;
use crate::patience::patiently;
use crate::text::tokens;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tantivy::collector::Collector;
use tantivy::directory::MmapDirectory;
use tantivy::query::{EnableScoring, Query};
use tantivy::schema::{
    Field, INDEXED, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{Executor, IndexReader, ReloadPolicy, Searcher};

/// Fewer documents are looked through faster than threads are woken.
const FEW: u64 = 50_000;
/// Threads that look through the parts of the index, at most.
const MAX_THREADS: usize = 8;
/// How long an index is tried to be opened beside its writer.
const OPENING: Duration = Duration::from_secs(1);

/// Number of the schema. An index of another number is thrown away and rebuilt.
const SCHEMA: u32 = 7;

/// The file that tells of which schema the index in `folder` is.
fn marker(folder: &Path) -> PathBuf {
    folder.join(format!("schema-{SCHEMA}"))
}

/// The fields of the schema.
#[derive(Debug, Clone)]
pub struct Fields {
    /// Id of the item.
    pub id: Field,
    /// Id of its source.
    pub source: Field,
    /// Ids of its folder and of all folders above it.
    pub folders: Field,
    /// Id of its own folder, to be counted.
    pub folder: Field,
    /// Milliseconds since 1970 UTC.
    pub date: Field,
    /// Bytes.
    pub size: Field,
    /// [`crate::source::ItemKind`].
    pub kind: Field,
    /// 1 or 0.
    pub has_attachment: Field,
    /// Numbers of [`crate::fields::State`], of those that are known when the item is read.
    pub states: Field,
    /// Number of the [`crate::language::Language`], 0 where it is not known.
    pub language: Field,
    /// See [`sender_zone`].
    pub sender_zone: Field,
    /// Days from 1970 to the one by which it is to be done.
    pub due: Field,
    /// What is only counted; see [`Counted`].
    pub counted: CountedFields,
    text: Vec<Field>,
}

/// Fields that are not searched but counted: see [`Counted`].
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct CountedFields {
    pub sender: Field,
    pub recipients: Field,
    pub domains: Field,
    pub attachment_types: Field,
    pub attachment_sizes: Field,
}

impl Fields {
    /// The field of the index for a text field.
    pub fn text(&self, field: TextField) -> Field {
        self.text[TextField::ALL.iter().position(|(f, ..)| *f == field).unwrap_or_default()]
    }
}

pub use fast::ID as FAST_ID;

/// Names of fast fields, for sorting and counting.
pub mod fast {
    #![allow(missing_docs)]
    pub const ID: &str = "id";
    pub const DATE: &str = "date";
    pub const SIZE: &str = "size";
    pub const KIND: &str = "kind";
    pub const LANGUAGE: &str = "language";
    pub const SENDER_ZONE: &str = "sender_zone";
    pub const SOURCE: &str = "source";
    pub const FOLDER: &str = "folder";
    pub const SENDER: &str = "sender";
    pub const RECIPIENTS: &str = "recipients";
    pub const DOMAINS: &str = "domains";
    pub const ATTACHMENT_TYPES: &str = "attachment_types";
    pub const ATTACHMENT_SIZES: &str = "attachment_sizes";
}

/// How far the sender's clocks were from UTC, as a number of the index: 0 where it is not known.
pub mod sender_zone {
    /// What is added to minutes east of UTC; no zone is as far.
    const SHIFT: i16 = 1440;

    /// The number of so many minutes east of UTC.
    pub fn number(minutes: Option<i16>) -> u64 {
        minutes.and_then(|minutes| u64::try_from(minutes.checked_add(SHIFT)?).ok()).unwrap_or_default()
    }

    /// Minutes east of UTC.
    pub fn minutes(number: u64) -> Option<i16> {
        i16::try_from(number).ok().filter(|number| *number > 0).map(|number| number - SHIFT)
    }
}

fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let number = NumericOptions::default() | INDEXED;
    // What is asked for from one value to another is looked up in its column. As words of the index, times would bring one with each
    // item, as hardly two have the same.
    let column = NumericOptions::default().set_fast();
    let id = builder.add_u64_field(fast::ID, number.clone().set_fast());
    let source = builder.add_u64_field(fast::SOURCE, number.clone().set_fast());
    let folders = builder.add_u64_field("folders", number.clone());
    let folder = builder.add_u64_field(fast::FOLDER, column.clone());
    let date = builder.add_i64_field(fast::DATE, column.clone());
    let size = builder.add_u64_field(fast::SIZE, column.clone());
    let kind = builder.add_u64_field(fast::KIND, number.clone().set_fast());
    let has_attachment = builder.add_u64_field("has_attachment", number.clone());
    let states = builder.add_u64_field("states", number.clone());
    let language = builder.add_u64_field(fast::LANGUAGE, number.set_fast());
    let due = builder.add_i64_field("due", column.clone());
    let sender_zone = builder.add_u64_field(fast::SENDER_ZONE, column.clone());
    let mut counted = |name| builder.add_text_field(name, TextOptions::default().set_fast("raw"));
    let counted = CountedFields {
        sender: counted(fast::SENDER),
        recipients: counted(fast::RECIPIENTS),
        domains: counted(fast::DOMAINS),
        attachment_types: counted(fast::ATTACHMENT_TYPES),
        attachment_sizes: builder.add_u64_field(fast::ATTACHMENT_SIZES, column),
    };
    let words = TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(tokens::ANALYZER)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions),
    );
    let text =
        TextField::ALL.iter().map(|(_, name, _)| builder.add_text_field(name, words.clone())).collect();
    let fields = Fields {
        id,
        source,
        folders,
        folder,
        date,
        size,
        kind,
        has_attachment,
        states,
        language,
        sender_zone,
        due,
        counted,
        text,
    };
    (builder.build(), fields)
}

/// As many threads as the machine has cores; none beside the caller's where it has one.
fn executor() -> Result<Executor> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
    Ok(if cores == 1 { Executor::single_thread() } else { Executor::multi_thread(cores, "search-")? })
}

/// An index in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IndexView {
    /// Documents that can be found.
    pub documents: u64,
    /// Documents that are gone and still take room.
    pub deleted: u64,
    /// Its parts.
    pub segments: u64,
    /// The last batch of SQLite that it holds.
    pub batch: i64,
}

/// An index that is open.
pub struct Index {
    folder: PathBuf,
    index: tantivy::Index,
    reader: IndexReader,
    /// Threads that look through the parts of the index at once.
    executor: Executor,
    /// Its fields.
    pub fields: Fields,
    /// Other forms of words that were asked for.
    pub(crate) forms: crate::query::Known,
    /// Told before searchers see another commit.
    changes: Arc<Changes>,
    wholes: Wholes,
}

impl Index {
    /// Opens the index in `folder`, or makes an empty one where there is none, or where it is damaged or of another schema: what it
    /// lacks is then told by [`Index::last_batch`].
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn open(folder: &Path) -> Result<Self> {
        match Self::try_open(folder) {
            Ok(index) => Ok(index),
            // It may be whole; where there is no room, it cannot be made anew either.
            Err(full) if full.is_full() => Err(full),
            Err(reason) => {
                if folder.exists() {
                    tracing::warn!(%reason, "the index is rebuilt");
                    std::fs::remove_dir_all(folder).map_err(|e| Error::io("removing", folder, e))?;
                }
                std::fs::create_dir_all(folder).map_err(|e| Error::io("making", folder, e))?;
                Self::try_open(folder)
            }
        }
    }

    /// Opens the index in `folder` to be read alone, beside whoever writes it.
    ///
    /// # Errors
    /// When there is none, or one of another version: only who writes can make it anew.
    pub fn open_beside(folder: &Path) -> Result<Self> {
        let (_, fields) = schema();
        if !marker(folder).exists() {
            let reason = "its index is to be made anew".into();
            return Err(Error::LibraryUnfinished { path: folder.to_owned(), reason });
        }
        // Without a lock, a merge of the writer can take away a part that is just being opened.
        let passes = |error: &Error| matches!(error, Error::Index(_));
        patiently(OPENING, passes, || {
            let index = tantivy::Index::open(directory::Guest::open(folder)?)?;
            Self::reading(folder, index, fields.clone())
        })
    }

    fn try_open(folder: &Path) -> Result<Self> {
        let (schema, fields) = schema();
        let marker = marker(folder);
        let directory = MmapDirectory::open(folder).map_err(tantivy::TantivyError::from)?;
        durable::mend_list(folder).map_err(|e| Error::io("reading", folder, e))?;
        let fresh = !tantivy::Index::exists(&directory).map_err(tantivy::TantivyError::from)?;
        if !fresh && !marker.exists() {
            return Err(Error::Internal("the index is of another version".into()));
        }
        let index = tantivy::Index::open_or_create(directory, schema)?;
        if fresh {
            std::fs::write(&marker, []).map_err(|e| Error::io("writing", &marker, e))?;
        }
        directory::open_to_readers(folder);
        Self::reading(folder, index, fields)
    }

    fn reading(folder: &Path, index: tantivy::Index, fields: Fields) -> Result<Self> {
        index.tokenizers().register(tokens::ANALYZER, tokens::analyzer());
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self {
            folder: folder.to_owned(),
            index,
            reader,
            executor: executor()?,
            fields,
            forms: crate::query::Known::default(),
            changes: Arc::default(),
            wholes: Wholes::default(),
        })
    }

    /// The number of the last batch of SQLite that the index holds; `None` if it holds none.
    ///
    /// # Errors
    /// When the index's own record cannot be read.
    pub fn last_batch(&self) -> Result<Option<i64>> {
        let meta = self.index.load_metas()?;
        Ok(meta.payload.and_then(|payload| payload.parse().ok()))
    }

    /// How large it is.
    ///
    /// # Errors
    /// When the index's own record cannot be read.
    pub fn measure(&self) -> Result<IndexView> {
        let searcher = self.searcher();
        let deleted = searcher.segment_readers().iter().map(|part| u64::from(part.num_deleted_docs())).sum();
        Ok(IndexView {
            documents: searcher.num_docs(),
            deleted,
            segments: searcher.segment_readers().len() as u64,
            batch: self.last_batch()?.unwrap_or(0),
        })
    }

    /// Has its changes announced beside those of SQLite.
    pub fn announce(&mut self, changes: Arc<Changes>) {
        self.changes = changes;
    }

    /// A view of the last commit. Cheap; later commits do not change it.
    pub fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    /// What is known of all documents.
    pub(crate) fn wholes(&self) -> &Wholes {
        &self.wholes
    }

    /// Collects what answers `query`, the parts of the index at once where there is much to look through.
    ///
    /// # Errors
    /// The index's.
    pub fn collect<C: Collector>(
        &self,
        searcher: &Searcher,
        query: &dyn Query,
        collector: &C,
    ) -> tantivy::Result<C::Fruit> {
        let alone = Executor::single_thread();
        let executor = if searcher.num_docs() < FEW { &alone } else { &self.executor };
        Self::collect_on(executor, searcher, query, collector)
    }

    /// The same on these threads.
    pub(crate) fn collect_on<C: Collector>(
        executor: &Executor,
        searcher: &Searcher,
        query: &dyn Query,
        collector: &C,
    ) -> tantivy::Result<C::Fruit> {
        let scoring = if collector.requires_scoring() {
            EnableScoring::enabled_from_searcher(searcher)
        } else {
            EnableScoring::disabled_from_searcher(searcher)
        };
        searcher.search_with_executor(query, &blocks::InBlocks(collector), executor, scoring)
    }

    /// Makes the last commit visible to new searchers.
    ///
    /// # Errors
    /// When its files cannot be opened.
    pub fn reload(&self) -> Result<()> {
        let _change = self.changes.begin();
        Ok(self.reader.reload()?)
    }

    /// The one writer.
    ///
    /// # Errors
    /// When another writer lives, or no thread can be started.
    pub fn writer(&self, memory: usize, threads: usize) -> Result<IndexWriter> {
        // An index of its own, which reads otherwise than searches do.
        let index = tantivy::Index::open(directory::Windowed::open(&self.folder)?)?;
        index.tokenizers().register(tokens::ANALYZER, tokens::analyzer());
        IndexWriter::new(&index, self.folder.clone(), self.fields.clone(), memory, threads)
    }
}
