//! What people say of items: flags, tags, notes, saved searches, and the record of who said what when.

use super::Library;
use super::answers::guarded;
use crate::error::{Error, Result};
use crate::export::Which;
use crate::ids::ItemId;
use crate::ingest::{now, on_writer};
use crate::query;
use crate::search;
use crate::store::{Action, Actor, Change, Colour, Done, Review, Saved, Tag};

/// A tag, or the name of a saved search, may be so long, in characters.
const MAX_NAME: usize = 100;
/// A note may be so long, in bytes.
const MAX_NOTE: usize = 64 * 1024;
/// Entries of the record that are given at once.
const MAX_ACTIONS: u32 = 1000;

impl Library {
    /// Makes a change to items, those of a question or chosen ones. It is recorded and can be taken back.
    ///
    /// # Errors
    /// [`Error::BadQuery`]; [`Error::BadReview`] for a name or note that cannot be one; the stores'.
    pub fn review(&self, which: &Which, change: Change) -> Result<Done> {
        let change = checked(change)?;
        let ids = guarded(|| search::chosen_ids(&self.shared.index, &self.shared.store, which))?;
        let query = match which {
            Which::Ids(_) => String::new(),
            Which::Query(question) | Which::Once(question, _) | Which::Rest(question, _) => {
                question.query.clone()
            }
        };
        self.reviewing(move |store, actor| store.review(&ids, &change, &query, actor))
    }

    /// Takes back a change, or the last one.
    ///
    /// # Errors
    /// [`Error::NoSuch`] when there is none, or it was taken back already; SQLite's.
    pub fn undo_review(&self, action: Option<i64>) -> Result<Done> {
        self.reviewing(move |store, actor| store.undo(action, actor))
    }

    /// What was said of an item.
    ///
    /// # Errors
    /// SQLite's.
    pub fn review_of(&self, id: ItemId) -> Result<Review> {
        self.shared.store.review(id)
    }

    /// All tags with the number of items that have them.
    ///
    /// # Errors
    /// SQLite's.
    pub fn tags(&self) -> Result<Vec<Tag>> {
        self.shared.store.tags()
    }

    /// Gives a tag a colour, or none.
    ///
    /// # Errors
    /// [`Error::BadReview`] for a tag that there is not; SQLite's.
    pub fn colour_tag(&self, name: &str, colour: Option<Colour>) -> Result<()> {
        let name = checked_name("a tag", name)?;
        let known = self.reviewing(move |store, actor| match store.colour_tag(&name, colour, actor) {
            Err(Error::NoSuch { .. }) => Ok(Err(name)),
            other => other.map(Ok),
        })?;
        known.map_err(|name| Error::BadReview(format!("There is no tag {name}.")))
    }

    /// How many items that something was said of are not in the library now; it waits for them.
    ///
    /// # Errors
    /// SQLite's.
    pub fn reviews_waiting(&self) -> Result<u64> {
        self.shared.store.reviews_waiting()
    }

    /// The record of changes before entry `before` (the latest, for `None`), latest first; at most 1,000.
    ///
    /// # Errors
    /// SQLite's.
    pub fn actions(&self, before: Option<i64>, limit: u32) -> Result<Vec<Action>> {
        self.shared.store.actions(before, limit.min(MAX_ACTIONS))
    }

    /// Saved searches in order of their names.
    ///
    /// # Errors
    /// SQLite's.
    pub fn saved_searches(&self) -> Result<Vec<Saved>> {
        self.shared.store.saved()
    }

    /// Keeps a query under a name, in place of what had that name.
    ///
    /// # Errors
    /// [`Error::BadQuery`]; [`Error::BadReview`] for a name that cannot be one; SQLite's.
    pub fn save_search(&self, name: &str, query: &str) -> Result<()> {
        query::parse(query)?;
        let (name, query) = (checked_name("a saved search", name)?, query.to_owned());
        self.reviewing(move |store, actor| store.put_saved(&name, &query, actor))
    }

    /// Forgets a saved search; gives whether there was one of this name.
    ///
    /// # Errors
    /// SQLite's.
    pub fn forget_search(&self, name: &str) -> Result<bool> {
        let name = name.trim().to_owned();
        self.reviewing(move |store, actor| store.forget_saved(&name, actor))
    }

    /// Does something on the writer, as the user of the machine, now, and commits it.
    fn reviewing<T: Send + 'static>(
        &self,
        run: impl FnOnce(&mut crate::store::StoreWriter, &Actor) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let actor = Actor { who: user(), at: now() };
        on_writer(&self.shared, move |writer| {
            // A batch that is being filled is not to be undone with a change that fails.
            if writer.store.is_open() {
                writer.commit()?;
            }
            let done = run(&mut writer.store, &actor)?;
            writer.commit()?;
            Ok(done)
        })
    }
}

/// The name of the user whose process this is, or else what the environment says.
fn user() -> String {
    use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind, Users};
    let pid = Pid::from_u32(std::process::id());
    let kind = ProcessRefreshKind::nothing().with_user(UpdateKind::Always);
    let named = System::new().ok().and_then(|mut system| {
        let _ = system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, kind);
        let id = system.process(pid)?.user_id()?.clone();
        Users::new_with_refreshed_list().ok()?.get_user_by_id(&id).map(|user| user.name().to_owned())
    });
    let told = || ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    named.or_else(told).filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}

fn checked(change: Change) -> Result<Change> {
    Ok(match change {
        Change::Tag(name) => Change::Tag(checked_name("a tag", &name)?),
        Change::Untag(name) => Change::Untag(checked_name("a tag", &name)?),
        Change::Note(text) if text.len() > MAX_NOTE => {
            return Err(Error::BadReview(format!(
                "A note can have at most {MAX_NOTE} bytes, not {}.",
                text.len()
            )));
        }
        Change::Note(text) => Change::Note(text.trim().to_owned()),
        other => other,
    })
}

fn checked_name(of: &str, name: &str) -> Result<String> {
    let name = name.trim();
    let length = name.chars().count();
    if length == 0 || length > MAX_NAME {
        return Err(Error::BadReview(format!(
            "The name of {of} has 1 to {MAX_NAME} characters, not {length}."
        )));
    }
    if name.chars().any(|c| c.is_control() || c == '"') {
        return Err(Error::BadReview(format!(
            "The name of {of} cannot hold quotation marks or line breaks: {}",
            name.escape_debug()
        )));
    }
    Ok(name.to_owned())
}
