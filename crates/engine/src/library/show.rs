//! One item as its file has it, and what is attached to it.

use super::{Library, answers::guarded};
use crate::cache::{Facts, View, ViewKey};
use crate::error::{Error, Result};
use crate::export::eml::eml;
use crate::fields::TextField;
use crate::ids::ItemId;
use crate::ingest::MAX_ATTACHED;
use crate::query;
use crate::source::{Detail, OpenSource, Opening, SourceItem, Stop};
use crate::store::{ItemFacts, ItemRow};
use crate::text::marks::Highlights;
use std::fs::File;
use std::io::{BufWriter, Seek as _, Write as _};
use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

/// Source files kept open for showing items.
const MAX_OPEN_SOURCES: usize = 4;
/// Items that are made ready before they are asked for: those that lie behind the one that is shown, …
const AHEAD: usize = 2;
/// … unless they are larger than this, in bytes: nobody may ever ask.
const MAX_AHEAD: u64 = 1024 * 1024;

/// A file that is open for showing items.
pub(super) struct Opened {
    source: Arc<dyn OpenSource>,
    size: u64,
    modified: Option<std::time::SystemTime>,
    used: Instant,
}

/// So many of the messages embedded in an item are looked into for words of the query.
const MAX_MESSAGES: usize = 32;

/// An item with what its file adds to what the library keeps.
#[derive(Debug)]
pub struct Shown {
    /// What the library keeps.
    pub row: ItemRow,
    /// What it keeps beside the row.
    pub facts: ItemFacts,
    /// What the file gave, its HTML and the pictures within it aside; without it only the library's part can be shown.
    pub detail: Option<Detail>,
    /// Why the file gave nothing.
    pub away: Option<String>,
    /// HTML made safe and marked: a whole document.
    pub html: Option<String>,
    /// Remote pictures and the like that were taken out.
    pub remote_blocked: u32,
    /// What to mark in its subject.
    pub titles: Highlights,
    /// What to mark in its text.
    pub highlights: Highlights,
    /// The attachments whose own text has words of the query, as far as it is indexed; messages among them only where their file is
    /// there to tell them apart.
    pub matched: Vec<Vec<u32>>,
}

impl Library {
    /// An item, or the message embedded in it at `path`, with `query`'s words marked.
    ///
    /// # Errors
    /// [`Error::NoSuch`]; [`Error::SourceAway`] for an embedded message whose file cannot be read.
    pub fn show(&self, id: ItemId, path: &[u32], query: Option<&str>) -> Result<Shown> {
        let kept = self.cache.facts(id, || self.facts(id))?;
        self.present(Arc::unwrap_or_clone(kept), path, query, |row| self.view(row, path))
    }

    pub(super) fn facts(&self, id: ItemId) -> Result<Facts> {
        let store = &self.shared.store;
        Ok(Facts { row: store.item(id)?, facts: store.facts(id)? })
    }

    pub(super) fn present(
        &self,
        facts: Facts,
        path: &[u32],
        query: Option<&str>,
        view: impl FnOnce(&ItemRow) -> Result<Arc<View>, String>,
    ) -> Result<Shown> {
        let Facts { row, facts } = facts;
        let (titles, highlights, attached) = match query.map(query::parse) {
            Some(Ok(parsed)) => {
                let index = &self.shared.index;
                let widened = guarded(|| query::widen(index, &index.searcher(), &parsed))?;
                let open_end = query.and_then(|text| query::open_end(text, true));
                let of = |field| query::highlights(&parsed, &widened, Some(field), open_end);
                // What an embedded message says, its subject too, is found as text of the item that carries it.
                let title = if path.is_empty() { TextField::Subject } else { TextField::Body };
                (of(title), of(TextField::Body), of(TextField::Attached))
            }
            _ => Default::default(),
        };
        let mut matched = self.matched(&row, &attached)?;
        matched.extend(self.matched_messages(&row, &highlights)?);
        let (view, away) = match view(&row) {
            Ok(view) => (Some(view), None),
            Err(reason) if path.is_empty() => (None, Some(reason)),
            Err(reason) => return Err(Error::SourceAway { path: row.source_path, reason }),
        };
        let safe = view.as_ref().and_then(|view| view.html.as_ref());
        let html = safe.map(|safe| crate::view::document(&crate::view::mark_html(&safe.body, &highlights)));
        let remote_blocked = safe.map_or(0, |safe| safe.remote_blocked);
        let detail = view.map(|view| {
            // The HTML, which may be large, is not copied again.
            let (item, headers, properties) = match Arc::try_unwrap(view) {
                Ok(own) => (own.item, own.headers, own.properties),
                Err(kept) => (kept.item.clone(), kept.headers.clone(), kept.properties.clone()),
            };
            Detail { item, headers, properties, ..Detail::default() }
        });
        Ok(Shown { row, facts, detail, away, html, remote_blocked, titles, highlights, matched })
    }

    /// The attachments of an item whose text has something to mark.
    fn matched(&self, row: &ItemRow, highlights: &Highlights) -> Result<Vec<Vec<u32>>> {
        let mut matched = Vec::new();
        if !highlights.is_empty() && !row.attachments.is_empty() {
            self.shared.store.each_attached_text(row.hit.id, MAX_ATTACHED, |paths, text| {
                if highlights.is_in(text) {
                    matched.extend(paths);
                }
            })?;
        }
        Ok(matched)
    }

    /// The messages embedded in an item that have something to mark. What all of them say is stored together: their file tells which.
    fn matched_messages(&self, row: &ItemRow, highlights: &Highlights) -> Result<Vec<Vec<u32>>> {
        let mut embedded =
            row.attachments.iter().filter(|facts| facts.method == "message").take(MAX_MESSAGES).peekable();
        if highlights.is_empty()
            || embedded.peek().is_none()
            || !highlights.is_in(&self.shared.store.embedded_text(row.hit.id)?)
        {
            return Ok(Vec::new());
        }
        let says = |item: &SourceItem| {
            let mut words = String::new();
            item.details.iter().for_each(|line| line.words(&mut words));
            let people = item.from.iter().chain(item.recipients.iter().map(|(_, person)| person));
            highlights.is_in(&item.subject)
                || highlights.is_in(&item.text)
                || highlights.is_in(&words)
                || people.into_iter().any(|who| highlights.is_in(&format!("{} {}", who.name, who.address)))
        };
        let matches =
            |path: &Vec<u32>| self.view(row, path).is_ok_and(|view| view.item.as_ref().is_some_and(says));
        Ok(embedded.map(|facts| facts.path.clone()).filter(matches).collect())
    }

    /// What the file adds to an item, made ready to be shown; the reason where it cannot serve.
    fn view(&self, row: &ItemRow, path: &[u32]) -> Result<Arc<View>, String> {
        let key = view_key(row, path)?;
        if let Some(view) = self.cache.view(&key) {
            return Ok(view);
        }
        self.view_kept(key, row, path)
    }

    fn view_kept(&self, key: ViewKey, row: &ItemRow, path: &[u32]) -> Result<Arc<View>, String> {
        let view = Arc::new(self.view_anew(row, path)?);
        // What was odd now and not before may be the disk's doing, and gone the next time.
        let known = |odd: &String| row.anomalies.contains(odd);
        let well = view.item.as_ref().is_none_or(|item| item.anomalies.iter().all(known));
        if well {
            self.cache.keep_view(key, view.clone());
        }
        Ok(view)
    }

    pub(super) fn view_anew(&self, row: &ItemRow, path: &[u32]) -> Result<View, String> {
        let source = self.open_source(row)?;
        let Detail { item, html, headers, inline, properties } =
            source.reader(self.cache_per_reader).detail(row.key, row.version, path)?;
        let html = html.map(|html| crate::view::sanitize(&html, &inline));
        Ok(View { item, headers, properties, html })
    }

    /// Makes ready what is likely shown next: the items behind `id` on the page of results that was given last, unless they are large.
    /// Gives how many were made ready.
    pub fn prepare_next(&self, id: ItemId) -> usize {
        if self.cache.is_on() { self.prepare(self.cache.behind(id, AHEAD)) } else { 0 }
    }

    /// Makes ready the first item of the page of results that was given last, unless it is large. Gives how many were made ready.
    pub fn prepare_first(&self) -> usize {
        if self.cache.is_on() { self.prepare(self.cache.first(1)) } else { 0 }
    }

    fn prepare(&self, items: Vec<ItemId>) -> usize {
        let mut ready = 0;
        for next in items {
            let Ok(facts) = self.cache.prepare_facts(next, || self.facts(next)) else { continue };
            let row = &facts.row;
            if row.hit.size > MAX_AHEAD {
                continue;
            }
            // What cannot be read is told to whoever asks for it.
            let Ok(key) = view_key(row, &[]) else { continue };
            ready += usize::from(!self.cache.has_view(&key) && self.view_kept(key, row, &[]).is_ok());
        }
        ready
    }

    /// The item itself as its file has it now.
    pub fn live_item<'a>(&self, shown: &'a Shown) -> Option<&'a SourceItem> {
        shown.detail.as_ref().and_then(|detail| detail.item.as_ref())
    }

    /// Copies an attachment into the file `to`; gives its size. An embedded message becomes RFC 5322. A file that is there already is replaced only when all was written.
    ///
    /// # Errors
    /// [`Error::NoSuch`], [`Error::SourceAway`], [`Error::WouldOverwriteSource`], [`Error::NoSpace`], [`Error::Io`].
    pub fn save_attachment(&self, id: ItemId, path: &[u32], to: &Path) -> Result<u64> {
        let row = self.shared.store.item(id)?;
        let target = to.canonicalize().unwrap_or_else(|_| to.to_owned());
        if self.sources()?.iter().any(|source| source.path == target) {
            return Err(Error::WouldOverwriteSource { path: to.to_owned() });
        }
        let away = |reason| Error::SourceAway { path: row.source_path.clone(), reason };
        let source = self.open_source(&row).map_err(away)?;
        let folder = to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut name = to.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = folder.join(name);
        let file = File::create(&part).map_err(|e| Error::io("writing", &part, e))?;
        let mut out = Recorder { file, failed: None };
        let mut reader = source.reader(self.cache_per_reader);
        let is_message = row.attachments.iter().any(|facts| facts.path == path && facts.method == "message");
        let copied = if is_message {
            let mut lines = BufWriter::new(&mut out);
            let written = eml(reader.as_mut(), row.key, row.version, path, &mut lines)
                .and_then(|_| Ok(lines.flush()?))
                .map_err(|stop| stop.to_string());
            drop(lines);
            written.and_then(|()| out.file.stream_position().map_err(|error| error.to_string()))
        } else {
            reader.attachment(row.key, path, &mut out)
        };
        let result = match (copied, out.failed.take()) {
            (_, Some(cause)) => Err(Error::io("writing", to, cause)),
            (Err(reason), None) => Err(away(reason)),
            (Ok(bytes), None) => out.file.sync_all().map(|()| bytes).map_err(|e| Error::io("writing", to, e)),
        };
        let result = result.and_then(|bytes| {
            std::fs::rename(&part, to).map(|()| bytes).map_err(|e| Error::io("writing", to, e))
        });
        if result.is_err() {
            let _ = std::fs::remove_file(&part);
        }
        result
    }

    /// The item's file, opened or still open from last time; the reason where it cannot serve.
    pub(super) fn open_source(&self, row: &ItemRow) -> Result<Arc<dyn OpenSource>, String> {
        let (size, modified) = state_of(&row.source_path)?;
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = opened.get_mut(&row.source_id)
            && open.size == size
            && open.modified == modified
        {
            open.used = Instant::now();
            return Ok(open.source.clone());
        }
        let source: Arc<dyn OpenSource> = (self.shared.open)(&row.source_path, Opening::Items, Stop::never())
            .map_err(|problem| problem.to_string())?
            .into();
        if opened.len() >= MAX_OPEN_SOURCES
            && let Some(oldest) = opened.iter().min_by_key(|(_, open)| open.used).map(|(id, _)| *id)
        {
            opened.remove(&oldest);
        }
        opened.insert(row.source_id, Opened { source: source.clone(), size, modified, used: Instant::now() });
        Ok(source)
    }
}

fn view_key(row: &ItemRow, path: &[u32]) -> Result<ViewKey, String> {
    let (size, modified) = state_of(&row.source_path)?;
    Ok(ViewKey {
        source: row.source_id,
        source_path: row.source_path.clone(),
        size,
        modified,
        key: row.key,
        version: row.version,
        path: path.to_owned(),
    })
}

/// Size and time of a source file; why it cannot be told.
fn state_of(path: &Path) -> Result<(u64, Option<std::time::SystemTime>), String> {
    let facts = std::fs::metadata(path).map_err(|e| format!("The file is away: {e}."))?;
    Ok((facts.len(), facts.modified().ok()))
}

/// Remembers why writing failed, which the reader of a source can only tell in words.
struct Recorder {
    file: File,
    failed: Option<std::io::Error>,
}

impl std::io::Write for Recorder {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes).map_err(|error| {
            let told = std::io::Error::from(error.kind());
            self.failed = Some(error);
            told
        })
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}
