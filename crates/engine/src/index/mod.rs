//! The tantivy index: words and sort keys, derived from SQLite and rebuilt from it when need be. It stores no text.

mod writer;

pub use writer::{Document, IndexWriter};

use crate::error::{Error, Result};
use crate::fields::TextField;
use crate::text::tokens;
use std::path::Path;
use tantivy::directory::MmapDirectory;
use tantivy::schema::{
    Field, INDEXED, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{IndexReader, ReloadPolicy, Searcher};

/// Number of the schema. An index of another number is thrown away and rebuilt.
const SCHEMA: u32 = 1;

/// The fields of the schema.
#[derive(Debug, Clone)]
pub struct Fields {
    /// Id of the item.
    pub id: Field,
    /// Id of its source.
    pub source: Field,
    /// Ids of its folder and of all folders above it.
    pub folders: Field,
    /// Milliseconds since 1970 UTC.
    pub date: Field,
    /// Bytes.
    pub size: Field,
    /// [`crate::source::ItemKind`].
    pub kind: Field,
    /// 1 or 0.
    pub has_attachment: Field,
    text: Vec<Field>,
}

impl Fields {
    /// The field of the index for a text field.
    pub fn text(&self, field: TextField) -> Field {
        self.text[TextField::ALL.iter().position(|(f, ..)| *f == field).unwrap_or_default()]
    }
}

/// Names of fast fields, for sorting.
pub const FAST_ID: &str = "id";
/// See [`FAST_ID`].
pub const FAST_DATE: &str = "date";
/// See [`FAST_ID`].
pub const FAST_SIZE: &str = "size";

fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let number = NumericOptions::default() | INDEXED;
    let id = builder.add_u64_field(FAST_ID, number.clone().set_fast());
    let source = builder.add_u64_field("source", number.clone());
    let folders = builder.add_u64_field("folders", number.clone());
    let date = builder.add_i64_field(FAST_DATE, number.clone().set_fast());
    let size = builder.add_u64_field(FAST_SIZE, number.clone().set_fast());
    let kind = builder.add_u64_field("kind", number.clone().set_fast());
    let has_attachment = builder.add_u64_field("has_attachment", number);
    let words = TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(tokens::ANALYZER)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions),
    );
    let text =
        TextField::ALL.iter().map(|(_, name, _)| builder.add_text_field(name, words.clone())).collect();
    let fields = Fields { id, source, folders, date, size, kind, has_attachment, text };
    (builder.build(), fields)
}

/// An index that is open.
pub struct Index {
    index: tantivy::Index,
    reader: IndexReader,
    /// Its fields.
    pub fields: Fields,
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

    fn try_open(folder: &Path) -> Result<Self> {
        let (schema, fields) = schema();
        let marker = folder.join(format!("schema-{SCHEMA}"));
        let directory = MmapDirectory::open(folder).map_err(tantivy::TantivyError::from)?;
        let fresh = !tantivy::Index::exists(&directory).map_err(tantivy::TantivyError::from)?;
        if !fresh && !marker.exists() {
            return Err(Error::Internal("the index is of another version".into()));
        }
        let index = tantivy::Index::open_or_create(directory, schema)?;
        if fresh {
            std::fs::write(&marker, []).map_err(|e| Error::io("writing", &marker, e))?;
        }
        index.tokenizers().register(tokens::ANALYZER, tokens::analyzer());
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { index, reader, fields })
    }

    /// The number of the last batch of SQLite that the index holds; `None` if it holds none.
    ///
    /// # Errors
    /// When the index's own record cannot be read.
    pub fn last_batch(&self) -> Result<Option<i64>> {
        let meta = self.index.load_metas()?;
        Ok(meta.payload.and_then(|payload| payload.parse().ok()))
    }

    /// A view of the last commit. Cheap; later commits do not change it.
    pub fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    /// Makes the last commit visible to new searchers.
    ///
    /// # Errors
    /// When its files cannot be opened.
    pub fn reload(&self) -> Result<()> {
        Ok(self.reader.reload()?)
    }

    /// The one writer.
    ///
    /// # Errors
    /// When another writer lives, or no thread can be started.
    pub fn writer(&self, memory: usize, threads: usize) -> Result<IndexWriter> {
        IndexWriter::new(&self.index, self.fields.clone(), memory, threads)
    }
}
