//! One walk over what waits.

use super::StageShared;
use super::spool::{Refused, Spool};
use crate::error::{Result, SourceProblem};
use crate::ids::{ItemId, SourceId};
use crate::ingest::{Importer, Shared, on_writer};
use crate::source::{self, Glance, ItemReader, OpenSource, Opening, Stop};
use crate::store::{NewText, TextOutcome, WaitingRow};
use crate::text::compress::compress;
use mailscope_extract::process::{Extractor, Trouble};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Attachments that are asked for at once.
const CHUNK: u32 = 256;
/// What was read is committed when it takes so many bytes …
const MAX_PENDING_BYTES: usize = 8 << 20;
/// … or is so many attachments …
const MAX_PENDING: usize = 500;
/// … or is this old: until then a crash has it read again.
const MAX_PENDING_TIME: Duration = Duration::from_secs(2);

/// How long the first walk waits.
const START: Duration = Duration::from_secs(3);

/// What the thread of the stage holds.
pub struct Worker {
    pub library: Arc<Shared>,
    pub importer: Arc<Importer>,
    pub stage: Arc<StageShared>,
    pub extractor: Extractor,
    pub cache_bytes: usize,
    /// The source that was read last, until the walk ends.
    pub open: Option<(SourceId, Box<dyn OpenSource>)>,
}

/// How a walk ended.
enum End {
    /// Everything was looked at that can be.
    Done,
    /// An import began: it comes first.
    Yielded,
    /// The stage ends.
    Stopped,
}

/// What was read and is not yet committed.
struct Pending {
    texts: Vec<NewText>,
    hashes: HashSet<[u8; 32]>,
    bytes: usize,
    since: Instant,
}

impl Pending {
    fn new() -> Self {
        Self { texts: Vec::new(), hashes: HashSet::new(), bytes: 0, since: Instant::now() }
    }

    fn is_due(&self) -> bool {
        self.bytes >= MAX_PENDING_BYTES
            || self.texts.len() >= MAX_PENDING
            || self.since.elapsed() >= MAX_PENDING_TIME
    }
}

impl Worker {
    /// Works until the library closes.
    pub fn run(mut self) {
        let _over = Over(self.stage.clone());
        let mut seen = None;
        if let Err(error) = on_writer(&self.library, |writer| writer.retry_outdated_texts()) {
            tracing::warn!(%error, "what earlier versions did not read is not tried again");
        }
        // What was left over from before can wait until whoever opened the library has seen what is in it.
        self.stage.rest(START);
        while let Some(ends) = self.importer.wait_quiet(seen) {
            if self.stage.is_stopped() {
                return;
            }
            seen = Some(ends);
            self.stage.change(|state| (state.working, state.problem) = (true, None));
            let end = self.walk();
            // Between walks nobody needs the child.
            self.extractor.rest();
            let problem = end.as_ref().err().map(|error| {
                tracing::warn!(%error, "attachments are not read");
                error.to_string()
            });
            let stopped = matches!(end, Ok(End::Stopped));
            // What an import interrupted goes on when all is quiet again, be it that somebody has the import wait.
            if matches!(end, Ok(End::Yielded)) {
                seen = None;
            }
            self.stage.change(|state| {
                (state.working, state.current) = (false, None);
                state.problem = problem;
                if !matches!(end, Ok(End::Yielded)) {
                    state.done = Some(ends);
                }
            });
            if stopped {
                return;
            }
        }
    }

    /// Looks at everything that waits, in the order in which it was imported, which is that of the files.
    fn walk(&mut self) -> Result<End> {
        let mut after = (ItemId(0), -1);
        let mut away: Vec<i64> = Vec::new();
        let mut pending = Pending::new();
        let end = loop {
            let chunk = self.library.store.waiting(after, &away, CHUNK)?;
            let Some(last) = chunk.last() else { break End::Done };
            after = (last.item, last.ordinal);
            if let Some(end) = self.look_at(&chunk, &mut away, &mut pending)? {
                break end;
            }
        };
        self.open = None;
        self.commit(&mut pending)?;
        if matches!(end, End::Done) {
            on_writer(&self.library, |writer| writer.forget_unused_texts())?;
        }
        Ok(end)
    }

    /// Looks at a chunk, source by source, so that each is opened once for it.
    fn look_at(
        &mut self,
        chunk: &[WaitingRow],
        away: &mut Vec<i64>,
        pending: &mut Pending,
    ) -> Result<Option<End>> {
        let mut sources: Vec<SourceId> = Vec::new();
        for row in chunk {
            if !sources.contains(&row.source) {
                sources.push(row.source);
            }
        }
        for id in sources {
            let rows = || chunk.iter().filter(|row| row.source == id);
            let Some(first) = rows().next() else { continue };
            let opened = match self.opened(first) {
                Ok(opened) => opened,
                Err(problem) => {
                    tracing::info!(%problem, source = id.0, "its attachments wait");
                    away.push(id.0);
                    continue;
                }
            };
            let mut reader = opened.reader(self.cache_bytes);
            for row in rows() {
                if self.stage.is_stopped() {
                    return Ok(Some(End::Stopped));
                }
                if self.importer.is_busy() {
                    return Ok(Some(End::Yielded));
                }
                self.stage.change(|state| state.current = Some(row.name.clone()));
                match self.read(reader.as_mut(), row, pending)? {
                    Looked::Is(outcome) => pending.add(row, outcome),
                    Looked::Later => {}
                    Looked::Stopped => return Ok(Some(End::Stopped)),
                }
                if pending.is_due() {
                    self.commit(pending)?;
                }
            }
            drop(reader);
            self.open = Some((id, opened));
        }
        Ok(None)
    }

    /// The source of an attachment: the one that is still open, if its file is in the same state, or opened anew.
    fn opened(&mut self, row: &WaitingRow) -> Result<Box<dyn OpenSource>, SourceProblem> {
        let still_open = self.open.take().filter(|(id, opened)| {
            let same = |glance: Glance| !glance.state.is_empty() && glance.state == opened.facts().state;
            *id == row.source && source::glance(&row.source_path).is_some_and(same)
        });
        match still_open {
            Some((_, opened)) => Ok(opened),
            None => (self.library.open)(&row.source_path, Opening::Items, Stop::never()),
        }
    }

    /// Looks at one attachment.
    fn read(&mut self, reader: &mut dyn ItemReader, row: &WaitingRow, pending: &Pending) -> Result<Looked> {
        let failed = |reason: String| Ok(Looked::Is(TextOutcome::Failed(reason)));
        if row.gone {
            return failed("the item is no longer in its file".into());
        }
        let stage = self.stage.clone();
        let mut spool = Spool::new(&self.library.folder, self.extractor.limits().input, &stage.stop);
        // A fault of ours on one attachment costs that attachment.
        let copied = catch_unwind(AssertUnwindSafe(|| match reader.is_unchanged(row.key, row.version) {
            Ok(true) => reader.attachment(row.key, &row.path, &mut spool).map(Some),
            Ok(false) => Ok(None),
            Err(reason) => Err(reason),
        }));
        spool.look();
        match (spool.refused.clone(), copied) {
            (Some(Refused::Stopped), _) => return Ok(Looked::Stopped),
            (Some(Refused::WithoutText(kind)), _) => {
                return Ok(Looked::Is(TextOutcome::Nothing(kind.to_owned())));
            }
            (Some(Refused::TooLarge(most)), _) => {
                return failed(format!("it is larger than the {} MB that are looked at", most >> 20));
            }
            (Some(Refused::Disk(kind)), _) => {
                return Err(crate::Error::io("keeping an attachment in", &self.library.folder, kind.into()));
            }
            (None, Err(_)) => {
                return failed("Mailscope itself failed on this attachment; please report it".into());
            }
            (None, Ok(Err(reason))) => return failed(reason),
            // The item is another than the one imported: the next import reads it, and its attachments wait anew.
            (None, Ok(Ok(None))) => return Ok(Looked::Later),
            (None, Ok(Ok(Some(_)))) => {}
        }
        let hash = spool.hash();
        if pending.hashes.contains(&hash) || self.library.store.holds_content(&hash)? {
            return Ok(Looked::Is(TextOutcome::Known(hash)));
        }
        let size = spool.len();
        let extracted = match self.extractor.text_of(&row.name, &row.mime_type, size, &mut spool) {
            Ok(extracted) => extracted,
            Err(Trouble::Stopped) => return Ok(Looked::Stopped),
            Err(Trouble::NoChild(cause) | Trouble::Content(cause)) => {
                return Err(crate::Error::io("reading attachments into", &self.library.folder, cause));
            }
        };
        Ok(Looked::Is(match extracted {
            Ok(mut found) => {
                if found.cut {
                    found.notes.push("it holds more text than is kept".into());
                }
                let reason = found.notes.join("; ");
                TextOutcome::Text { hash, kind: found.kind, reason, text: compress(&found.text) }
            }
            Err(reason) if reason.is_nothing() => {
                TextOutcome::None { hash, failed: false, reason: reason.to_string() }
            }
            Err(reason) => TextOutcome::None { hash, failed: true, reason: reason.to_string() },
        }))
    }

    fn commit(&self, pending: &mut Pending) -> Result<()> {
        let done = std::mem::replace(pending, Pending::new());
        if done.texts.is_empty() {
            return Ok(());
        }
        on_writer(&self.library, move |writer| writer.put_texts(&done.texts))
    }
}

enum Looked {
    Is(TextOutcome),
    /// It waits on.
    Later,
    Stopped,
}

impl Pending {
    fn add(&mut self, row: &WaitingRow, outcome: TextOutcome) {
        if let TextOutcome::Text { hash, text, .. } = &outcome {
            self.hashes.insert(*hash);
            self.bytes += text.len();
        }
        if let TextOutcome::None { hash, .. } = &outcome {
            self.hashes.insert(*hash);
        }
        self.texts.push(NewText { item: row.item, ordinal: row.ordinal, version: row.version, outcome });
    }
}

/// Tells who waits that the stage is over, also at a bad end.
struct Over(Arc<StageShared>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.change(|state| (state.over, state.working) = (true, false));
    }
}
