//! Items as a table of columns with types (Apache Parquet), from what the library keeps: the files need not be at hand.
//!
//! Rows are gathered up to a bound and written as a group, so that the whole is never in memory. The columns hold what the lines of
//! JSON hold ([`super::table`]); recipients, attachments and tags are lists.

use super::table::{direct, kind, mih, people};
use crate::source::Role;
use crate::store::ItemRow;
use parquet::basic::{Compression, Type, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnDescriptor;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

/// Rows of a group, at most …
const GROUP_ROWS: usize = 64 * 1024;
/// … and about so many bytes; the last row may exceed them.
const GROUP_BYTES: usize = 32 * 1024 * 1024;

/// The columns. A list is a group as the format's own rules for lists want it.
const SCHEMA: &str = "message item {
  required int64 id;
  optional int64 date (TIMESTAMP(MILLIS,true));
  required binary kind (STRING);
  required binary class (STRING);
  required binary from_name (STRING);
  required binary from_address (STRING);
  required group to (LIST) { repeated group list { required group element {
    required binary name (STRING); required binary address (STRING); } } }
  required group cc (LIST) { repeated group list { required group element {
    required binary name (STRING); required binary address (STRING); } } }
  required group bcc (LIST) { repeated group list { required group element {
    required binary name (STRING); required binary address (STRING); } } }
  required binary subject (STRING);
  required binary folder (STRING);
  required binary source (STRING);
  required int64 size;
  required group attachments (LIST) { repeated group list { required group element {
    required binary name (STRING); required int64 size; required binary mime_type (STRING);
    required binary method (STRING); required boolean inline; } } }
  optional binary message_id (STRING);
  required boolean recovered;
  required boolean gone;
  optional binary mih (STRING);
  required boolean marked;
  required boolean reviewed;
  required group tags (LIST) { repeated group list { required binary element (STRING); } }
  optional binary note (STRING);
  required binary text (STRING);
}";

/// A table that is being written.
pub struct ParquetExport {
    writer: SerializedFileWriter<BufWriter<File>>,
    columns: Vec<Column>,
    rows: usize,
    bytes: usize,
}

/// What is gathered of a column.
struct Column {
    values: Values,
    /// Whether each place has a value (definition level); of columns that may lack one.
    there: Option<Vec<i16>>,
    /// Whether each place goes on with the list before it (repetition level); of lists.
    goes_on: Option<Vec<i16>>,
}

/// The values of a column.
enum Values {
    Number(Vec<i64>),
    Flag(Vec<bool>),
    Text(Vec<ByteArray>),
}

/// A value of a row.
enum Value<'a> {
    Number(i64),
    Flag(bool),
    Text(&'a str),
}

/// What a row has in a column.
enum Cell<'a> {
    /// A value.
    One(Value<'a>),
    /// A value, or none.
    Some(Option<Value<'a>>),
    /// A list of values.
    List(Vec<Value<'a>>),
}

impl ParquetExport {
    /// Begins the table at `path`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = BufWriter::new(File::create(path)?);
        let schema = parse_message_type(SCHEMA).map_err(failed)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            // Readers look for a name and a version in just this form.
            .set_created_by(concat!("mailscope version ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let writer =
            SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties)).map_err(failed)?;
        Ok(Self { writer, columns: Vec::new(), rows: 0, bytes: 0 })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(&mut self, row: &ItemRow) -> io::Result<()> {
        if self.columns.is_empty() {
            let described = self.writer.schema_descr().columns();
            self.columns =
                described.iter().map(|one| Column::of(one)).collect::<Result<_>>().map_err(failed)?;
        }
        let mih = mih(row);
        let cells = cells(row, &mih);
        if cells.len() != self.columns.len() {
            return Err(failed(other_form()));
        }
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            self.bytes += column.push(cell).map_err(failed)?;
        }
        self.rows += 1;
        if self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES {
            self.group().map_err(failed)?;
        }
        Ok(())
    }

    /// Writes what was gathered.
    fn group(&mut self) -> Result<()> {
        let columns = std::mem::take(&mut self.columns);
        (self.rows, self.bytes) = (0, 0);
        if columns.is_empty() {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        for column in columns {
            let mut out = group.next_column()?.ok_or_else(other_form)?;
            column.write(out.untyped())?;
            out.close()?;
        }
        group.close()?;
        Ok(())
    }

    /// Completes the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> io::Result<()> {
        self.group().map_err(failed)?;
        let mut out = self.writer.into_inner().map_err(failed)?;
        out.flush()?;
        out.get_ref().sync_all()
    }
}

/// What failed below is told as it was: that a disk is full is worth knowing.
fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(cause) => match cause.downcast::<io::Error>() {
            Ok(cause) => *cause,
            Err(cause) => io::Error::other(cause),
        },
        other => io::Error::other(other),
    }
}

/// The cells of a row, in the order of the columns.
fn cells<'a>(row: &'a ItemRow, mih: &'a str) -> Vec<Cell<'a>> {
    let hit = &row.hit;
    let text = |text: &'a str| Cell::One(Value::Text(text));
    let some = |text: &'a str| Cell::Some(Some(text).filter(|text| !text.is_empty()).map(Value::Text));
    let flag = |flag| Cell::One(Value::Flag(flag));
    let number = |number: u64| Value::Number(i64::try_from(number).unwrap_or(i64::MAX));
    let mut cells = vec![
        Cell::One(Value::Number(hit.id.0)),
        Cell::Some(hit.date.map(Value::Number)),
        text(kind(hit.kind)),
        text(&row.class),
        text(&hit.from.name),
        text(&hit.from.address),
    ];
    for role in [Role::To, Role::Cc, Role::Bcc] {
        cells.push(Cell::List(people(row, role).map(|person| Value::Text(&person.name)).collect()));
        cells.push(Cell::List(people(row, role).map(|person| Value::Text(&person.address)).collect()));
    }
    cells.extend([text(&hit.subject), text(&hit.folder), text(&hit.source), Cell::One(number(hit.size))]);
    cells.extend([
        Cell::List(direct(row).map(|facts| Value::Text(&facts.name)).collect()),
        Cell::List(direct(row).map(|facts| number(facts.size)).collect()),
        Cell::List(direct(row).map(|facts| Value::Text(&facts.mime_type)).collect()),
        Cell::List(direct(row).map(|facts| Value::Text(facts.method)).collect()),
        Cell::List(direct(row).map(|facts| Value::Flag(facts.inline)).collect()),
    ]);
    cells.extend([
        some(&row.message_id),
        flag(hit.recovered),
        flag(hit.gone),
        some(mih),
        flag(hit.review.flagged),
        flag(hit.review.reviewed),
        Cell::List(hit.review.tags.iter().map(|tag| Value::Text(tag)).collect()),
        some(&hit.review.note),
        text(&hit.text),
    ]);
    cells
}

impl Column {
    /// An empty column for what the schema says of it.
    fn of(described: &ColumnDescriptor) -> Result<Self> {
        let values = match described.physical_type() {
            Type::INT64 => Values::Number(Vec::new()),
            Type::BOOLEAN => Values::Flag(Vec::new()),
            Type::BYTE_ARRAY => Values::Text(Vec::new()),
            other => return Err(ParquetError::General(format!("no cell is of type {other}"))),
        };
        Ok(Self {
            values,
            there: (described.max_def_level() > 0).then(Vec::new),
            goes_on: (described.max_rep_level() > 0).then(Vec::new),
        })
    }

    /// Adds a cell; gives about how many bytes it takes.
    fn push(&mut self, cell: Cell<'_>) -> Result<usize> {
        match (cell, &mut self.there, &mut self.goes_on) {
            (Cell::One(value), None, None) => self.values.push(value),
            (Cell::Some(value), Some(there), None) => {
                there.push(i16::from(value.is_some()));
                value.map_or(Ok(2), |value| self.values.push(value))
            }
            (Cell::List(values), Some(there), Some(goes_on)) => {
                if values.is_empty() {
                    there.push(0);
                    goes_on.push(0);
                }
                let mut bytes = 4;
                for (at, value) in values.into_iter().enumerate() {
                    there.push(1);
                    goes_on.push(i16::from(at > 0));
                    bytes += 4 + self.values.push(value)?;
                }
                Ok(bytes)
            }
            _ => Err(other_form()),
        }
    }

    fn write(&self, out: &mut ColumnWriter<'_>) -> Result<()> {
        let (there, goes_on) = (self.there.as_deref(), self.goes_on.as_deref());
        match (&self.values, out) {
            (Values::Number(values), ColumnWriter::Int64ColumnWriter(out)) => {
                out.write_batch(values, there, goes_on)
            }
            (Values::Flag(values), ColumnWriter::BoolColumnWriter(out)) => {
                out.write_batch(values, there, goes_on)
            }
            (Values::Text(values), ColumnWriter::ByteArrayColumnWriter(out)) => {
                out.write_batch(values, there, goes_on)
            }
            _ => return Err(other_form()),
        }?;
        Ok(())
    }
}

impl Values {
    /// Adds a value of the column's own type; gives about how many bytes it takes.
    fn push(&mut self, value: Value<'_>) -> Result<usize> {
        match (self, value) {
            (Self::Number(values), Value::Number(number)) => values.push(number),
            (Self::Flag(values), Value::Flag(flag)) => values.push(flag),
            (Self::Text(values), Value::Text(text)) => {
                values.push(text.into());
                return Ok(size_of::<ByteArray>() + text.len());
            }
            _ => return Err(other_form()),
        }
        Ok(8)
    }
}

/// A fault of this module: the cells of a row and the columns of the schema differ.
fn other_form() -> ParquetError {
    ParquetError::General("a cell of another form than its column".into())
}
