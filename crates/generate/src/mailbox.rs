//! A mailbox whose every item follows from its number: any can be made without the others, by any thread.

use mailscope_pst::write::{FileTime, NewAttachment, NewMessage};

use crate::clock::moment;
use crate::folders::{Home, Tree};
use crate::people::{OWNER, People};
use crate::random::{Purpose, Random};
use crate::recipe::{Profile, Recipe};
use crate::words::Words;
use crate::{files, items, mail};

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A letter, part of a conversation or the first of one
    Letter,
    /// A newsletter or a machine's report
    Bulletin,
    /// A copy of an earlier letter in another folder
    Duplicate,
    /// See [MS-OXOCAL]
    Appointment,
    /// An invitation
    Meeting,
    /// See [MS-OXOCNTC]
    Contact,
    /// A list of people
    List,
    /// See [MS-OXOTASK]
    Task,
    /// A sticky note
    Note,
    /// A journal entry
    Journal,
    /// "Not delivered", or "was read"
    Report,
}

const KINDS: [Kind; 11] = [
    Kind::Letter,
    Kind::Bulletin,
    Kind::Duplicate,
    Kind::Appointment,
    Kind::Meeting,
    Kind::Contact,
    Kind::List,
    Kind::Task,
    Kind::Note,
    Kind::Journal,
    Kind::Report,
];

/// How frequent each of [`KINDS`] is, in a thousand.
const fn kinds_of(profile: Profile) -> [u64; 11] {
    match profile {
        Profile::Mail => [885, 70, 15, 8, 5, 5, 1, 4, 2, 1, 4],
        Profile::Office => [640, 90, 20, 90, 50, 40, 4, 30, 10, 6, 20],
        Profile::Attachments => [980, 0, 10, 10, 0, 0, 0, 0, 0, 0, 0],
        Profile::Text => [930, 70, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    }
}

/// An item and where it lies.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The place of its folder in [`Tree::folders`].
    pub folder: usize,
    /// What it says.
    pub message: NewMessage,
    /// Bytes of its attachments that are files, at any depth.
    pub attachment_bytes: u64,
}

/// A conversation, as far as each of its letters has to know it.
#[derive(Debug)]
pub struct Thread {
    /// Numbers of the letters that this one answers, from the first on.
    pub before: Vec<u64>,
    /// The number of the first letter, which may be this one.
    pub root: u64,
    /// Who takes part; the first began it.
    pub circle: Vec<usize>,
    /// The place of its language.
    pub language: usize,
}

/// Everything that items are made from.
#[derive(Debug)]
pub struct Mailbox {
    /// What was asked for.
    pub recipe: Recipe,
    /// The languages.
    pub words: Vec<Words>,
    /// The correspondents.
    pub people: People,
    /// The folders.
    pub tree: Tree,
}

impl Mailbox {
    /// The mailbox of a recipe.
    pub fn new(recipe: Recipe) -> Self {
        let words = Words::all();
        let people = People::new(recipe.seed, recipe.items, &words);
        let tree = Tree::new(recipe.seed, recipe.profile, &words);
        Self { recipe, words, people, tree }
    }

    /// The numbers drawn for one item and one purpose.
    pub fn random(&self, purpose: Purpose, index: u64) -> Random {
        Random::new(self.recipe.seed, purpose, index)
    }

    /// When an item came.
    pub fn time(&self, index: u64) -> FileTime {
        let part = self.random(Purpose::Facts, index).next() as u32;
        moment(index, part, self.recipe.items)
    }

    /// What an item is.
    pub fn kind(&self, index: u64) -> Kind {
        let mut random = self.random(Purpose::Threads, index);
        let kind = KINDS[random.weighted(&kinds_of(self.recipe.profile))];
        if kind == Kind::Duplicate && self.original(index).is_none() { Kind::Letter } else { kind }
    }

    /// The letter that a duplicate repeats.
    pub fn original(&self, index: u64) -> Option<u64> {
        let mut random = Random::new(self.recipe.seed ^ 0xD0_0B1E, Purpose::Threads, index);
        let original = index.checked_sub(random.power(1, 5_000))?;
        let mut random = self.random(Purpose::Threads, original);
        let kind = KINDS[random.weighted(&kinds_of(self.recipe.profile))];
        (kind == Kind::Letter).then_some(original)
    }

    /// The letter that another answers.
    fn answered(&self, index: u64) -> Option<u64> {
        let mut random = self.random(Purpose::Threads, index);
        random.weighted(&kinds_of(self.recipe.profile));
        if !random.chance(560) {
            return None;
        }
        let before = index.checked_sub(random.power(1, 600))?;
        (self.kind(before) == Kind::Letter).then_some(before)
    }

    /// The conversation of a letter.
    pub fn thread(&self, index: u64) -> Thread {
        /// Longer chains are cut: their last letters begin anew.
        const LONGEST: usize = 40;
        let mut before = Vec::new();
        let mut root = index;
        while let Some(earlier) = self.answered(root).filter(|_| before.len() < LONGEST) {
            before.push(earlier);
            root = earlier;
        }
        before.reverse();
        let mut random = Random::new(self.recipe.seed, Purpose::People, root | 1 << 63);
        let initiator = if random.chance(300) { OWNER } else { self.people.anybody(&mut random) };
        let circle = self.people.circle(&mut random, initiator);
        let language = self.people.get(*circle.iter().find(|&&who| who != OWNER).unwrap_or(&OWNER)).language;
        Thread { before, root, circle, language }
    }

    /// An item.
    pub fn item(&self, index: u64) -> Placed {
        let kind = self.kind(index);
        let mut random = self.random(Purpose::Facts, index);
        random.next();
        let (home, message, attachment_bytes) = match kind {
            Kind::Letter => mail::letter(self, index, &mut random),
            Kind::Bulletin => mail::bulletin(self, index),
            Kind::Duplicate => {
                let original = self.original(index).unwrap_or(index);
                let mut random = self.random(Purpose::Facts, original);
                random.next();
                let (_, message, bytes) = mail::letter(self, original, &mut random);
                (Home::Archive, message, bytes)
            }
            _ => items::item(self, index, kind),
        };
        let folder = self.tree.place(home, self.time(index), &mut random);
        Placed { folder, message, attachment_bytes }
    }

    /// The files that a letter carries by this mailbox's profile, and their bytes.
    pub fn files(&self, index: u64, words: &Words) -> (Vec<NewAttachment>, u64) {
        let mut random = self.random(Purpose::Files, index);
        let (carries, make): (u64, fn(&Words, &mut Random) -> files::File) = match self.recipe.profile {
            Profile::Text => return (Vec::new(), 0),
            Profile::Mail => (35, files::small),
            Profile::Office => (280, files::any),
            Profile::Attachments => (1000, files::large),
        };
        if !random.chance(carries) {
            return (Vec::new(), 0);
        }
        let made: Vec<files::File> = (0..random.power(1, 5)).map(|_| make(words, &mut random)).collect();
        let bytes = made.iter().map(|(_, size)| size).sum();
        (made.into_iter().map(|(attachment, _)| attachment).collect(), bytes)
    }
}
