//! Where items go: a form's way of laying them down.

use super::encode::{Digesting, MboxQuoting, asctime};
use super::manifest::{Entry, Manifest, Written};
use super::parquet::ParquetExport;
use super::{Format, eml, names, table};
use crate::error::{Error, Result};
use crate::source::pst::{PstExport, SEPARATOR};
use crate::source::{ItemReader, SourceItem};
use crate::store::ItemRow;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Name of an exported data file.
pub const PST_NAME: &str = "Mailscope export.pst";
/// Name of an exported table of columns.
pub const PARQUET_NAME: &str = "items.parquet";
/// Name of an exported table.
pub const CSV_NAME: &str = "items.csv";
/// Name of the lines of an export.
pub const JSONL_NAME: &str = "items.jsonl";
/// Behind the name of a file until it is whole.
const PART: &str = ".part";
/// Name of the file within the folder of an mbox.
const MBOX_EXTENSION: &str = ".mbox";

/// What was written of an item.
#[derive(Debug, Default)]
pub struct Done {
    /// Its files.
    pub files: Vec<Written>,
    /// What is missing, in sentences.
    pub losses: Vec<String>,
    /// Whether nothing at all of it was written.
    pub nothing: bool,
}

/// The destination of an export.
pub struct Sink {
    to: PathBuf,
    format: Format,
    /// How much of each shared file is there and vouched for by the manifest.
    ends: HashMap<String, u64>,
    shared: Option<Shared>,
    pst: Option<Box<PstOut>>,
    parquet: Option<Box<ParquetOut>>,
}

/// A file that many items share, open at its end.
struct Shared {
    name: String,
    path: PathBuf,
    out: BufWriter<File>,
    at: u64,
}

struct ParquetOut {
    file: ParquetExport,
    part: PathBuf,
    path: PathBuf,
}

struct PstOut {
    file: PstExport,
    part: PathBuf,
    path: PathBuf,
    /// Whether each source has a folder of its own.
    several: bool,
}

impl Sink {
    /// A destination below `to`; with `several` sources a data file has a folder for each.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(format: Format, to: &Path, several: bool, manifest: &mut Manifest) -> Result<Self> {
        if format.is_appended() {
            // Of what the manifest names, that counts which is there: a file may have been cut or taken away since.
            let mut there: HashMap<String, u64> = HashMap::new();
            for name in manifest.ends().into_keys() {
                let length = std::fs::metadata(appended(to, format, &name)).map_or(0, |facts| facts.len());
                there.insert(name, length);
            }
            manifest.retain(|entry| {
                entry.files.iter().all(|written| {
                    there.get(&written.file).is_some_and(|length| *length >= written.offset + written.bytes)
                })
            })?;
        }
        let pst = if format == Format::Pst {
            let path = to.join(PST_NAME);
            let part = to.join(format!("{PST_NAME}{PART}"));
            let key =
                *blake3::hash(format!("{:?} {}", std::time::SystemTime::now(), to.display()).as_bytes())
                    .as_bytes();
            let mut record_key = [0; 16];
            record_key.copy_from_slice(&key[..16]);
            let file = PstExport::create(&part, record_key).map_err(|e| Error::io("writing", &part, e))?;
            Some(Box::new(PstOut { file, part, path, several }))
        } else {
            None
        };
        let parquet = if format == Format::Parquet {
            let path = to.join(PARQUET_NAME);
            let part = to.join(format!("{PARQUET_NAME}{PART}"));
            let file = ParquetExport::create(&part).map_err(|e| Error::io("writing", &part, e))?;
            Some(Box::new(ParquetOut { file, part, path }))
        } else {
            None
        };
        Ok(Self { to: to.to_owned(), format, ends: manifest.ends(), shared: None, pst, parquet })
    }

    /// Whether items are read from their sources.
    pub fn needs_source(&self) -> bool {
        !self.format.is_table()
    }

    /// Whether what an earlier run recorded of an item still lies there, whole.
    pub fn holds(&self, entry: &Entry) -> bool {
        if self.format.is_appended() {
            // What is not there was forgotten at the beginning.
            return true;
        }
        entry.losses.is_empty()
            && entry.files.iter().all(|written| {
                let size = std::fs::metadata(self.to.join(&written.file)).map_or(0, |facts| facts.len());
                size == written.bytes
            })
    }

    /// Writes an item of the folder `folder` (relative to the export), to which `path` leads in its source.
    ///
    /// # Errors
    /// When the destination fails. What cannot be read is among the losses.
    pub fn write(&mut self, item: &ItemRow, folder: &str, path: &str, reader: Reader<'_>) -> Result<Done> {
        match self.format {
            Format::Eml => self.eml(item, folder, reader),
            Format::Mbox => self.mbox(item, folder, reader),
            Format::Csv => self.line(CSV_NAME, &table::csv(item)),
            Format::Jsonl => {
                let line = table::json(item).map_err(|e| Error::Internal(e.to_string()))?;
                self.line(JSONL_NAME, &line)
            }
            Format::Parquet => self.parquet(item),
            Format::Pst => self.pst(item, path, reader),
            Format::Attachments => self.attachments(item, folder, reader),
        }
    }

    fn eml(&mut self, item: &ItemRow, folder: &str, reader: Reader<'_>) -> Result<Done> {
        let name = format!("{}.eml", names::item(&item.hit.subject, item.hit.date, item.hit.id.0));
        let mut file = self.begin(folder, &name)?;
        let losses = message(item, reader, &mut file.out);
        let (written, losses) = file.end(losses)?;
        Ok(Done { files: vec![written], losses, nothing: false })
    }

    /// The attachments of an item, in a folder of its own.
    fn attachments(&mut self, item: &ItemRow, folder: &str, reader: Reader<'_>) -> Result<Done> {
        let mut done = Done::default();
        let reader = match reader {
            Ok(reader) => reader,
            Err(reason) => {
                done.losses.push(reason);
                done.nothing = true;
                return Ok(done);
            }
        };
        let own = names::item(&item.hit.subject, item.hit.date, item.hit.id.0);
        let own = if folder.is_empty() { own } else { format!("{folder}/{own}") };
        let mut taken = HashSet::new();
        for facts in
            item.attachments.iter().filter(|facts| facts.path.len() == 1 && facts.method != "reference")
        {
            let extension = if facts.method == "message" { ".eml" } else { "" };
            let name = names::attachment(&format!("{}{extension}", facts.name), &mut taken);
            let mut file = self.begin(&own, &name)?;
            let copied = if facts.method == "message" {
                match eml::eml(reader, item.key, item.version, &facts.path, &mut file.out) {
                    Ok(losses) => Ok(losses),
                    Err(eml::Stop::Unreadable(reason)) => Err(reason),
                    Err(eml::Stop::Output(error)) => return Err(Error::io("writing", &file.path, error)),
                }
            } else {
                reader.attachment(item.key, &facts.path, &mut file.out).map(|_| Vec::new())
            };
            match copied {
                Ok(losses) => {
                    let (written, losses) = file.end(Ok(losses))?;
                    done.files.push(written);
                    done.losses.extend(losses);
                }
                Err(reason) => {
                    file.drop_or_fail()?;
                    done.losses.push(format!("\"{}\" could not be read: {reason}", facts.name));
                }
            }
        }
        done.nothing = done.files.is_empty() && !done.losses.is_empty();
        Ok(done)
    }

    fn mbox(&mut self, item: &ItemRow, folder: &str, reader: Reader<'_>) -> Result<Done> {
        let name = mbox(folder);
        let file = self.open_shared(&name, b"")?;
        let sender: String = item.hit.from.address.chars().filter(char::is_ascii_graphic).take(200).collect();
        let sender = if sender.contains('@') { sender.as_str() } else { "MAILER-DAEMON" };
        let mut out = Digesting::new(&mut file.out);
        let written =
            writeln!(out, "From {sender} {}", asctime(item.hit.date.unwrap_or_default())).and_then(|()| {
                let mut quoting = MboxQuoting::new(&mut out);
                let losses = message(item, reader, &mut quoting)?;
                quoting.finish()?;
                Ok(losses)
            });
        let failed = out.failed.take();
        let (_, digests) = out.finish();
        let path = file.path.clone();
        let failure = |e| Error::io("writing", &path, e);
        if let Some(error) = failed {
            return Err(failure(error));
        }
        let losses = written.map_err(failure)?;
        Ok(file.done(digests, losses))
    }

    fn line(&mut self, name: &str, line: &str) -> Result<Done> {
        let head = if self.format == Format::Csv { table::COLUMNS } else { "" };
        let file = self.open_shared(name, head.as_bytes())?;
        let path = file.path.clone();
        let mut out = Digesting::new(&mut file.out);
        out.write_all(line.as_bytes()).map_err(|e| Error::io("writing", &path, e))?;
        let (_, digests) = out.finish();
        Ok(file.done(digests, Vec::new()))
    }

    fn parquet(&mut self, item: &ItemRow) -> Result<Done> {
        let Some(out) = &mut self.parquet else { return Err(Error::Internal("no table is open".into())) };
        out.file.add(item).map_err(|e| Error::io("writing", &out.part, e))?;
        Ok(Done::default())
    }

    fn pst(&mut self, item: &ItemRow, path: &str, reader: Reader<'_>) -> Result<Done> {
        let Some(pst) = &mut self.pst else { return Err(Error::Internal("no data file is open".into())) };
        let folder = pst.folder(&item.hit.source, path);
        let failure = |e| Error::io("writing", &pst.part, e);
        let read = match reader {
            Ok(reader) => pst.file.add(&folder, reader, item.key, item.version).map_err(failure)?,
            Err(reason) => Err(reason),
        };
        let losses = match read {
            Ok(losses) => losses,
            Err(reason) => {
                pst.file.add_stored(&folder, &stored_item(item)).map_err(failure)?;
                vec![only_stored(&reason)]
            }
        };
        Ok(Done { files: Vec::new(), losses, nothing: false })
    }

    /// A file of its own, written beside its place until it is whole.
    fn begin(&self, folder: &str, name: &str) -> Result<OwnFile> {
        let place = self.to.join(folder);
        std::fs::create_dir_all(&place).map_err(|e| Error::io("making", &place, e))?;
        let part = place.join(".mailscope-part");
        let file = File::create(&part).map_err(|e| Error::io("writing", &part, e))?;
        let name = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        Ok(OwnFile { out: Digesting::new(BufWriter::new(file)), part, path: self.to.join(&name), name })
    }

    /// The shared file `name`, open behind what the manifest vouches for; a new one begins with `head`.
    fn open_shared(&mut self, name: &str, head: &[u8]) -> Result<&mut Shared> {
        if self.shared.as_ref().is_none_or(|shared| shared.name != name) {
            self.flush()?;
            let path = appended(&self.to, self.format, name);
            let failed = |e| Error::io("writing", &path, e);
            let mut at = self.ends.get(name).copied().unwrap_or_default();
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent).map_err(failed)?;
            }
            let mut file =
                File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
            // What lies behind the last item that is recorded was broken off.
            file.set_len(at).map_err(failed)?;
            file.seek(SeekFrom::Start(at)).map_err(failed)?;
            if at == 0 {
                file.write_all(head).map_err(failed)?;
                at = head.len() as u64;
            }
            self.shared = Some(Shared { name: name.to_owned(), path, out: BufWriter::new(file), at });
        }
        self.shared.as_mut().ok_or_else(|| Error::Internal("no file is open".into()))
    }

    /// Brings to disk what was written, so that the manifest may name it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn flush(&mut self) -> Result<()> {
        match &mut self.shared {
            Some(shared) => {
                self.ends.insert(shared.name.clone(), shared.at);
                shared.out.flush().map_err(|e| Error::io("writing", &shared.path, e))
            }
            None => Ok(()),
        }
    }

    /// Completes what is open; gives the files that are whole only now.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<Vec<Written>> {
        // An answer of nothing is a table without rows, not nothing.
        match self.format {
            Format::Csv => {
                self.open_shared(CSV_NAME, table::COLUMNS.as_bytes())?;
            }
            Format::Jsonl => {
                self.open_shared(JSONL_NAME, b"")?;
            }
            _ => {}
        }
        self.flush()?;
        let (name, part, path, finished) = match (self.pst.take(), self.parquet.take(), self.format.whole()) {
            (Some(pst), ..) => (PST_NAME, pst.part, pst.path, pst.file.finish()),
            (None, Some(table), _) => (PARQUET_NAME, table.part, table.path, table.file.finish()),
            (None, None, Some(name)) => {
                self.shared = None;
                (name, appended(&self.to, self.format, name), self.to.join(name), Ok(()))
            }
            (None, None, None) => return Ok(Vec::new()),
        };
        let failed = |e| Error::io("writing", &part, e);
        finished.map_err(failed)?;
        let mut digesting = Digesting::new(io::sink());
        io::copy(&mut File::open(&part).map_err(failed)?, &mut digesting).map_err(failed)?;
        std::fs::rename(&part, &path).map_err(failed)?;
        let (_, digests) = digesting.finish();
        Ok(vec![Written::new(name.to_owned(), 0, digests)])
    }

    /// Leaves things as they are when the export ends early; says whether that undid what was written.
    pub fn give_up(&mut self) -> bool {
        // What was written to a shared file counts; that it is on disk is the best that can be tried.
        let _ = self.flush();
        let part = match (self.pst.take(), self.parquet.take()) {
            (Some(pst), _) => pst.part,
            (None, Some(table)) => table.part,
            (None, None) => return false,
        };
        // Closed by now, whatever else was of it.
        let _ = std::fs::remove_file(part);
        true
    }
}

/// The mailbox of a folder.
pub fn mbox(folder: &str) -> String {
    format!("{folder}{MBOX_EXTENSION}")
}

/// Where a file that is added to lies: a table under a name of its own until it is whole.
pub fn appended(to: &Path, format: Format, name: &str) -> PathBuf {
    to.join(if format.is_table() { format!("{name}{PART}") } else { name.to_owned() })
}

type Reader<'r> = Result<&'r mut (dyn ItemReader + 'r), String>;

/// A file of one item, under a name of its own until it is whole.
struct OwnFile {
    out: Digesting<BufWriter<File>>,
    part: PathBuf,
    path: PathBuf,
    name: String,
}

impl OwnFile {
    fn end(mut self, losses: io::Result<Vec<String>>) -> Result<(Written, Vec<String>)> {
        let failed = self.out.failed.take();
        let (out, digests) = self.out.finish();
        let result = match failed {
            Some(error) => Err(error),
            None => losses,
        };
        let result = result.and_then(|losses| {
            out.into_inner().map_err(io::IntoInnerError::into_error)?;
            std::fs::rename(&self.part, &self.path)?;
            Ok(losses)
        });
        match result {
            Ok(losses) => Ok((Written::new(self.name, 0, digests), losses)),
            Err(error) => {
                let _ = std::fs::remove_file(&self.part);
                Err(Error::io("writing", &self.path, error))
            }
        }
    }

    /// Leaves nothing of it; fails if it was the destination that failed.
    fn drop_or_fail(mut self) -> Result<()> {
        let failed = self.out.failed.take();
        drop(self.out);
        let _ = std::fs::remove_file(&self.part);
        match failed {
            Some(error) => Err(Error::io("writing", &self.path, error)),
            None => Ok(()),
        }
    }
}

impl Shared {
    fn done(&mut self, digests: super::encode::Digests, losses: Vec<String>) -> Done {
        let written = Written::new(self.name.clone(), self.at, digests);
        self.at += written.bytes;
        Done { files: vec![written], losses, nothing: false }
    }
}

impl PstOut {
    /// The folder of an item, below the top of the new file. The top of the old one is not repeated.
    fn folder(&self, source: &str, path: &str) -> String {
        let parts: Vec<String> =
            path.split(SEPARATOR).filter(|part| !part.trim().is_empty()).map(str::to_owned).collect();
        let below = match parts.split_first() {
            Some((top, below)) if is_top(top) => below,
            _ => parts.as_slice(),
        };
        let root = self.several.then(|| source.to_owned());
        root.iter().chain(below).cloned().collect::<Vec<_>>().join(&SEPARATOR.to_string())
    }
}

/// Names of the folder that holds all that a person sees.
fn is_top(name: &str) -> bool {
    let name = name.to_lowercase();
    name.starts_with("top of ") || matches!(name.as_str(), "ipm_subtree" | "root - mailbox" | "root - public")
}

/// Writes an item as a message; where its file is away, what the library keeps of it.
fn message(item: &ItemRow, reader: Reader<'_>, out: &mut dyn Write) -> io::Result<Vec<String>> {
    let reason = match reader {
        Ok(reader) => match eml::eml(reader, item.key, item.version, &[], out) {
            Ok(losses) => return Ok(losses),
            Err(eml::Stop::Output(error)) => return Err(error),
            Err(eml::Stop::Unreadable(reason)) => reason,
        },
        Err(reason) => reason,
    };
    let says = only_stored(&reason);
    eml::stored(&stored_item(item), item.key, &says, out)?;
    Ok(vec![says])
}

fn only_stored(reason: &str) -> String {
    format!("Only what the library keeps of it was written, without HTML and attachments: {reason}")
}

/// What the library keeps, as an item.
fn stored_item(row: &ItemRow) -> SourceItem {
    SourceItem {
        kind: row.hit.kind,
        class: row.class.clone(),
        subject: row.hit.subject.clone(),
        from: Some(row.hit.from.clone()).filter(|from| !from.display().is_empty()),
        recipients: row.recipients.iter().map(|r| (r.role, r.person.clone())).collect(),
        date: row.hit.date,
        size: row.hit.size,
        message_id: row.message_id.clone(),
        mail: crate::source::MailFacts::default(),
        details: Vec::new(),
        text: row.hit.text.clone(),
        embedded_text: String::new(),
        attachments: Vec::new(),
        partial: false,
        damaged: false,
        anomalies: Vec::new(),
    }
}
