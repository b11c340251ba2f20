//! Links: what belongs together, made anew behind whatever changed. See [`crate::relations`].

use super::StoreWriter;
use super::clues::{CHUNK, Changed, Reach};
use super::links::{Groups, LINK, Links, MAX_PAIRS, Pairs, blob, digest, keys, links_of, text};
use crate::error::Result;
use crate::relations::solve::{Candidate, Sets, answers};
use crate::relations::{MAX_PEOPLE, People, RULE};
use crate::store::lookup::id_list;
use foldhash::HashSet;
use rusqlite::params;
use std::collections::HashMap;
use std::num::NonZero;
use std::time::Instant;

/// Where more items than this are concerned, making the groups of all is no more.
const MAX_TOUCHED: usize = if cfg!(test) { 12 } else { 100_000 };

impl StoreWriter {
    /// Brings the links up to date with what was committed; gives whether any changed. `stop` is asked between chunks: what is then
    /// not done is done the next time.
    ///
    /// # Errors
    /// SQLite's.
    pub fn relate(&mut self, now: i64, stop: &dyn Fn() -> bool) -> Result<bool> {
        let (held, rule): (i64, i64) =
            self.connection.query_row("SELECT batch, rule FROM link_state WHERE id = 1", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        let last = self.last_batch()?;
        if rule != RULE {
            self.distrust_links()?;
        }
        let held = if rule == RULE { held } else { -1 };
        if held == last {
            return Ok(false);
        }
        let started = Instant::now();
        let Some(changed) = self.renew_clues(held, now, stop)? else { return Ok(false) };
        tracing::debug!(took = ?started.elapsed(), "clues renewed");
        let concerned = !matches!(changed, Changed::Nothing);
        if concerned && !self.regroup(&changed, now, stop)? {
            return Ok(false);
        }
        tracing::debug!(took = ?started.elapsed(), "groups made");
        self.begin()?;
        self.connection.execute(
            "UPDATE link_state SET batch = ?1, rule = ?2, version = version + ?3 WHERE id = 1",
            params![last, RULE, concerned],
        )?;
        self.commit(None, now)?;
        Ok(concerned)
    }

    /// Has the links that were made in another way looked at again.
    fn distrust_links(&mut self) -> Result<()> {
        self.begin()?;
        self.connection.execute_batch("UPDATE link SET batch = -1")?;
        self.connection.execute("UPDATE link_state SET batch = -1, rule = ?1", [RULE])?;
        Ok(())
    }

    /// Makes all links anew with the next [`Self::relate`].
    ///
    /// # Errors
    /// SQLite's.
    pub fn forget_links(&mut self) -> Result<()> {
        self.begin()?;
        self.connection.execute_batch(
            "DELETE FROM message_hash; DELETE FROM link; UPDATE link_state SET batch = -1 WHERE id = 1",
        )?;
        Ok(())
    }

    pub(super) fn numbers(&self, sql: &str, values: impl rusqlite::Params) -> Result<Vec<i64>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(values, |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Makes groups of all that the change can concern and writes where they differ from those that are stored. Gives whether it came
    /// to the end.
    fn regroup(&mut self, changed: &Changed, now: i64, stop: &dyn Fn() -> bool) -> Result<bool> {
        let some = match changed {
            Changed::Items(reach) => {
                self.touched(reach)?.map(|ids| self.some_links(&ids, changed)).transpose()?
            }
            _ => None,
        };
        let mut all = match some {
            Some(links) if links.pairs.is_some() => links,
            _ => self.all_links(changed)?,
        };
        if stop() {
            self.rollback();
            return Ok(false);
        }
        tracing::debug!(items = all.ids.len(), "links looked at");
        let answered = self.answers(std::mem::take(&mut all.candidates), &all.ids)?;
        let mut sets = Sets::new(u32::try_from(all.ids.len()).unwrap_or(u32::MAX));
        let number = |id: &i64| all.ids.binary_search(id).ok().and_then(|at| u32::try_from(at).ok());
        for (item, answers) in answered.iter().copied() {
            sets.join(item, answers);
        }
        for (item, held) in (0..).zip(&all.held).filter(|(_, held)| !held.concerned) {
            if let Some(answers) = held.groups.answers.and_then(|id| number(&id.get())) {
                sets.join(item, answers);
            }
        }
        let firsts = self.join_keys(&mut sets, all.pairs.take(), all.ids.len())?;
        let conversations = sets.into_groups();
        let answered: HashMap<u32, u32> = answered.into_iter().collect();
        let id =
            |at: Option<u32>| at.and_then(|at| all.ids.get(at as usize)).and_then(|id| NonZero::new(*id));
        let mut at = 0_usize;
        let mut chunks = all.held.chunks(CHUNK).peekable();
        while let Some(chunk) = chunks.next() {
            if stop() {
                self.rollback();
                return Ok(false);
            }
            for held in chunk {
                let number = u32::try_from(at).unwrap_or(u32::MAX);
                let group = |groups: &[Option<u32>]| id(groups.get(at).copied().flatten());
                let groups = Groups {
                    conversation: group(&conversations),
                    first: group(&firsts),
                    answers: match held.concerned {
                        true => id(answered.get(&number).copied()),
                        false => held.groups.answers,
                    },
                };
                if groups != held.groups {
                    self.put_groups(all.ids.get(at).copied(), &groups)?;
                }
                at += 1;
            }
            self.commit_between(chunks.peek().is_some(), now)?;
        }
        Ok(true)
    }

    /// Commits one of many chunks. The last is committed with what follows: a small change so waits for the disk once.
    pub(super) fn commit_between(&mut self, more_follow: bool, now: i64) -> Result<()> {
        if more_follow {
            self.commit(None, now)?;
            self.begin()?;
        }
        Ok(())
    }

    fn put_groups(&self, item: Option<i64>, groups: &Groups) -> Result<()> {
        let number = |id: Option<NonZero<i64>>| id.map(NonZero::get);
        self.connection
            .prepare_cached("UPDATE link SET conversation = ?2, first = ?3, answers = ?4 WHERE item_id = ?1")?
            .execute(params![
                item,
                number(groups.conversation),
                number(groups.first),
                number(groups.answers)
            ])?;
        Ok(())
    }

    /// All that making groups takes, in one go over the links: they are many, and mostly as they were.
    fn all_links(&self, changed: &Changed) -> Result<Links> {
        // Subjects that join anything: where all are concerned, to keep no candidate in memory that leads to nothing.
        let joining = match changed {
            Changed::Everything => {
                let sql = "SELECT DISTINCT subject FROM link WHERE weak > 0 AND subject IS NOT NULL";
                Some(self.numbers(sql, [])?.into_iter().collect::<HashSet<i64>>())
            }
            _ => None,
        };
        let mut statement =
            self.connection.prepare_cached(&format!("SELECT {LINK} FROM link ORDER BY item_id"))?;
        links_of(statement.query([])?, changed, joining)
    }

    /// The links of these items.
    fn some_links(&self, ids: &[i64], changed: &Changed) -> Result<Links> {
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT {LINK} FROM json_each(?1) AS wanted JOIN link ON link.item_id = wanted.value ORDER BY item_id"
        ))?;
        links_of(statement.query([id_list(ids.iter().copied())?])?, changed, None)
    }

    /// The items whose groups can be others now: those that changed, those that share anything with them, and all that were of one
    /// conversation with any of these. What is not among them shares nothing with what is. `None` where they are too many.
    fn touched(&self, reach: &Reach) -> Result<Option<Vec<i64>>> {
        let (mut touched, mut conversations) = (HashSet::default(), HashSet::default());
        let mut statement =
            self.connection.prepare_cached("SELECT item_id, subject, same, keys, conversation FROM link")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (item, subject): (i64, Option<i64>) = (row.get(0)?, row.get(1)?);
            let shares = reach.items.contains(&item)
                || subject.is_some_and(|subject| reach.subjects.contains(&subject))
                || reach.same.contains(&digest(blob(row, 2)?))
                || keys(blob(row, 3)?.unwrap_or_default()).any(|key| reach.keys.contains(&key));
            if shares {
                touched.insert(item);
                conversations.extend(row.get::<_, Option<i64>>(4)?);
                if touched.len() > MAX_TOUCHED {
                    return Ok(None);
                }
            }
        }
        let mut members = self.connection.prepare_cached(
            "SELECT item_id FROM json_each(?1) AS wanted JOIN link ON link.conversation = wanted.value",
        )?;
        let mut rows = members.query([id_list(conversations.into_iter())?])?;
        while let Some(row) = rows.next()? {
            touched.insert(row.get(0)?);
            if touched.len() > MAX_TOUCHED {
                return Ok(None);
            }
        }
        let mut touched: Vec<i64> = touched.into_iter().collect();
        touched.sort_unstable();
        Ok(Some(touched))
    }

    /// Which of the candidates answers which.
    fn answers(&self, mut candidates: Vec<Candidate>, ids: &[i64]) -> Result<Vec<(u32, u32)>> {
        candidates.sort_unstable();
        let mut found = Vec::new();
        let mut groups = candidates.chunk_by(|a, b| a.subject == b.subject).peekable();
        while groups.peek().is_some() {
            let (mut some, mut count) = (Vec::new(), 0);
            while let Some(group) = groups.next_if(|group| count == 0 || count + group.len() <= CHUNK) {
                if group.len() > 1 {
                    count += group.len();
                    some.push(group);
                }
            }
            let wanted = some.iter().flat_map(|group| group.iter()).map(|one| one.at);
            let people = self.people_of(wanted, ids)?;
            found.extend(some.iter().flat_map(|group| answers(group, |at| people.get(&at))));
        }
        Ok(found)
    }

    /// Who took part in the items with these numbers.
    fn people_of(&self, numbers: impl Iterator<Item = u32>, ids: &[i64]) -> Result<HashMap<u32, People>> {
        let by_id: HashMap<i64, u32> =
            numbers.filter_map(|at| ids.get(at as usize).map(|id| (*id, at))).collect();
        let mut wanted: Vec<i64> = by_id.keys().copied().collect();
        wanted.sort_unstable();
        let mut people: HashMap<u32, People> = HashMap::with_capacity(by_id.len());
        let mut senders = self.connection.prepare_cached(
            "SELECT item.id, from_name, from_address FROM json_each(?1) AS wanted JOIN item ON item.id = wanted.value",
        )?;
        let mut recipients = self.connection.prepare_cached(
            "SELECT recipient.item_id, name, address FROM json_each(?1) AS wanted
             JOIN recipient ON recipient.item_id = wanted.value AND recipient.ordinal < ?2
             JOIN person ON person.id = recipient.person_id",
        )?;
        for chunk in wanted.chunks(CHUNK) {
            let list = id_list(chunk.iter().copied())?;
            let mut rows = senders.query([&list])?;
            while let Some(row) = rows.next()? {
                if let Some(at) = by_id.get(&row.get(0)?) {
                    people.entry(*at).or_default().sender(text(row, 1)?, text(row, 2)?);
                }
            }
            let mut rows = recipients.query(params![list, MAX_PEOPLE])?;
            while let Some(row) = rows.next()? {
                if let Some(at) = by_id.get(&row.get(0)?) {
                    let (name, address) = (text(row, 1)?, text(row, 2)?);
                    people.entry(*at).or_default().recipient(name, address);
                }
            }
        }
        Ok(people)
    }

    /// Joins the items that share a key or say the same. Gives for each item the first of those that say the same, in order of date
    /// and id; `None` for one that is alone. Without `pairs` they are too many to be sorted at once.
    fn join_keys(&self, sets: &mut Sets, pairs: Option<Pairs>, items: usize) -> Result<Vec<Option<u32>>> {
        let mut firsts = vec![None; items];
        if let Some(pairs) = pairs {
            pairs.join(sets, &mut firsts);
            return Ok(firsts);
        }
        let length: Option<i64> =
            self.connection.query_row("SELECT sum(length(keys) / 8 + 1) FROM link", [], |row| row.get(0))?;
        let passes = length.unwrap_or_default().unsigned_abs() / MAX_PAIRS as u64 + 1;
        let mut statement =
            self.connection.prepare_cached("SELECT keys, same, date FROM link ORDER BY item_id")?;
        for pass in 0..passes {
            let mut pairs = Pairs::default();
            let mut rows = statement.query([])?;
            let mut at = 0_u32;
            while let Some(row) = rows.next()? {
                let same = digest(blob(row, 1)?);
                pairs.add(at, blob(row, 0)?.unwrap_or_default(), same, row.get(2)?, passes, pass);
                at += 1;
            }
            pairs.join(sets, &mut firsts);
        }
        Ok(firsts)
    }
}

#[cfg(test)]
#[path = "relations_tests.rs"]
mod tests;
