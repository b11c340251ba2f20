//! Outlook data files as a source: [`mailscope_pst`] behind the engine's border.

mod details;
mod export;
mod headers;
mod names;
mod read;
mod values;

pub use export::{PstExport, SEPARATOR, Stored};

use super::{
    Certainty, Entry, Facts, Glance, ItemReader, OpenSource, Opening, Plan, PlanAnomaly, PlannedFolder, Stop,
    Version,
};
use crate::error::SourceProblem;
use mailscope_pst::{
    Anomaly, Census, CensusOptions, Certainty as Sureness, Fault, FileSource, Folder, Format, ItemEntry,
    Kind, NodeId, OpenError, OpenOptions, Origin, Place, PstFile, ReadAt, ReadError, announce,
};
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// Bytes at the beginning of a file that hold its header in every format.
const HEADER: usize = 1024;
/// Of what is read next, at most this many bytes an item are asked for beforehand: more is an attachment, which is not read.
const ITEM_AHEAD: u64 = 64 * 1024;

/// An open PST or OST file.
pub struct PstSource {
    file: PstFile,
    /// Whether the trees of `file` were gone through.
    is_checked: bool,
    /// The same file with its trees gone through, once that was called for; nothing where it cannot be opened so.
    checked: OnceLock<Option<PstFile>>,
    facts: Facts,
    /// Whether what all items are understood by (named properties, the store) is damaged.
    is_doubtful: bool,
    counted: Arc<Counted>,
}

/// Counts the bytes that are read, and reads nothing more for a plan that is not wanted any more.
struct Counted {
    source: Arc<dyn ReadAt>,
    bytes: AtomicU64,
    stop: Stop,
    /// Whether the plan is made: items are read to the end, or not at all.
    is_planned: AtomicBool,
}

impl Counted {
    fn new(source: Arc<dyn ReadAt>, stop: Stop) -> Arc<Self> {
        Arc::new(Self { source, bytes: AtomicU64::new(0), stop, is_planned: AtomicBool::new(false) })
    }
}

impl ReadAt for Counted {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        if !self.is_planned.load(Ordering::Relaxed) && self.stop.is_asked() {
            return Err(io::Error::other("reading was stopped"));
        }
        let count = self.source.read_at(offset, buf)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }

    fn size(&self) -> io::Result<u64> {
        self.source.size()
    }

    fn will_need(&self, offset: u64, length: u64) {
        self.source.will_need(offset, length);
    }

    fn next_written(&self, offset: u64) -> u64 {
        self.source.next_written(offset)
    }
}

/// A file of at most so many bytes is looked through at once.
const LOOKED_THROUGH: u64 = 16 << 20;

impl PstSource {
    /// Whether the file at `path` can be opened, as far as that shows soon. A large Outlook file whose trees are lost is not looked through
    /// for that: opening it whole does so, and can be stopped.
    ///
    /// # Errors
    /// As for [`PstSource::open`].
    pub fn check(path: &Path) -> Result<(), SourceProblem> {
        only_files(path)?;
        match OpenOptions::new().quick().open(path) {
            Ok(_) => Ok(()),
            Err(OpenError::Unreadable(_) | OpenError::Truncated { .. })
                if std::fs::metadata(path).is_ok_and(|facts| facts.len() > LOOKED_THROUGH) =>
            {
                Ok(())
            }
            // What stops at the root pages may still be salvaged by looking at all of them.
            Err(_) => Self::open(path, Opening::Whole, Stop::never()).map(|_| ()),
        }
    }

    /// Which mailbox it is and in what state, if the file opens without looking through it.
    pub fn glance(path: &Path) -> Option<Glance> {
        only_files(path).ok()?;
        let source: Arc<dyn ReadAt> = Arc::new(FileSource::open(path).ok()?);
        let counted = Counted::new(source, Stop::never());
        let file = OpenOptions::new().quick().from_source(counted.clone()).ok()?;
        let state = state(&counted, path, file.size());
        let identity = file.store().record_key.clone().unwrap_or_default();
        Some(Glance { identity, state, missing: missing(&file) })
    }

    /// Opens a file, read-only. Once `stop` is asked for, opening and planning end with an error at their next read; items can be
    /// read all the same.
    ///
    /// # Errors
    /// Why nothing can be read of it.
    pub fn open(path: &Path, opening: Opening, stop: Stop) -> Result<Self, SourceProblem> {
        only_files(path)?;
        let source = FileSource::open(path).map_err(SourceProblem::from_io)?;
        Self::from_source(Arc::new(source), path, opening, stop)
    }

    /// Opens what `source` holds; `path` is where it lies.
    ///
    /// # Errors
    /// Why nothing can be read of it.
    pub fn from_source(
        source: Arc<dyn ReadAt>,
        path: &Path,
        opening: Opening,
        stop: Stop,
    ) -> Result<Self, SourceProblem> {
        let counted = Counted::new(source, stop);
        let quick = match opening {
            Opening::Items => OpenOptions::new().quick().from_source(counted.clone()).ok(),
            Opening::Whole => None,
        };
        // Where even the first pages are odd, all of them are looked at.
        let quick = quick.filter(|file| file.anomalies().is_empty());
        let is_checked = quick.is_none();
        let file = match quick {
            Some(file) => file,
            None => PstFile::from_source(counted.clone()).map_err(problem)?,
        };
        let unread = unread(&file);
        // Something else may be read the next time: the state is none that is known.
        let state = if unread.is_none() { state(&counted, path, file.size()) } else { Vec::new() };
        let facts = Facts {
            state,
            unread,
            identity: file.store().record_key.clone().unwrap_or_default(),
            format: match file.format() {
                Format::Ansi => "ANSI",
                Format::Unicode => "Unicode",
                Format::Unicode4k => "Unicode 4k",
            }
            .to_owned(),
            kind: if file.kind() == Kind::Ost { "OST" } else { "PST" }.to_owned(),
            encryption: format!("{:?}", file.encryption()).to_lowercase(),
            size: file.size(),
            missing: missing(&file),
            anomalies: file.anomalies().iter().map(ToString::to_string).collect(),
        };
        let of_all = |anomaly: &&Anomaly| {
            matches!(anomaly.place, Place::Node(_) | Place::Property(_) | Place::Block(..))
        };
        let is_doubtful = file.anomalies().iter().filter(of_all).any(Anomaly::is_damage);
        Ok(Self { is_doubtful, file, is_checked, checked: OnceLock::new(), facts, counted })
    }

    /// The file with its trees gone through, if it was opened without that and can be opened with it.
    fn checked(&self) -> Option<&PstFile> {
        if self.is_checked {
            return None;
        }
        let open = || PstFile::from_source(self.counted.clone()).inspect(PstFile::forget_trees).ok();
        self.checked.get_or_init(open).as_ref()
    }
}

/// Bytes that the header names (`ibFileEof`) and the file has not.
fn missing(file: &PstFile) -> u64 {
    let cut_off = file.anomalies().iter().filter_map(|anomaly| match anomaly.fault {
        Fault::FileSize { stated, actual } => Some(stated.saturating_sub(actual)),
        _ => None,
    });
    cut_off.max().unwrap_or_default()
}

/// Why a page of the B-trees could not be read, where it was the system that could not.
fn unread(file: &PstFile) -> Option<String> {
    file.anomalies().iter().find_map(|anomaly| match &anomaly.fault {
        Fault::TreePage { reason: ReadError::Io { message, .. }, .. } => Some(message.clone()),
        _ => None,
    })
}

/// The same from the sentence that a library keeps of it.
pub fn missing_bytes(oddity: &str) -> Option<u64> {
    let (stated, actual) = oddity.strip_prefix("the header states ")?.split_once(" bytes, the file has ")?;
    let missing = stated.parse::<u64>().ok()?.saturating_sub(actual.parse().ok()?);
    (missing > 0).then_some(missing)
}

/// A digest of the header, which every transaction rewrites ([MS-PST] 2.6), of the size and of the time of change.
fn state(source: &Counted, path: &Path, size: u64) -> Vec<u8> {
    let mut head = [0; HEADER];
    let mut filled = 0;
    while let Some(rest) = head.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match source.read_at(filled as u64, rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            // A state that is not known is never the same as another.
            Err(_) => return Vec::new(),
        }
    }
    let modified = std::fs::metadata(path).and_then(|facts| facts.modified()).ok();
    let mut digest = blake3::Hasher::new();
    digest.update(&head).update(&size.to_le_bytes()).update(format!("{modified:?}").as_bytes());
    digest.finalize().as_bytes()[..16].to_vec()
}

/// Opens a file to read its bytes.
///
/// # Errors
/// The system's.
pub fn open_bytes(path: &Path) -> io::Result<std::fs::File> {
    FileSource::open_file(path)
}

/// Refuses what is no regular file before it is opened: opening a pipe waits for somebody to write to it.
fn only_files(path: &Path) -> Result<(), SourceProblem> {
    let facts = std::fs::metadata(path).map_err(SourceProblem::from_io)?;
    if facts.is_file() {
        return Ok(());
    }
    let found = if facts.is_dir() { "it is a folder" } else { "it is a device or a pipe" };
    Err(SourceProblem::NotOutlook { found: found.into() })
}

fn problem(error: OpenError) -> SourceProblem {
    match error {
        OpenError::Io { kind: io::ErrorKind::NotFound, .. } => SourceProblem::NotFound,
        OpenError::Io { kind: io::ErrorKind::PermissionDenied, .. } => SourceProblem::PermissionDenied,
        OpenError::Io { kind, message } => SourceProblem::Io(io::Error::new(kind, message)),
        OpenError::Empty => SourceProblem::Empty,
        OpenError::NotOutlook { magic } => {
            SourceProblem::NotOutlook { found: format!("it begins with {magic:02x?}") }
        }
        OpenError::Truncated { .. } => SourceProblem::Truncated { reason: error.to_string() },
        OpenError::UnsupportedVersion(version) => {
            SourceProblem::UnsupportedVersion { version: version.to_string() }
        }
        OpenError::UnsupportedEncryption(_) | OpenError::Unreadable(_) => {
            SourceProblem::Unreadable { reason: error.to_string() }
        }
    }
}

impl OpenSource for PstSource {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn plan(&self, recover: bool) -> Result<Plan, SourceProblem> {
        let (mut census, unsearched) = match self.file.reader().census_with(CensusOptions { recover }) {
            // A part of the file that nothing refers to cannot be read: that costs what was deleted, and nothing else.
            Err(error) if recover => (self.file.reader().census().map_err(problem)?, Some(error)),
            census => (census.map_err(problem)?, None),
        };
        let is_repeated = any_twice(&census.items);
        census.items.sort_by_key(|item| (item.file_offset, item.node));
        let mut plan = Plan {
            anomalies: census
                .anomalies
                .iter()
                .map(|anomaly| PlanAnomaly { folder: None, key: None, reason: anomaly.to_string() })
                .collect(),
            ..Plan::default()
        };
        plan.anomalies.extend(unsearched.map(|error| PlanAnomaly {
            folder: None,
            key: None,
            reason: format!("deleted items could not be looked for: {error}"),
        }));
        let places = folders(&census, &mut plan);
        let mut seen = HashMap::new();
        plan.entries.reserve(census.items.len());
        for item in census.items.iter().filter(|item| !item.hidden) {
            let Some(&folder) = places.get(&item.folder) else { continue };
            let entry = Entry {
                key: u64::from(item.node.0),
                version: Version { data: item.data.0, sub: item.sub.0 },
                folder,
                offset: item.file_offset,
                recovered: match item.origin {
                    Origin::Recovered { certainty } => Some(match certainty {
                        Sureness::Carved => Certainty::Carved,
                        Sureness::Doubtful => Certainty::Doubtful,
                        Sureness::Partial => Certainty::Partial,
                        Sureness::Certain => Certainty::Certain,
                    }),
                    _ => None,
                },
            };
            if is_repeated {
                put_once(&mut plan, &mut seen, entry);
            } else {
                plan.entries.push(entry);
            }
        }
        Ok(plan)
    }

    fn reader(&self, cache_bytes: usize) -> Box<dyn ItemReader + '_> {
        // Items are read when the plan is made, or where none is wanted.
        self.counted.is_planned.store(true, Ordering::Relaxed);
        self.file.forget_trees();
        Box::new(read::PstReader::new(self, cache_bytes))
    }

    fn alive(&self) -> Result<(), SourceProblem> {
        let size = self.counted.size().map_err(SourceProblem::from_io)?;
        if size < self.facts.size {
            let reason = format!("it had {} bytes and now has {size}", self.facts.size);
            return Err(SourceProblem::Truncated { reason });
        }
        let mut sector = [0; 512];
        for offset in [0, self.facts.size.saturating_sub(512)] {
            self.counted.read_at(offset, &mut sector).map_err(SourceProblem::from_io)?;
        }
        Ok(())
    }

    fn will_read(&self, offsets: &mut dyn Iterator<Item = u64>) {
        let known = offsets.filter(|&offset| offset > 0);
        announce(self.counted.as_ref(), known.map(|offset| offset..offset.saturating_add(ITEM_AHEAD)));
    }

    fn bytes_read(&self) -> u64 {
        self.counted.bytes.load(Ordering::Relaxed)
    }
}

/// Whether an item is named more than once.
fn any_twice(items: &[ItemEntry]) -> bool {
    let mut nodes: Vec<NodeId> = items.iter().map(|item| item.node).collect();
    nodes.sort_unstable();
    nodes.windows(2).any(|pair| pair[0] == pair[1])
}

/// Puts an entry into the plan. A damaged file may name the same item several times; it is one item all the same, and one that has
/// blocks is better than a row alone.
fn put_once(plan: &mut Plan, seen: &mut HashMap<u64, usize>, entry: Entry) {
    let Some(&at) = seen.get(&entry.key) else {
        seen.insert(entry.key, plan.entries.len());
        plan.entries.push(entry);
        return;
    };
    let reason = format!("node {:#x} is named more than once; it is counted once", entry.key);
    plan.anomalies.push(PlanAnomaly { folder: None, key: Some(entry.key), reason });
    if let Some(first) = plan.entries.get_mut(at)
        && first.version == Version::default()
        && entry.version != Version::default()
    {
        *first = entry;
    }
}

/// Puts the census' folders into the plan, but for empty search folders, whose items lie elsewhere; gives each one's index.
fn folders(census: &Census, plan: &mut Plan) -> HashMap<NodeId, u32> {
    let mut places: HashMap<NodeId, u32> = HashMap::with_capacity(census.folders.len());
    let kept = |folder: &&Folder| !folder.is_search || folder.expected > 0 || folder.hidden > 0;
    for folder in census.folders.iter().filter(kept) {
        let index = plan.folders.len();
        let parent = folder.parent.and_then(|parent| places.get(&parent)).map(|&parent| parent as usize);
        let depth = parent.and_then(|parent| plan.folders.get(parent)).map_or(0, |parent| parent.depth + 1);
        let reasons = folder.anomalies.iter().map(|anomaly| PlanAnomaly {
            folder: Some(index),
            key: Some(u64::from(folder.id.0)),
            reason: anomaly.to_string(),
        });
        plan.anomalies.extend(reasons);
        plan.folders.push(PlannedFolder {
            key: u64::from(folder.id.0),
            parent,
            name: folder.name.clone(),
            path: folder.path.join("/"),
            depth,
            hidden: u64::from(folder.hidden),
        });
        places.insert(folder.id, u32::try_from(index).unwrap_or(u32::MAX));
    }
    places
}

/// Writes the sample mailbox that Mailscope makes itself to `path`.
///
/// # Errors
/// When it cannot be written.
pub fn write_sample(path: &Path) -> io::Result<()> {
    mailscope_pst::write::sample::write_sample(path)
        .map(|_| ())
        .map_err(|error| io::Error::other(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_lacks_is_read_from_its_sentence() {
        let sentence = |stated, actual| {
            let fault = Fault::FileSize { stated, actual };
            let (place, consequence) = (mailscope_pst::Place::Header, mailscope_pst::Consequence::Used);
            mailscope_pst::Anomaly { fault, place, consequence }.to_string()
        };
        assert_eq!(missing_bytes(&sentence(271_360, 200_000)), Some(71_360));
        assert_eq!(missing_bytes(&sentence(200_000, 271_360)), None, "longer than it says");
        assert_eq!(missing_bytes("the header states many bytes, the file has few"), None);
        assert_eq!(missing_bytes(""), None);
    }

    #[test]
    fn an_item_named_twice_is_one() {
        let (mut plan, mut seen) = (Plan::default(), HashMap::new());
        let named = [(7, 0, 0), (8, 0, 4), (7, 1, 0), (7, 2, 8), (8, 3, 0)];
        for (key, folder, data) in named {
            let entry = Entry { key, version: Version { data, sub: 0 }, folder, offset: 0, recovered: None };
            put_once(&mut plan, &mut seen, entry);
        }
        let kept: Vec<_> = plan.entries.iter().map(|e| (e.key, e.folder, e.version.data)).collect();
        assert_eq!(kept, [(7, 2, 8), (8, 0, 4)]);
        assert_eq!(plan.anomalies.len(), 3);
    }
}
