//! What no file of the repository may hold.

use super::Finding;

/// Files longer than this are hard to hold in mind.
const LONG: usize = 500;
/// Files longer than this fail.
const TOO_LONG: usize = 700;
/// Larger files need a better place than the repository.
const MAX_BYTES: usize = 2 << 20;

const SOURCES: &[&str] = &["rs", "ts", "svelte", "js", "mjs", "py", "css", "sh"];
const GENERATED: &[&str] = &["ui/src/ipc/generated/"];
/// Names of folders and ends of files that are made, not written.
const MADE: &[&str] = &["target/", "node_modules/", "dist/", "artifacts/"];
const MAIL: &[&str] = &["pst", "ost", "msg", "mbox", "eml"];
/// What Outlook data files begin with.
const MAIL_MAGIC: &[u8] = b"!BDN";

/// What must not stand in sources, by the ends of their names. Written in halves, so that this file is clean itself.
const WORDS: &[(&[&str], &str, &str)] = &[
    (&["rs"], concat!("to", "do!("), "unfinished code"),
    (&["rs"], concat!("unimpl", "emented!("), "unfinished code"),
    (&["rs"], concat!("#[ig", "nore"), "a test that does not run"),
    (&["rs"], concat!("uns", "afe {"), "unsafe code"),
    (&["ts", "js", "mjs", "svelte"], concat!(".sk", "ip("), "a test that does not run"),
    (&["ts", "js", "mjs", "svelte"], concat!(".on", "ly("), "a test that keeps others from running"),
    (&["ts", "js", "mjs", "svelte"], concat!("@ts-", "ignore"), "a silenced type error"),
    (SOURCES, concat!("FIX", "ME"), "unfinished code"),
    (SOURCES, concat!("/ro", "ot/"), "an absolute path of one machine"),
    (SOURCES, concat!("/wo", "rk/"), "an absolute path of one machine"),
];

/// Checks the name and the content of a file; `path` is relative to the repository, with `/`.
pub fn check_file(path: &str, bytes: &[u8]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let end = extension(path);
    if MADE.iter().any(|made| path.starts_with(made) || path.contains(&format!("/{made}"))) {
        findings.push(Finding::new(path, "is made by a build and must not be kept"));
    }
    if MAIL.contains(&end.to_ascii_lowercase().as_str()) || bytes.starts_with(MAIL_MAGIC) {
        findings.push(Finding::new(path, "is mail; tests write the mail that they need"));
    }
    if bytes.len() > MAX_BYTES {
        findings.push(Finding::new(path, format!("has {} bytes; at most {MAX_BYTES} are kept", bytes.len())));
    }
    if !SOURCES.contains(&end) {
        return findings;
    }
    let Ok(source) = std::str::from_utf8(bytes) else {
        findings.push(Finding::new(path, "is not UTF-8"));
        return findings;
    };
    for (number, line) in source.lines().enumerate() {
        let hits = WORDS.iter().filter(|(ends, word, _)| ends.contains(&end) && holds(line, word));
        findings.extend(hits.map(|(_, word, what)| {
            Finding::new(format!("{path}:{}", number + 1), format!("{what} (`{word}`)"))
        }));
    }
    findings
}

/// Whether `line` holds `word` at the beginning of a word or of a path.
fn holds(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        !word.starts_with('/') || !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-/}".contains(c))
    })
}

/// Checks the length of a source; the second of the pair tells a failure from a warning.
pub fn check_length(path: &str, bytes: &[u8]) -> Option<(Finding, bool)> {
    if !SOURCES.contains(&extension(path)) || GENERATED.iter().any(|folder| path.starts_with(folder)) {
        return None;
    }
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
    let finding = Finding::new(path, format!("has {lines} lines; split it by concept"));
    (lines > LONG).then_some((finding, lines > TOO_LONG))
}

/// Checks the first file of a library or program.
pub fn check_crate_root(path: &str, source: &str) -> Option<Finding> {
    let forbids = source.lines().any(|line| line.trim() == "#![forbid(unsafe_code)]");
    (!forbids).then(|| Finding::new(path, "lacks #![forbid(unsafe_code)]"))
}

fn extension(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or("", |(_, end)| end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, content: &str, expected: &[&str]) {
        let findings: Vec<String> =
            check_file(path, content.as_bytes()).iter().map(ToString::to_string).collect();
        assert_eq!(findings.len(), expected.len(), "{path} {content:?}: {findings:?}");
        for (finding, part) in findings.iter().zip(expected) {
            assert!(finding.contains(part), "{finding:?} lacks {part:?}");
        }
    }

    #[test]
    fn unfinished_code_is_found() {
        check("a.rs", "fn a() {}\n", &[]);
        check("a.rs", &["fn a() {\n  to", "do!()\n}"].concat(), &["a.rs:2: unfinished"]);
        check("a.rs", &["unimple", "mented!(\"x\")"].concat(), &["unfinished"]);
        check("a.rs", &["#[ign", "ore = \"slow\"]"].concat(), &["does not run"]);
        check("a.md", &["to", "do!()"].concat(), &[]);
        check("a.test.ts", &["it.sk", "ip('x')"].concat(), &["does not run"]);
        check("a.test.ts", &["describe.on", "ly('x')"].concat(), &["keeps others"]);
        check("a.rs", "iterator.skip(1)", &[]);
        check("a.py", &["# FIX", "ME later"].concat(), &["unfinished"]);
    }

    #[test]
    fn paths_of_a_machine_are_found() {
        check("a.rs", &["\"/ro", "ot/x\""].concat(), &["absolute path"]);
        check("a.rs", &["\"/wo", "rk/x\""].concat(), &["absolute path"]);
        check("a.rs", &["\"team/wo", "rk/x\""].concat(), &[]);
        check("a.rs", &["\"../wo", "rk/x\""].concat(), &[]);
        check("a.rs", "\"/tmp-like/x\"", &[]);
    }

    #[test]
    fn mail_and_what_is_made_stay_out() {
        check("tests/a.pst", "", &["is mail"]);
        check("tests/a.OST", "", &["is mail"]);
        check("tests/a.bin", "!BDN\u{1}", &["is mail"]);
        check("ui/dist/index.html", "", &["made by a build"]);
        check("node_modules/a.js", "", &["made by a build"]);
        check("ui/src/distance.ts", "", &[]);
        let big = "x".repeat(MAX_BYTES + 1);
        check("a.png", &big, &["bytes"]);
        check(".gitignore", "target/", &[]);
    }

    #[test]
    fn length_is_measured() {
        let check = |path, lines: usize, expected| {
            let outcome = check_length(path, "\n".repeat(lines).as_bytes());
            assert_eq!(outcome.map(|(_, fails)| fails), expected, "{path} {lines}");
        };
        check("a.rs", 500, None);
        check("a.rs", 501, Some(false));
        check("a.svelte", 700, Some(false));
        check("a.ts", 701, Some(true));
        check("a.md", 5000, None);
        check("package-lock.json", 5000, None);
        check("ui/src/ipc/generated/api.ts", 5000, None);
    }

    #[test]
    fn crates_forbid_unsafe_code() {
        assert!(check_crate_root("a", "//! A.\n#![forbid(unsafe_code)]\n").is_none());
        assert!(check_crate_root("a", "// #![forbid(unsafe_code)]\n").is_some());
        assert!(check_crate_root("a", "").is_some());
    }
}
