//! Makes items on several threads and writes them in their order.

use std::io::{Seek, Write};
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use mailscope_pst::write::{
    Content, FolderId, NewMessage, Options, PropertyKey, PstWriter, Value, WriteError,
};

use crate::changes::{self, Change};
use crate::folders::DELETED;
use crate::mailbox::{Mailbox, Placed};
use crate::random::{Purpose, Random};
use crate::recipe::{MOST_ITEMS, Profile, Recipe};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Items, hidden ones not counted.
    pub items: u64,
    /// Hidden messages.
    pub hidden: u64,
    /// Folders below the top, deleted items included.
    pub folders: u64,
    /// Attachments, at any depth.
    pub attachments: u64,
    /// Messages among them.
    pub embedded: u64,
    /// Bytes of all other attachments.
    pub attachment_bytes: u64,
    /// Items that the first state did not have.
    pub new: u64,
    /// Items that say something else than in the first state.
    pub changed: u64,
    /// Items that lie elsewhere than in the first state.
    pub moved: u64,
    /// Items of the first state that are gone; not among `items`.
    pub deleted: u64,
}

/// Why a file could not be generated.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// More than the format can number.
    #[error("{0} items are too many; a file holds at most {MOST_ITEMS}")]
    TooMany(u64),
    /// The file could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A thread that makes items ended before its work was done.
    #[error("the making of items ended early")]
    Interrupted,
}

/// Items made at a time; small enough that a few such portions are little memory.
const fn portion(profile: Profile) -> u64 {
    match profile {
        Profile::Attachments => 4,
        _ => 64,
    }
}

/// Portions that wait for the writer, for each thread.
const WAITING: usize = 4;
/// Block ids of tables begin here; those of messages stay far below.
const LATER_FIRST: u64 = 1 << 40;
const LATER_SECOND: u64 = 1 << 41;

/// Writes the mailbox of a recipe and says what is in it.
///
/// # Errors
/// [`GenerateError`]; the destination is incomplete then.
pub fn write<W: Write + Seek>(recipe: Recipe, destination: W) -> Result<(W, Written), GenerateError> {
    if recipe.items > MOST_ITEMS {
        return Err(GenerateError::TooMany(recipe.items));
    }
    let mailbox = Mailbox::new(recipe);
    let writer = PstWriter::new(destination, options(&recipe))?;
    let mut out = Out { writer, folders: Vec::new(), written: Written::default() };
    out.add_folders(&mailbox)?;
    let all = 0..recipe.items + changes::new_items(&recipe);
    let portions = all.end.div_ceil(portion(recipe.profile));
    // As many as there are processors: whoever waits, the writer or they, leaves its own to the others.
    let workers = thread::available_parallelism().map_or(1, usize::from).clamp(1, 16);
    thread::scope(|scope| {
        let mut made: Vec<Receiver<Vec<Placed>>> = Vec::new();
        for worker in 0..workers as u64 {
            let (sender, receiver) = sync_channel(WAITING);
            made.push(receiver);
            let (mailbox, end) = (&mailbox, all.end);
            scope.spawn(move || make(mailbox, (worker..portions).step_by(workers), end, &sender));
        }
        for number in 0..portions {
            let receiver = &made[number as usize % workers];
            let placed = receiver.recv().map_err(|_| GenerateError::Interrupted)?;
            let indexes = range(recipe.profile, number, all.end);
            for (index, placed) in indexes.zip(placed) {
                out.add(&mailbox, index, placed)?;
            }
        }
        Ok::<(), GenerateError>(())
    })?;
    Ok((out.writer.finish()?, out.written))
}

/// Which items a portion holds.
fn range(profile: Profile, number: u64, end: u64) -> Range<u64> {
    let size = portion(profile);
    number * size..((number + 1) * size).min(end)
}

fn make(mailbox: &Mailbox, portions: impl Iterator<Item = u64>, end: u64, sender: &SyncSender<Vec<Placed>>) {
    for number in portions {
        let items = range(mailbox.recipe.profile, number, end).map(|index| mailbox.item(index)).collect();
        // The writer has given up.
        if sender.send(items).is_err() {
            return;
        }
    }
}

fn options(recipe: &Recipe) -> Options {
    let mut key = [0; 16];
    let number = Profile::ALL.iter().position(|(profile, _)| *profile == recipe.profile).unwrap_or(0);
    let mut random = Random::new(recipe.seed ^ recipe.items.rotate_left(32), Purpose::Facts, number as u64);
    key[..8].copy_from_slice(&random.next().to_le_bytes());
    key[8..].copy_from_slice(&random.next().to_le_bytes());
    let later = if recipe.changed.is_some() { LATER_SECOND } else { LATER_FIRST };
    Options {
        display_name: format!("{} {}", recipe.profile, recipe.items),
        record_key: key,
        later_blocks: Some(later),
        ..Options::default()
    }
}

struct Out<W> {
    writer: PstWriter<W>,
    folders: Vec<FolderId>,
    written: Written,
}

impl<W: Write + Seek> Out<W> {
    fn add_folders(&mut self, mailbox: &Mailbox) -> Result<(), GenerateError> {
        let (top, deleted) = (self.writer.top(), self.writer.deleted_items());
        for (place, folder) in mailbox.tree.folders.iter().enumerate() {
            let parent = folder.parent.and_then(|place| self.folders.get(place).copied()).unwrap_or(top);
            let id = match place {
                DELETED => deleted,
                _ => self.writer.add_folder_of_class(parent, &folder.name, folder.class)?,
            };
            self.folders.push(id);
            self.written.folders += 1;
            // What Outlook remembers of how a folder is shown.
            let view = NewMessage {
                class: "IPM.Microsoft.FolderDesign.NamedView".to_owned(),
                subject: "View".to_owned(),
                read: true,
                ..NewMessage::default()
            };
            // PidTagViewDescriptorName
            let view = view.with(PropertyKey::Id(0x7006), Value::Text(folder.name.clone()));
            self.writer.add_hidden_message(id, &view)?;
            self.written.hidden += 1;
        }
        Ok(())
    }

    fn add(&mut self, mailbox: &Mailbox, index: u64, placed: Placed) -> Result<(), GenerateError> {
        let Placed { folder, message, attachment_bytes } = placed;
        let place = |folder: usize| self.folders.get(folder).copied().unwrap_or(self.writer.top());
        let (home, recipe) = (place(folder), &mailbox.recipe);
        let change = if index < recipe.items { changes::change(recipe, index) } else { Change::Kept };
        match change {
            Change::Deleted => {
                self.writer.skip_message(&message)?;
                self.written.deleted += 1;
                return Ok(());
            }
            Change::Changed => {
                let mut edited = message.clone();
                changes::edit(&mut edited, index);
                self.writer.change_message(home, &message, &edited)?;
                self.written.changed += 1;
            }
            Change::Moved => {
                let mut random = mailbox.random(Purpose::Changes, index);
                let elsewhere = place(mailbox.tree.elsewhere(folder, &mut random));
                self.writer.add_message(elsewhere, &message)?;
                self.written.moved += 1;
            }
            Change::Kept => {
                self.writer.add_message(home, &message)?;
                self.written.new += u64::from(index >= recipe.items);
            }
        }
        self.written.items += 1;
        self.written.attachment_bytes += attachment_bytes;
        self.count_attachments(&message);
        Ok(())
    }

    fn count_attachments(&mut self, message: &NewMessage) {
        for attachment in &message.attachments {
            self.written.attachments += 1;
            if let Content::Message(inner) = &attachment.content {
                self.written.embedded += 1;
                self.count_attachments(inner);
            }
        }
    }
}
