//! The items of one conversation under each other.

use super::{Evidence, id_key};
use std::collections::{HashMap, HashSet};

/// Deeper answers stand beside those of this depth.
pub const MAX_DEPTH: u32 = 64;
/// A conversation index without its answers.
const INDEX_HEADER: usize = 22;
/// What each answer adds to it ([MS-OXOMSG] 2.2.1.3).
const INDEX_STEP: usize = 5;

/// An item of a conversation.
#[derive(Debug, Clone, Default)]
pub struct Member {
    /// The item.
    pub id: i64,
    /// Milliseconds since 1970 UTC.
    pub date: Option<i64>,
    /// The key of its own message id.
    pub own: Option<u64>,
    /// The keys of the messages before it, nearest first.
    pub earlier: Vec<u64>,
    /// PidTagConversationIndex.
    pub index: Vec<u8>,
    /// The item that it answers by its subject alone.
    pub answers: Option<i64>,
    /// The first of the items that say the same.
    pub first: Option<i64>,
}

impl Member {
    /// From what the library keeps of an item.
    pub fn new(id: i64, evidence: &Evidence<'_>, answers: Option<i64>, first: Option<i64>) -> Self {
        Self {
            id,
            date: evidence.date,
            own: id_key(evidence.message_id),
            earlier: super::clues::earlier(evidence),
            index: evidence.conversation_index.to_vec(),
            answers,
            first,
        }
    }
}

/// An item in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The item.
    pub id: i64,
    /// The item above it.
    pub parent: Option<i64>,
    /// 0 for those that answer nothing of the conversation.
    pub depth: u32,
    /// Other items that say the same.
    pub copies: Vec<i64>,
    /// The message that it answers is not among them: a number for each such message, from 0.
    pub gap: Option<u32>,
}

/// Puts the items under each other: each behind what it answers, answers to one message by date. An item stands under the nearest
/// message that it names, or else under the one that its conversation index goes on from, or else under the one that it answers by
/// its subject. What would close a circle is passed over.
pub fn tree(mut members: Vec<Member>) -> Vec<Placed> {
    members.sort_by_key(|member| (member.date.is_none(), member.date, member.id));
    let (shown, copies, by_id) = fold(&members);
    let mut by_own: HashMap<u64, usize> = HashMap::new();
    let mut by_index: HashMap<&[u8], usize> = HashMap::new();
    for at in shown.iter().copied() {
        let member = &members[at];
        if let Some(own) = member.own {
            by_own.entry(own).or_insert(at);
        }
        if member.index.len() >= INDEX_HEADER {
            by_index.entry(&member.index).or_insert(at);
        }
    }
    let mut parents: Vec<Option<usize>> = vec![None; members.len()];
    for at in shown.iter().copied() {
        let member = &members[at];
        let named = member.earlier.iter().filter_map(|key| by_own.get(key));
        let steps = member.index.len().saturating_sub(INDEX_HEADER).div_ceil(INDEX_STEP);
        let before = (1..=steps).filter_map(|step| {
            by_index.get(member.index.get(..member.index.len().checked_sub(step * INDEX_STEP)?)?)
        });
        let answered = member.answers.and_then(|id| by_id.get(&id));
        let mut above = named.chain(before).chain(answered).copied();
        parents[at] = above.find(|parent| !leads_to(&parents, *parent, at));
    }
    let mut placed = walk(&members, &shown, &parents, &copies);
    find_gaps(&members, &mut placed);
    placed
}

/// Tells which items name a nearest message that is none of the members.
fn find_gaps(members: &[Member], placed: &mut [Placed]) {
    let own: HashSet<u64> = members.iter().filter_map(|member| member.own).collect();
    let nearest: HashMap<i64, u64> =
        members.iter().filter_map(|member| Some((member.id, *member.earlier.first()?))).collect();
    let mut numbers: HashMap<u64, u32> = HashMap::new();
    for one in placed {
        let Some(key) = nearest.get(&one.id).filter(|key| !own.contains(key)) else { continue };
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        one.gap = Some(*numbers.entry(*key).or_insert(next));
    }
}

/// The copies of each item, by its place.
type Copies = HashMap<usize, Vec<i64>>;

/// Places of the items that are shown, the copies of each, and where each item is shown.
fn fold(members: &[Member]) -> (Vec<usize>, Copies, HashMap<i64, usize>) {
    let (mut shown, mut copies, mut by_id) = (Vec::new(), Copies::new(), HashMap::new());
    let mut firsts: HashMap<i64, usize> = HashMap::new();
    for (at, member) in members.iter().enumerate() {
        let known = member.first.and_then(|first| firsts.get(&first)).copied();
        match known {
            Some(known) => copies.entry(known).or_default().push(member.id),
            None => {
                shown.push(at);
                firsts.extend(member.first.map(|first| (first, at)));
            }
        }
        by_id.insert(member.id, known.unwrap_or(at));
    }
    (shown, copies, by_id)
}

/// Whether going up from `from` comes to `to`.
fn leads_to(parents: &[Option<usize>], from: usize, to: usize) -> bool {
    let mut at = Some(from);
    while let Some(here) = at {
        if here == to {
            return true;
        }
        at = parents.get(here).copied().flatten();
    }
    false
}

fn walk(members: &[Member], shown: &[usize], parents: &[Option<usize>], copies: &Copies) -> Vec<Placed> {
    let mut below: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
    for at in shown.iter().copied() {
        below.entry(parents[at]).or_default().push(at);
    }
    let mut placed = Vec::with_capacity(shown.len());
    // Item, depth, and what it is shown under; the last is next.
    let mut next: Vec<(usize, u32, Option<usize>)> =
        below.get(&None).into_iter().flatten().rev().map(|at| (*at, 0, None)).collect();
    while let Some((at, depth, under)) = next.pop() {
        placed.push(Placed {
            id: members[at].id,
            parent: under.map(|under| members[under].id),
            depth,
            copies: copies.get(&at).cloned().unwrap_or_default(),
            gap: None,
        });
        let (depth, under) = if depth < MAX_DEPTH { (depth + 1, Some(at)) } else { (depth, under) };
        next.extend(below.get(&Some(at)).into_iter().flatten().rev().map(|at| (*at, depth, under)));
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(id: i64, names: &[u64]) -> Member {
        Member {
            id,
            date: Some(id),
            own: Some(id.unsigned_abs()),
            earlier: names.to_vec(),
            ..Member::default()
        }
    }

    /// Ids with their depths.
    fn check(members: Vec<Member>, expected: &[(i64, u32)]) {
        let shape: Vec<(i64, u32)> = tree(members).iter().map(|placed| (placed.id, placed.depth)).collect();
        assert_eq!(shape, expected);
    }

    #[test]
    fn under_what_they_answer() {
        check(
            vec![member(1, &[]), member(2, &[1]), member(3, &[1]), member(4, &[2, 1])],
            &[(1, 0), (2, 1), (4, 2), (3, 1)],
        );
        // What is not there is passed over for what is.
        check(vec![member(1, &[]), member(3, &[2, 1])], &[(1, 0), (3, 1)]);
        check(vec![member(2, &[9]), member(3, &[9])], &[(2, 0), (3, 0)]);
    }

    #[test]
    fn what_they_name_and_is_not_there() {
        let gaps = |members| -> Vec<(i64, Option<u32>)> {
            tree(members).iter().map(|placed| (placed.id, placed.gap)).collect()
        };
        // Two answers to one message that is away, one to another, and one to a message that is there.
        let members =
            vec![member(1, &[]), member(3, &[2, 1]), member(4, &[2, 1]), member(5, &[9]), member(6, &[5, 9])];
        assert_eq!(gaps(members), [(1, None), (3, Some(0)), (4, Some(0)), (5, Some(1)), (6, None)]);
        // A copy that is folded away is there all the same.
        let copy = |id: i64| Member { first: Some(1), ..member(id, &[]) };
        assert_eq!(gaps(vec![copy(1), copy(2), member(3, &[2])]), [(1, None), (3, None)]);
    }

    #[test]
    fn circles_and_depths_have_an_end() {
        check(vec![member(1, &[1])], &[(1, 0)]);
        check(vec![member(1, &[2]), member(2, &[1])], &[(2, 0), (1, 1)]);
        check(vec![member(1, &[3]), member(2, &[1]), member(3, &[2])], &[(3, 0), (1, 1), (2, 2)]);
        let deep: Vec<Member> = (1..=500).map(|id| member(id, &[id.unsigned_abs() - 1])).collect();
        let placed = tree(deep);
        assert_eq!(placed.len(), 500);
        assert_eq!(placed.iter().map(|placed| placed.depth).max(), Some(MAX_DEPTH));
        let under = |at: usize| placed[at].parent;
        assert_eq!((under(499), under(498)), (Some(64), Some(64)));
    }

    #[test]
    fn by_the_index_and_by_the_subject() {
        let index = |id, tail: usize| Member {
            id,
            date: Some(id),
            index: [&[1; 22][..], &vec![7; tail]].concat(),
            ..Member::default()
        };
        check(vec![index(1, 0), index(2, 5), index(3, 15)], &[(1, 0), (2, 1), (3, 2)]);
        let by_subject = Member { id: 4, date: Some(4), answers: Some(1), ..Member::default() };
        check(vec![index(1, 0), by_subject], &[(1, 0), (4, 1)]);
    }

    #[test]
    fn copies_stand_once() {
        let copy = |id: i64, first: i64| Member { first: Some(first), ..member(id, &[]) };
        let members = vec![copy(1, 1), copy(2, 1), Member { answers: Some(2), ..member(3, &[]) }];
        let placed = tree(members);
        assert_eq!(placed.len(), 2);
        assert_eq!((placed[0].id, &placed[0].copies[..]), (1, &[2][..]));
        assert_eq!((placed[1].id, placed[1].parent), (3, Some(1)));
    }
}
