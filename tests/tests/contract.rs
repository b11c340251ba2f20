//! The command line's contract: fields, exit statuses, sentences.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used)]

use mailscope_tests::{Outcome, mailscope};
use serde_json::Value;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        mailscope(&self.path("library"), arguments).unwrap()
    }

    fn sample(&self) -> String {
        let path = self.path("sample.pst");
        assert_eq!(self.run(&["sample", &path.to_string_lossy()]).code, Some(0));
        path.to_string_lossy().into_owned()
    }
}

fn has_fields(object: &Value, fields: &str) {
    for field in fields.split(", ") {
        assert!(
            !object[field].is_null() || object.as_object().unwrap().contains_key(field),
            "{field} in {object}"
        );
    }
}

const COUNTS: &str = "files, folders, items, hidden_items, attachments, embedded_messages, new, updated, removed, unchanged, \
                      recovered, failed, bytes, seconds, items_per_second, peak_rss_bytes";

#[test]
fn import_search_show_sources() {
    let bench = Bench::new();
    let sample = bench.sample();
    let imported = bench.run(&["import", &sample]);
    assert_eq!(imported.code, Some(0), "{}", imported.stderr);
    let lines = imported.json_lines().unwrap();
    assert_eq!(lines.len(), 2);
    has_fields(&lines[0], COUNTS);
    has_fields(&lines[0], "path, format, encryption, anomalies");
    has_fields(&lines[1], COUNTS);
    let items = lines[1]["items"].as_u64().unwrap();
    assert!(items > 50);

    let found = bench.run(&["search", "has:attachment", "--limit", "5", "--sort", "oldest"]);
    let hits = found.json_lines().unwrap();
    has_fields(&hits[0], "id, date, from, to, subject, folder, source, has_attachments, snippet");
    has_fields(hits.last().unwrap(), "total, took_ms");
    assert!(hits.iter().rev().skip(1).all(|hit| hit["has_attachments"] == true));

    let first = bench.run(&["search", "", "--limit", "3", "--counts"]).json_lines().unwrap();
    let summary = first.last().unwrap();
    has_fields(&summary["counts"], "folders, sources, senders, months, kinds, attachment_types, languages");
    let next = summary["next"].as_str().unwrap();
    let behind = bench.run(&["search", "", "--limit", "3", "--after", next]).json_lines().unwrap();
    let by_offset = bench.run(&["search", "", "--limit", "3", "--offset", "3"]).json_lines().unwrap();
    assert_eq!((behind.len(), &behind[..3]), (4, &by_offset[..3]));
    let all = bench.run(&["search", ""]).summary().unwrap()["total"].as_u64().unwrap();
    let with = |query: &[&str]| {
        bench.run(&[&["search"], query].concat()).summary().unwrap()["total"].as_u64().unwrap()
    };
    assert_eq!(with(&["choir"]) + with(&["-choir"]), all);
    assert_eq!(with(&["choir", "-choir", "--limit", "1"]), 0);

    let stats = bench.run(&["stats", "kind:mail"]).summary().unwrap();
    has_fields(
        &stats,
        "total, by_year, by_month, by_day, by_weekday_hour, top_senders, top_recipients, top_domains, attachment_types, \
         languages, kinds, folders, sources, sizes, largest, duplicates, replies, conversations",
    );
    let sum =
        |list: &Value| list.as_array().unwrap().iter().filter_map(|one| one["count"].as_u64()).sum::<u64>();
    assert_eq!(sum(&stats["by_year"]), sum(&stats["by_month"]));
    let people = bench.run(&["people", "kind:mail", "--limit", "5"]).json_lines().unwrap();
    assert_eq!(people.len(), 6);
    has_fields(&people[0], "name, address, sent, received, first, last, community, wrote_to");
    assert!(people[..5].iter().any(|one| !one["wrote_to"].as_array().unwrap().is_empty()));

    let id = hits[0]["id"].to_string();
    let shown = bench.run(&["show", &id]).summary().unwrap();
    has_fields(&shown, "headers, from, to, cc, bcc, date, subject, text, html, attachments, properties");
    assert!(shown["text"].is_string() && !shown["attachments"].as_array().unwrap().is_empty());
    assert!(shown["properties"].as_array().unwrap().len() > 10);
    let eml = bench.run(&["show", &id, "--eml"]);
    assert!(
        eml.stdout.contains("\r\nMIME-Version: 1.0\r\n") || eml.stdout.starts_with("MIME-Version"),
        "{}",
        eml.stdout
    );

    let folded =
        bench.run(&["search", "kind:mail", "--limit", "500", "--fold=conversations"]).json_lines().unwrap();
    let longest = folded.iter().max_by_key(|hit| hit["stands_for"].as_u64()).unwrap();
    let thread = bench.run(&["thread", &longest["id"].to_string()]).json_lines().unwrap();
    has_fields(
        &thread[0],
        "id, parent, depth, date, from, to, subject, folder, source, has_attachments, copies",
    );
    assert_eq!(thread.last().unwrap()["total"], longest["stands_for"]);
    assert!(thread.iter().any(|line| line["depth"] == 1));
    let once = bench.run(&["search", "--fold", "kind:mail"]).summary().unwrap();
    assert!(once["total"].as_u64() >= folded.last().unwrap()["total"].as_u64());
    let related = bench.run(&["related", &longest["id"].to_string(), "--limit", "2"]).json_lines().unwrap();
    has_fields(&related[0], "id, subject, stands_for");
    has_fields(related.last().unwrap(), "total, took_ms");

    let one = format!("id:{id}");
    let tagged = bench.run(&["tag", "hot", &one]).summary().unwrap();
    has_fields(&tagged, "action, items");
    assert_eq!(tagged["items"], 1);
    assert_eq!(bench.run(&["note", "look again", &one]).summary().unwrap()["items"], 1);
    assert_eq!(bench.run(&["flag", &one]).summary().unwrap()["items"], 1);
    assert_eq!(bench.run(&["reviewed", &one]).summary().unwrap()["items"], 1);
    assert_eq!(
        bench.run(&["search", "tag:hot is:reviewed is:marked note:again"]).summary().unwrap()["total"],
        1
    );
    has_fields(&bench.run(&["tag"]).json_lines().unwrap()[0], "name, count");
    assert_eq!(bench.run(&["undo"]).summary().unwrap()["items"], 1);
    assert_eq!(bench.run(&["search", "is:reviewed"]).summary().unwrap()["total"], 0);
    assert_eq!(bench.run(&["undo", &tagged["action"].to_string()]).summary().unwrap()["items"], 1);
    assert_eq!(bench.run(&["tag", "hot"]).code, Some(2), "which items is missing");
    has_fields(&bench.run(&["saved", "mine", "from:marta"]).json_lines().unwrap()[0], "name, query, made_at");
    let audit = bench.run(&["audit"]).json_lines().unwrap();
    has_fields(&audit[0], "id, at, who, what, value, query, items, undoes");
    assert_eq!(audit.len(), 8, "four changes, two taken back, a search saved, and the summary");

    let sources = bench.run(&["sources"]).json_lines().unwrap();
    assert_eq!(sources[0]["counts"]["items"], items);
    has_fields(&sources[0]["texts"], "waiting, read, nothing, failed");
    let waiting = &sources[0]["texts"]["waiting"];
    assert!(waiting.as_u64() > Some(0), "no attachment was looked into: {waiting}");
    let read = bench.run(&["import", "--attachments-text", &sample]).summary().unwrap();
    assert_eq!(read["attachments_text"]["waiting"], 0, "{read}");
    assert!(read["attachments_text"]["read"].as_u64() > Some(0), "{read}");
    let told = bench.run(&["sources"]).summary().unwrap();
    assert_eq!(told["attachments_text"], read["attachments_text"]);
    let verified = bench.run(&["verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
    assert_eq!(verified.summary().unwrap()["indexed"], items);
    let removed = bench.run(&["remove", &sample]);
    assert_eq!(removed.summary().unwrap()["total_items"], 0);
    assert!(Path::new(&sample).exists());
}

#[test]
fn a_library_is_measured_and_commands_are_written_down() {
    let bench = Bench::new();
    let sample = bench.sample();
    let items = bench.run(&["import", &sample]).summary().unwrap()["items"].as_u64().unwrap();
    let measured = bench.run(&["monitor"]).summary().unwrap();
    has_fields(
        &measured,
        "at, version, library, uptime_seconds, now, memory_peak, processor_seconds, operations, cache, pool, stages, holds, \
         database, index, disk",
    );
    assert_eq!(
        (&measured["holds"]["items"], &measured["index"]["documents"]),
        (&items.into(), &items.into())
    );
    assert!(measured["disk"]["database"].as_u64() > Some(10_000));
    assert_eq!(bench.run(&["monitor", "--openmetrics"]).code, Some(2), "one form or the other");
    let log = bench.path("log.txt");
    let logged = |command: &[&str]| {
        let log = log.to_string_lossy();
        bench.run(&[&["--log", &log], command].concat()).code
    };
    assert_eq!((logged(&["sources"]), logged(&["show", "999999"])), (Some(0), Some(1)));
    let written = std::fs::read_to_string(&log).unwrap();
    let lines: Vec<&str> = written.lines().collect();
    assert!(lines[0].contains("command{name=\"sources\"") && lines[0].contains("time.busy="), "{written}");
    assert!(lines[1].contains("name=\"show\"") && lines[1].contains("failed="), "{written}");
    assert_eq!(bench.run(&["--log", "/nowhere/at-all", "sources"]).code, Some(1));
}

/// A message of each of these times (seconds since 1970), with its header `Date`.
fn write_dated(path: &Path, messages: &[(i64, &str)]) {
    use mailscope_pst::write::{NewMessage, Options, PstWriter};
    let mut writer = PstWriter::create(path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
    for (seconds, date) in messages {
        let message = NewMessage {
            subject: (*date).to_owned(),
            sent: mailscope_pst::FileTime::from_unix_millis(seconds * 1000),
            headers: (!date.is_empty()).then(|| format!("Date: {date}\r\n")),
            ..NewMessage::default()
        };
        writer.add_message(inbox, &message).unwrap();
    }
    writer.finish().unwrap();
}

#[test]
fn days_and_hours_are_those_of_a_zone() {
    let bench = Bench::new();
    let path = bench.path("dated.pst");
    // 23:30 of 30 June and 0:30 of 1 July, then 23:30 of 31 December and 0:30 of 1 January, by the clocks of Vienna.
    let summer = 993_936_600;
    let winter = 1_009_837_800;
    write_dated(
        &path,
        &[
            (summer, "Sat, 30 Jun 2001 14:30:00 -0700"),
            (summer + 3600, ""),
            (winter, "Tue, 1 Jan 2002 04:00:00 +0530"),
            (winter + 3600, "Mon, 31 Dec 2001 23:30:00 -0000"),
        ],
    );
    assert_eq!(bench.run(&["import", &path.to_string_lossy()]).code, Some(0));
    let total = |arguments: &[&str]| {
        let found = bench.run(arguments);
        assert_eq!(found.code, Some(0), "{arguments:?}: {}", found.stderr);
        found.summary().unwrap()["total"].as_u64().unwrap()
    };
    let vienna = "Europe/Vienna";
    for (zone, query, expected) in [
        (vienna, "during:2001-06", 1),
        (vienna, "during:2001-07", 1),
        (vienna, "date:2001-12-31", 1),
        (vienna, "before:2002", 3),
        ("UTC", "during:2001-06", 2),
        ("UTC", "before:2002", 4),
        ("-07:00", "before:2002", 4),
        ("Asia/Tokyo", "before:2002", 2),
        (vienna, "hour:23", 2),
        (vienna, "hour:\"0 +02:00\"", 2),
        (vienna, "sent_hour:14", 1),
        ("UTC", "sent_hour:\"tue 4\"", 1),
        ("UTC", "-sent_hour:0..23", 2),
    ] {
        assert_eq!(total(&["search", query, "--zone", zone]), expected, "{query} {zone}");
        assert_eq!(total(&["--zone", zone, "people", query]), 0, "nobody wrote any of these");
    }
    let stats = bench.run(&["stats", "--zone", "europe/vienna"]).summary().unwrap();
    assert_eq!((&stats["zone"], &stats["without_sender_zone"]), (&Value::from(vienna), &Value::from(2)));
    let hours = |list: &Value| -> Vec<(u64, u64, u64)> {
        let all = list.as_array().unwrap().iter();
        let number = |one: &Value, name: &str| one[name].as_u64().unwrap();
        let all = all.map(|one| (number(one, "weekday"), number(one, "hour"), number(one, "count")));
        all.filter(|(_, _, count)| *count > 0).collect()
    };
    assert_eq!(hours(&stats["by_weekday_hour"]), [(0, 23, 1), (1, 0, 1), (5, 23, 1), (6, 0, 1)]);
    assert_eq!(hours(&stats["by_sender_hour"]), [(1, 4, 1), (5, 14, 1)]);
    let months: Vec<&str> =
        stats["by_month"].as_array().unwrap().iter().filter_map(|month| month["month"].as_str()).collect();
    assert_eq!(months, ["2001-06", "2001-07", "2001-12", "2002-01"]);
    // What is done to all that answer, or written of them, is of the same zone.
    let year = &["before:2002", "--zone", vienna];
    assert_eq!(bench.run(&[&["flag"], &year[..]].concat()).summary().unwrap()["items"], 3);
    let out = bench.path("out").to_string_lossy().into_owned();
    let written = bench.run(&[&["export", "--format", "eml", "-o", &out], &year[..]].concat());
    assert_eq!(written.summary().unwrap()["written"], 3, "{}", written.stderr);
    let wrong = bench.run(&["search", "x", "--zone", "Europe/Atlantis"]);
    assert_eq!(wrong.code, Some(2), "{}", wrong.stderr);
    assert!(wrong.stderr.contains("Europe/Vienna or +02:00"), "{}", wrong.stderr);
}

#[test]
fn tree_imports_nothing() {
    let bench = Bench::new();
    let sample = bench.sample();
    let tree = bench.run(&["tree", &sample]);
    assert_eq!(tree.code, Some(0));
    let lines = tree.json_lines().unwrap();
    let (summary, folders) = lines.split_last().unwrap();
    let sum = |key: &str| folders.iter().map(|f| f[key].as_u64().unwrap()).sum::<u64>();
    for folder in folders {
        has_fields(folder, "path, expected, found, recovered, failed");
        assert_eq!(
            folder["expected"].as_u64(),
            Some(folder["found"].as_u64().unwrap() + folder["failed"].as_u64().unwrap())
        );
    }
    assert_eq!(summary["expected"], sum("expected"));
    assert_eq!(summary["found"], sum("found"));
    assert!(!bench.path("library").exists());
}

#[test]
fn exit_statuses() {
    let bench = Bench::new();
    let sample = bench.sample();
    let bad = bench.path("bad.pst");
    std::fs::write(&bad, "no mail in here").unwrap();
    let bad = bad.to_string_lossy();
    let check = |arguments: &[&str], code: i32, says: &str| {
        let outcome = bench.run(arguments);
        assert_eq!(outcome.code, Some(code), "{arguments:?}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(says), "{arguments:?}: {}", outcome.stderr);
    };
    for command in [&["search", "choir"][..], &["sources"], &["verify"], &["stats"], &["monitor"]] {
        check(command, 1, "There is no library in");
    }
    assert!(!bench.path("library").exists(), "a mistyped folder becomes no library");
    check(&["import"], 2, "Usage");
    check(&["frobnicate"], 2, "Usage");
    check(&["sources", "--threads", "0"], 2, "from 1 to 256");
    check(&["sources", "--memory-budget", "1"], 2, "64");
    check(&["import", &bad], 1, "");
    check(&["import", "/nowhere/at-all.pst"], 1, "");
    let said = bench.run(&["thread", "abc"]);
    let summary = said.summary().unwrap();
    assert_eq!((said.code, &summary["error"]["code"]), (Some(2), &Value::from("bad_request")), "{summary}");
    assert!(summary["error"]["message"].as_str().unwrap().contains("'abc'"), "{summary}");
    check(&["import", &sample, &bad], 3, "");
    check(&["search", "(choir"], 2, "never closed");
    check(&["show", "999999"], 1, "no item");
    check(&["remove", "999999"], 1, "no source");
    check(&["remove", "nobody.pst"], 1, "no source called");
    check(&["tree", &bad], 1, "not an Outlook data file");
    check(&["sample", &sample], 2, "there already");
    let page = bench.path("report.html").to_string_lossy().into_owned();
    check(&["report", "SAMPLE.pst", "-o", &page], 0, "");
    check(&["report", "nobody.pst", "-o", &page], 1, "no source called");
    check(&["report"], 2, "not provided");
    let summary = bench.run(&["import", &sample, &bad]).summary().unwrap();
    assert_eq!(summary["losses"][0]["error"]["code"], "not_outlook");
    // The last line is the summary also where nothing came of it.
    let nothing = bench.run(&["import", &bad]).summary().unwrap();
    has_fields(&nothing, "files, items, failed, new, peak_rss_bytes");
    assert_eq!(nothing["items"], 0);
    assert_eq!(nothing["losses"][0]["error"]["code"], "not_outlook");
}

#[test]
fn a_library_that_is_in_use_says_so() {
    let bench = Bench::new();
    let sample = bench.sample();
    let options = mailscope_engine::LibraryOptions::new(bench.path("library"));
    let _held = mailscope_engine::Library::open(options).unwrap();
    assert_eq!(bench.run(&["sources"]).code, Some(0), "what only reads goes on beside");
    let outcome = bench.run(&["import", &sample]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("open in another Mailscope"), "{}", outcome.stderr);
    assert_eq!(outcome.summary().unwrap()["error"]["code"], "library_in_use");
}

/// A file that is cut off says so each time, and its deleted items stay in the account when it is opened again.
#[test]
fn what_was_cut_off_is_told_each_time() {
    let bench = Bench::new();
    let whole = std::fs::read(bench.sample()).unwrap();
    let path = bench.path("cut.pst");
    for percent in [60, 80, 95] {
        let cut = whole.len() * percent / 100;
        std::fs::write(&path, &whole[..cut]).unwrap();
        let library = bench.path(&format!("library-{percent}"));
        let import = || {
            let done = mailscope(&library, ["import", &path.to_string_lossy()]).unwrap();
            assert_eq!(done.code, Some(3), "{percent} %: {}", done.stdout);
            let summary = done.json_lines().unwrap().pop().unwrap();
            let loss = &summary["losses"][0]["error"];
            assert_eq!(loss["code"], "truncated", "{percent} %: {summary}");
            let message = loss["message"].as_str().unwrap().replace(',', "");
            assert!(message.contains(&format!(" {} ", whole.len() - cut)), "{loss}");
        };
        let held = || mailscope(&library, ["sources"]).unwrap().json_lines().unwrap()[0]["counts"].clone();
        import();
        let first = held();
        import();
        assert_eq!(held(), first, "{percent} %");
    }
}

#[cfg(unix)]
#[test]
fn output_that_nobody_takes_ends_quietly() {
    use std::process::{Command, Stdio};
    let bench = Bench::new();
    let sample = bench.sample();
    assert_eq!(bench.run(&["import", &sample]).code, Some(0));
    let program = mailscope_tests::program("mailscope").unwrap();
    for arguments in
        [&["search", "--limit", "600", "*"][..], &["tree", &sample], &["sources"], &["stats", ""]]
    {
        let start = |out: Stdio| {
            let mut command = Command::new(&program);
            command.arg("--library").arg(bench.path("library")).args(arguments).stdout(out);
            command.stderr(Stdio::piped()).spawn().unwrap()
        };
        let mut unread = start(Stdio::piped());
        drop(unread.stdout.take());
        let ended = unread.wait_with_output().unwrap();
        assert_eq!((ended.status.code(), &ended.stderr[..]), (Some(0), &b""[..]), "{arguments:?}");
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let ended = start(full.into()).wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains("writing the output failed") && !said.contains("panicked"), "{said}");
    }
}
