//! Who writes: the owner of the mailbox and a few thousand correspondents, some of whom write most of the mail.

use mailscope_pst::write::Person;

use crate::language::{ENGLISH, LANGUAGES};
use crate::random::{Purpose, Random, Zipf};
use crate::words::Words;

/// A correspondent.
#[derive(Debug, Clone)]
pub struct Correspondent {
    /// Name and address.
    pub person: Person,
    /// The place of their language.
    pub language: usize,
    /// The place of their organisation.
    pub organisation: usize,
}

/// All correspondents; the owner is number 0.
#[derive(Debug)]
pub struct People {
    all: Vec<Correspondent>,
    domains: Vec<String>,
    /// The numbers of the people of each organisation.
    members: Vec<Vec<usize>>,
    activity: Zipf,
}

/// The owner's place.
pub const OWNER: usize = 0;

impl People {
    /// The people of a mailbox of `items` items.
    pub fn new(seed: u64, items: u64, words: &[Words]) -> Self {
        let count = (items / 8 + 12).min(4_000);
        let organisations = count / 12 + 3;
        let mut random = Random::new(seed, Purpose::People, u64::MAX);
        let latin = &words[ENGLISH];
        let domains: Vec<String> = (0..organisations)
            .map(|number| {
                let name = latin.content_word(&mut random).to_owned();
                // Names under `.example` belong to nobody.
                format!("{name}{number}.example")
            })
            .collect();
        let shares: Vec<u64> = LANGUAGES.iter().map(|language| language.share).collect();
        let sizes = Zipf::new(organisations as u32, 2);
        let all: Vec<Correspondent> = (0..count)
            .map(|number| {
                let mut random = Random::new(seed, Purpose::People, number);
                let home = number as usize == OWNER;
                let language = if home { ENGLISH } else { random.weighted(&shares) };
                let organisation = if home { 0 } else { sizes.draw(&mut random) };
                let own = &words[language];
                let (given, family) = (own.title(&mut random, 1), own.title(&mut random, 1));
                let separator = if own.language.spaced { " " } else { "" };
                let local = format!(
                    "{}.{}{number}",
                    latin.content_word(&mut random),
                    latin.content_word(&mut random)
                );
                let address = format!("{local}@{}", domains[organisation]);
                let person = Person::new(format!("{given}{separator}{family}"), address);
                Correspondent { person, language, organisation }
            })
            .collect();
        let mut members = vec![Vec::new(); domains.len()];
        for (number, who) in all.iter().enumerate() {
            members[who.organisation].push(number);
        }
        let activity = Zipf::new(count as u32, 2);
        Self { all, domains, members, activity }
    }

    /// The correspondent at a place.
    pub fn get(&self, place: usize) -> &Correspondent {
        &self.all[place.min(self.all.len() - 1)]
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// The domain of an organisation.
    pub fn domain(&self, organisation: usize) -> &str {
        &self.domains[organisation.min(self.domains.len() - 1)]
    }

    /// Somebody, those who write much often.
    pub fn anybody(&self, random: &mut Random) -> usize {
        self.activity.draw(random)
    }

    /// Who takes part in a conversation that `initiator` begins: the initiator first, the owner always.
    pub fn circle(&self, random: &mut Random, initiator: usize) -> Vec<usize> {
        let mut circle = vec![initiator];
        if initiator != OWNER {
            circle.push(OWNER);
        }
        let others = random.power(1, 12) - u64::from(initiator != OWNER);
        for _ in 0..others {
            let colleagues = &self.members[self.get(initiator).organisation];
            let next = if random.chance(700) { random.pick(colleagues) } else { self.anybody(random) };
            if !circle.contains(&next) {
                circle.push(next);
            }
        }
        if circle.len() == 1 {
            let next = 1 + self.anybody(random) % (self.count() - 1);
            circle.push(next);
        }
        circle
    }
}
