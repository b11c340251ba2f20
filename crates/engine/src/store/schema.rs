//! The tables, and the steps from each version of them to the next.

use crate::error::{Error, Result};
use rusqlite::Connection;
use std::cmp::Ordering;
use std::path::Path;

/// Steps from version n to n + 1. Never change one that was released; add another.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/01.sql"),
    include_str!("schema/02.sql"),
    include_str!("schema/03.sql"),
    include_str!("schema/04.sql"),
    include_str!("schema/05.sql"),
    include_str!("schema/06.sql"),
    include_str!("schema/07.sql"),
    include_str!("schema/08.sql"),
    include_str!("schema/09.sql"),
    include_str!("schema/10.sql"),
    include_str!("schema/11.sql"),
    include_str!("schema/12.sql"),
    include_str!("schema/13.sql"),
];

/// Refuses a database that is of another version than this one.
///
/// # Errors
/// [`Error::LibraryUnusable`] for a later one; [`Error::LibraryUnfinished`] for an earlier one, which is to be migrated.
pub fn check(connection: &Connection, path: &Path) -> Result<()> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let of = |version| format!("made by {version} version of Mailscope");
    let path = path.to_owned();
    match usize::try_from(version).unwrap_or_default().cmp(&MIGRATIONS.len()) {
        Ordering::Equal => Ok(()),
        Ordering::Greater => {
            let reason = format!("it was {} (schema {version})", of("a later"));
            Err(Error::LibraryUnusable { path, reason })
        }
        Ordering::Less => {
            let reason =
                format!("it was {} (schema {version}) and is not brought up to date yet", of("an earlier"));
            Err(Error::LibraryUnfinished { path, reason })
        }
    }
}

/// Brings the schema up to the latest version, each step in a transaction of its own; of a new database, all in one.
pub fn migrate(connection: &mut Connection, path: &Path) -> Result<()> {
    let unusable = |reason: String| Error::LibraryUnusable { path: path.to_owned(), reason };
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let version = usize::try_from(version).map_err(|_| unusable(format!("schema version {version}")))?;
    if version > MIGRATIONS.len() {
        return Err(unusable(format!("it was made by a later version of Mailscope (schema {version})")));
    }
    let at_once = if version == 0 { MIGRATIONS.len() } else { 1 };
    let steps = MIGRATIONS.get(version..).unwrap_or_default();
    for (number, steps) in steps.chunks(at_once).enumerate() {
        let done = version + number * at_once + steps.len();
        let transaction = connection.transaction()?;
        steps.iter().try_for_each(|step| transaction.execute_batch(step))?;
        transaction.pragma_update(None, "user_version", i64::try_from(done).unwrap_or(i64::MAX))?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_versions_are_refused_and_known_ones_kept() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, Path::new("x")).unwrap();
        migrate(&mut connection, Path::new("x")).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(migrate(&mut connection, Path::new("x")), Err(Error::LibraryUnusable { .. })));
    }

    #[test]
    fn who_only_reads_takes_no_other_version() {
        const LATEST: i64 = MIGRATIONS.len() as i64;
        let mut connection = Connection::open_in_memory().unwrap();
        let checked = |connection: &Connection| check(connection, Path::new("x"));
        assert!(matches!(checked(&connection), Err(Error::LibraryUnfinished { .. })));
        migrate(&mut connection, Path::new("x")).unwrap();
        checked(&connection).unwrap();
        connection.pragma_update(None, "user_version", LATEST - 1).unwrap();
        assert!(matches!(checked(&connection), Err(Error::LibraryUnfinished { .. })));
        connection.pragma_update(None, "user_version", LATEST + 1).unwrap();
        assert!(matches!(checked(&connection), Err(Error::LibraryUnusable { .. })));
    }

    /// Each step finds what the steps before it leave, with rows in every table that it changes.
    #[test]
    fn accounts_of_the_first_version_are_carried_over() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(MIGRATIONS[0]).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        connection
            .execute_batch(
                "INSERT INTO source VALUES (1, x'01', '/a.pst', 'a.pst', 'Unicode', 'PST', 'none', 1, 1, 1, 1);
                 INSERT INTO folder (id, source_id, key, ordinal, depth, name, path, expected, hidden)
                   VALUES (5, 1, 34, 0, 0, 'Inbox', 'Inbox', 4, 0);
                 INSERT INTO failure VALUES (1, 99, 5, 0, 'torn'), (1, 98, 5, 1, 'torn');",
            )
            .unwrap();
        let items = [(11, 0, "NULL", 2), (12, 0, "NULL", 1), (13, 0, "7", 3), (14, 1, "NULL", 4)];
        for (key, recovered, gone, attachments) in items {
            let row = format!(
                "INSERT INTO item VALUES (NULL, 1, 5, {key}, 0, 0, 1, 0, '', '', '', '', '', NULL, 0, {attachments}, 0, 1, '',
                 {recovered}, {gone})"
            );
            connection.execute_batch(&row).unwrap();
        }
        migrate(&mut connection, Path::new("x")).unwrap();
        let account = |connection: &Connection| -> Vec<i64> {
            let sql =
                "SELECT items, failed, recovered, gone_items, attachments, embedded FROM folder WHERE id = 5";
            let row = |row: &rusqlite::Row<'_>| (0..6).map(|column| row.get(column)).collect();
            connection.query_row(sql, [], row).unwrap()
        };
        assert_eq!(account(&connection), [2, 1, 1, 1, 3, 2]);
        let then = |sql: &str, expected: [i64; 6]| {
            connection.execute_batch(sql).unwrap();
            assert_eq!(account(&connection), expected, "{sql}");
        };
        then("UPDATE item SET gone_at = 1 WHERE key = 11", [1, 1, 1, 2, 1, 1]);
        then("UPDATE item SET recovered = 1 WHERE key = 12", [0, 1, 2, 2, 0, 0]);
        then("UPDATE item SET recovered = 0, attachments = 9 WHERE key = 14", [1, 1, 1, 2, 9, 1]);
        then("DELETE FROM failure", [1, 0, 1, 2, 9, 1]);
        then("DELETE FROM item", [0, 0, 0, 0, 0, 0]);
    }
}
