//! The folders of a mailbox.

use mailscope_pst::write::FileTime;

use crate::clock::civil;
use crate::language::ENGLISH;
use crate::random::{Purpose, Random};
use crate::recipe::Profile;
use crate::words::Words;

/// What an item's folder is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// What came: the inbox, or where its owner sorted it; the number is that of the conversation.
    Received(u64),
    /// What the owner wrote
    Sent,
    /// What is not sent yet
    Drafts,
    /// Newsletters
    Lists,
    /// Copies, by year
    Archive,
    /// What nobody wants
    Junk,
    /// Appointments
    Calendar,
    /// Contacts and lists of them
    Contacts,
    /// Tasks
    Tasks,
    /// Sticky notes
    Notes,
    /// Journal entries
    Journal,
}

/// A folder below the top.
#[derive(Debug, Clone)]
pub struct Folder {
    /// The place of the folder that it lies in; `None` at the top.
    pub parent: Option<usize>,
    /// Its name.
    pub name: String,
    /// PidTagContainerClass
    pub class: &'static str,
}

/// All folders, each after the one that it lies in. The folder of deleted items is the file's own.
#[derive(Debug)]
pub struct Tree {
    /// The folders by their places.
    pub folders: Vec<Folder>,
    projects: Vec<usize>,
    years: Vec<usize>,
}

const MAIL: &str = "IPF.Note";
/// The first folders, in this order.
const FIXED: [(&str, &str); 12] = [
    ("Deleted Items", MAIL),
    ("Inbox", MAIL),
    ("Sent Items", MAIL),
    ("Drafts", MAIL),
    ("Lists", MAIL),
    ("Archive", MAIL),
    ("Junk E-Mail", MAIL),
    ("Calendar", "IPF.Appointment"),
    ("Contacts", "IPF.Contact"),
    ("Tasks", "IPF.Task"),
    ("Notes", "IPF.StickyNote"),
    ("Journal", "IPF.Journal"),
];
/// The place of the file's own folder of deleted items.
pub const DELETED: usize = 0;
const INBOX: usize = 1;
const ARCHIVE: usize = 5;
const FIRST_YEAR: i64 = 2016;

impl Tree {
    /// The folders of a mailbox.
    pub fn new(seed: u64, profile: Profile, words: &[Words]) -> Self {
        let mut random = Random::new(seed, Purpose::Words, 0xF01D);
        let mut folders: Vec<Folder> = FIXED
            .iter()
            .map(|&(name, class)| Folder { parent: None, name: name.to_owned(), class })
            .collect();
        let mut add = |parent: usize, name: String| {
            folders.push(Folder { parent: Some(parent), name, class: MAIL });
            folders.len() - 1
        };
        let mut projects = Vec::new();
        let groups = if profile == Profile::Office { 8 } else { 4 };
        for _ in 0..groups {
            let language =
                if random.chance(600) { ENGLISH } else { random.below(words.len() as u64) as usize };
            let group = add(INBOX, words[language].title(&mut random, 2));
            projects.push(group);
            for _ in 0..random.between(1, 6) {
                let name = words[language].title(&mut random, 2);
                projects.push(add(group, name));
            }
        }
        let years = (0..9).map(|year| add(ARCHIVE, (FIRST_YEAR + year).to_string())).collect();
        Self { folders, projects, years }
    }

    /// The place of the folder for an item of `time`.
    pub fn place(&self, home: Home, time: FileTime, random: &mut Random) -> usize {
        match home {
            Home::Received(thread) => match thread % 16 {
                // Whole conversations are sorted away; some letters of them are thrown away.
                _ if random.chance(25) => DELETED,
                0..7 => self.projects[(thread / 16) as usize % self.projects.len()],
                _ => INBOX,
            },
            Home::Archive => {
                let (year, _, _) = civil(time.unix_millis().div_euclid(86_400_000));
                let place = (year - FIRST_YEAR).clamp(0, self.years.len() as i64 - 1);
                self.years[place as usize]
            }
            Home::Sent => 2,
            Home::Drafts => 3,
            Home::Lists => 4,
            Home::Junk => 6,
            Home::Calendar => 7,
            Home::Contacts => 8,
            Home::Tasks => 9,
            Home::Notes => 10,
            Home::Journal => 11,
        }
    }

    /// Another folder for mail than `from`.
    pub fn elsewhere(&self, from: usize, random: &mut Random) -> usize {
        let to = self.projects[random.below(self.projects.len() as u64) as usize];
        if to == from { DELETED } else { to }
    }
}
