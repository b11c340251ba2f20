//! Databases beside which nothing may be written.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use std::path::{Path, PathBuf};

/// What has a meaning in a URI, or none there.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// Where SQLite keeps what is not in the database at `path` yet.
pub fn log(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// The URI by which SQLite opens the database at `path` as one that nobody changes. Nothing is then looked for or made beside it.
pub fn unchanging(path: &Path) -> String {
    // With the separators of a URI; a drive comes behind a slash.
    let bytes = path.as_os_str().as_encoded_bytes();
    let bytes: Vec<u8> = match cfg!(windows) {
        true => bytes.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect(),
        false => bytes.to_vec(),
    };
    let slash = if cfg!(windows) && !bytes.starts_with(b"/") { "/" } else { "" };
    format!("file:{slash}{}?immutable=1", percent_encode(&bytes, ENCODED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::{Connection, OpenFlags};

    #[test]
    fn any_name_of_a_folder_can_be_said() {
        for name in ["plain", "a case, 50% done", "what? #1 & more", "Fälle", "two//slashes", "file:x"] {
            let folder = tempfile::tempdir().unwrap();
            let folder = folder.path().join(name);
            std::fs::create_dir_all(&folder).unwrap();
            let path = folder.join("library.sqlite");
            Connection::open(&path)
                .unwrap()
                .execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (7)")
                .unwrap();
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            let opened = Connection::open_with_flags(unchanging(&path), flags).unwrap();
            let number: i64 = opened.query_row("SELECT a FROM t", [], |row| row.get(0)).unwrap();
            assert_eq!(number, 7, "{name}");
        }
    }
}
