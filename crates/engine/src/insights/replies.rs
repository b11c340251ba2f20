//! How long messages waited for an answer.
//!
//! What answers what is told by the tree of each conversation ([`crate::relations::tree`]): ids that a message names, conversation index,
//! subject. Its evidence lies in SQLite, a row for each item, so of large answers a part of the conversations is looked at, chosen by
//! number and always the same.

use super::first;
use crate::error::Result;
use crate::index::Index;
use crate::relations::tree::{Member, tree};
use crate::search::{self, Question};
use crate::store::{Correspondence, Store, Together};
use std::collections::{HashMap, HashSet};

/// Of the items that match, so many are looked at, with the conversations that they are in.
const MAX_ITEMS: u64 = 4000;
/// Rows that are read, those of conversations around them included.
const MAX_ROWS: usize = 12_000;
/// Of one conversation, so many items are looked at, the earliest.
const MAX_MEMBERS: usize = 2000;
/// The most people that are told.
const MAX_PEOPLE: usize = 200;

/// How long answers took.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Replies {
    /// Answers among the items that were looked at.
    pub times: Times,
    /// Who answered, most answers first.
    pub people: Vec<Answerer>,
    /// Items in conversations with others: those that were looked at, and all that match.
    pub looked_at: (u64, u64),
}

/// Seconds that answers took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// Answers.
    pub count: u64,
    /// A quarter of them came within this time.
    pub quarter: u64,
    /// Half of them.
    pub median: u64,
    /// Three quarters.
    pub three_quarters: u64,
    /// Nine in ten.
    pub ninety: u64,
}

/// Who answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answerer {
    /// Name, where one is known.
    pub name: String,
    /// Address in lower case.
    pub address: String,
    /// How long the answers took.
    pub times: Times,
}

impl Times {
    fn of(mut seconds: Vec<u64>) -> Self {
        seconds.sort_unstable();
        let count = seconds.len();
        // The least that so many in a hundred do not exceed.
        let at = |part: usize| {
            seconds.get((count * part).div_ceil(100).saturating_sub(1)).copied().unwrap_or_default()
        };
        Self { count: count as u64, quarter: at(25), median: at(50), three_quarters: at(75), ninety: at(90) }
    }
}

/// How long the items that answer `question` took to answer others; the `top` people with the most answers.
///
/// # Errors
/// [`crate::Error::BadQuery`]; otherwise the stores'.
pub fn replies(index: &Index, store: &Store, question: &Question, top: usize) -> Result<Replies> {
    let groups = store.groups(Together::Conversation)?;
    let mut ids = search::all_ids(index, store, question)?;
    ids.retain(|id| groups.of(id.unsigned_abs()).is_some());
    let all = ids.len() as u64;
    if all > MAX_ITEMS {
        // Whole conversations, spread over all.
        let share = u128::from(u64::MAX) * u128::from(MAX_ITEMS) / u128::from(all);
        ids.retain(|id| groups.of(id.unsigned_abs()).is_some_and(|group| u128::from(spread(group)) < share));
    }
    let rows = store.correspondence(&ids, MAX_ROWS)?;
    let wanted: HashSet<i64> = ids.iter().copied().collect();
    let looked_at = rows.iter().filter(|row| wanted.contains(&row.member.id)).count() as u64;
    let mut answers = Vec::new();
    for conversation in rows.chunk_by(|a, b| a.conversation == b.conversation) {
        answers_in(conversation, &wanted, &mut answers);
    }
    Ok(Replies {
        times: Times::of(answers.iter().map(|answer| answer.seconds).collect()),
        people: by_person(answers, top.clamp(1, MAX_PEOPLE)),
        looked_at: (looked_at, all),
    })
}

/// A number for a group that tells nothing of when it came: any of them is as likely as any other.
fn spread(group: u32) -> u64 {
    let mixed = (u64::from(group) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93)
}

struct Answer<'a> {
    name: &'a str,
    address: &'a str,
    seconds: u64,
}

/// The answers of a conversation that are `wanted`: messages of people to messages of others. The first of each to a message counts.
fn answers_in<'a>(rows: &'a [Correspondence], wanted: &HashSet<i64>, answers: &mut Vec<Answer<'a>>) {
    let rows = rows.get(..MAX_MEMBERS).unwrap_or(rows);
    let by_id: HashMap<i64, &Correspondence> = rows.iter().map(|row| (row.member.id, row)).collect();
    let members: Vec<Member> = rows.iter().map(|row| row.member.clone()).collect();
    let mut placed = tree(members);
    placed.sort_by_key(|one| by_id.get(&one.id).and_then(|row| row.member.date));
    let mut seen: HashSet<(i64, String)> = HashSet::new();
    for one in placed {
        let (Some(row), Some(above)) = (by_id.get(&one.id), one.parent.and_then(|id| by_id.get(&id))) else {
            continue;
        };
        let asked = wanted.contains(&one.id) || one.copies.iter().any(|copy| wanted.contains(copy));
        let (Some(date), Some(before)) = (row.member.date, above.member.date) else { continue };
        let (who, whom) = (row.person(), above.person());
        if !row.letter || !above.letter || row.forward || who.is_empty() || who == whom || date < before {
            continue;
        }
        // Whose first answer it is does not depend on what was asked for.
        if seen.insert((above.member.id, who)) && asked {
            let seconds = (date - before).unsigned_abs() / 1000;
            answers.push(Answer { name: &row.from_name, address: &row.from_address, seconds });
        }
    }
}

fn by_person(answers: Vec<Answer<'_>>, top: usize) -> Vec<Answerer> {
    type Own<'a> = (HashMap<String, u64>, &'a str, Vec<u64>);
    let mut people: HashMap<String, Own<'_>> = HashMap::new();
    for Answer { name, address, seconds } in answers {
        let own =
            people.entry(person(name, address)).or_insert_with(|| (HashMap::new(), address, Vec::new()));
        *own.0.entry(name.to_owned()).or_default() += 1;
        own.2.push(seconds);
    }
    let people = people.into_values().map(|(names, address, seconds)| Answerer {
        name: super::best_name(names),
        address: address.to_lowercase(),
        times: Times::of(seconds),
    });
    first(people, top, |person| person.times.count, |person| (person.address.clone(), person.name.clone()))
}

/// What tells a person: the address, or the name where there is none.
pub(crate) fn person(name: &str, address: &str) -> String {
    if address.is_empty() { name.trim().to_lowercase() } else { address.trim().to_lowercase() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_the_times() {
        let times = |seconds: &[u64]| {
            let times = Times::of(seconds.to_vec());
            (times.count, times.quarter, times.median, times.three_quarters, times.ninety)
        };
        assert_eq!(times(&[]), (0, 0, 0, 0, 0));
        assert_eq!(times(&[7]), (1, 7, 7, 7, 7));
        assert_eq!(times(&[4, 1, 3, 2]), (4, 1, 2, 3, 4));
        assert_eq!(times(&(1..=100).collect::<Vec<_>>()), (100, 25, 50, 75, 90));
    }

    #[test]
    fn a_share_of_groups_is_spread_over_all() {
        let share = u64::MAX / 4;
        for from in [0_u32, 100_000, 3_000_000_000] {
            let chosen = (from..from + 10_000).filter(|group| spread(*group) < share).count();
            assert!((2300..2700).contains(&chosen), "{chosen}");
        }
    }
}
