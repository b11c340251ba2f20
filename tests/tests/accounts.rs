//! `mailscope import` of real mail, file by file: what the node B-tree holds is what is taken in.

// Helpers of tests may fail as tests do.
#![allow(clippy::unwrap_used)]

use mailscope_tests::{corpus, mailscope};
use std::collections::HashMap;
use std::path::Path;

/// What REFERENCE.tsv says of a file: normal messages and associated ones in its node B-tree.
fn reference(table: &str) -> HashMap<String, (u64, u64)> {
    let mut lines = table.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let column = head.iter().position(|name| *name == "nbt_nodes").unwrap();
    lines
        .map(|row| {
            let count = |wanted: &str| {
                let pairs = row[column].split(',').filter_map(|pair| pair.split_once('='));
                pairs.filter(|(name, _)| *name == wanted).map(|(_, n)| n.parse::<u64>().unwrap()).sum()
            };
            (row[0].to_owned(), (count("msg"), count("assocmsg")))
        })
        .collect()
}

#[test]
fn every_item_of_every_file_is_accounted_for() {
    let Some(folder) = corpus() else {
        eprintln!("skipped: every_item_of_every_file_is_accounted_for (no folder of test mail)");
        return;
    };
    let expected = reference(&std::fs::read_to_string(folder.join("REFERENCE.tsv")).unwrap());
    let library = tempfile::tempdir().unwrap();
    let outcome = mailscope(library.path(), [std::ffi::OsStr::new("import"), folder.as_os_str()]).unwrap();
    let lines = outcome.json_lines().unwrap();
    let (summary, files) = lines.split_last().unwrap();

    let mut seen = 0;
    let mut total = 0;
    for file in files {
        let name = std::path::Path::new(file["path"].as_str().unwrap())
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let Some((messages, hidden)) = expected.get(&name) else { continue };
        let field = |key: &str| file[key].as_u64().unwrap();
        assert_eq!(field("expected"), field("items") + field("failed"), "{name}");
        assert_eq!(field("items"), *messages, "{name}");
        assert_eq!(field("failed"), 0, "{name}");
        assert_eq!(field("hidden_items"), *hidden, "{name}");
        assert_eq!(field("new"), *messages, "{name}");
        seen += 1;
        total += messages;
    }
    assert_eq!(seen, expected.len(), "files of the table that were imported");
    assert!(summary["items"].as_u64().unwrap() >= total);
    assert_eq!(summary["failed"], 0);
    assert_eq!(outcome.code, Some(0));

    // All of it again: nothing is read twice, nothing is lost.
    let again = mailscope(library.path(), [std::ffi::OsStr::new("import"), folder.as_os_str()]).unwrap();
    let summary_again = again.summary().unwrap();
    assert_eq!(summary_again["unchanged"], summary["items"]);
    for key in ["new", "updated", "removed", "failed"] {
        assert_eq!(summary_again[key], 0, "{key}");
    }
    let found = mailscope(library.path(), ["search", "kind:mail OR -kind:mail", "--limit", "1"]).unwrap();
    let kept = summary["items"].as_u64().unwrap() + summary["recovered"].as_u64().unwrap();
    assert_eq!(found.summary().unwrap()["total"], kept);
}

#[test]
fn one_mailbox_in_its_successive_states() {
    const NAMES: [&str; 4] = ["series-1.pst", "series-2.pst", "series-3.pst", "series-4.pst"];
    let Some(folder) = corpus() else {
        eprintln!("skipped: one_mailbox_in_its_successive_states (no folder of test mail)");
        return;
    };
    let expected = reference(&std::fs::read_to_string(folder.join("REFERENCE.tsv")).unwrap());
    let place = tempfile::tempdir().unwrap();
    let mailbox = place.path().join("mailbox.pst");
    let import = |library: &Path, name: &str| {
        let _ = std::fs::remove_file(&mailbox);
        std::fs::copy(folder.join(name), &mailbox).unwrap();
        let outcome = mailscope(library, ["import", &mailbox.to_string_lossy()]).unwrap();
        assert_eq!(outcome.code, Some(0), "{name}");
        assert_eq!(outcome.summary().unwrap()["items"], expected[name].0, "{name}");
        let live = mailscope(library, ["sources"]).unwrap().json_lines().unwrap();
        assert_eq!(live[0]["counts"]["items"], expected[name].0, "{name}");
        assert_eq!(live.len(), 2, "one source and the summary");
    };
    // What is in the file now, as the library tells it; ids and what earlier states left behind apart.
    let present = |library: &Path| -> Vec<String> {
        let found = mailscope(library, ["search", "--limit", "500", "--", "-is:gone -is:recovered"]).unwrap();
        let mut lines = found.json_lines().unwrap();
        lines.pop();
        lines.iter_mut().for_each(|line| drop(line.as_object_mut().unwrap().remove("id")));
        let mut lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        lines.sort();
        lines
    };
    let fresh = NAMES.map(|name| {
        let library = place.path().join(format!("fresh-{name}"));
        import(&library, name);
        present(&library)
    });
    for order in orders(4) {
        let library = place.path().join(format!("{order:?}"));
        for &state in &order {
            import(&library, NAMES[state]);
        }
        let last = *order.last().unwrap();
        assert_eq!(present(&library), fresh[last], "{order:?} ends as a fresh import of {}", NAMES[last]);
        let verified = mailscope(&library, ["verify"]).unwrap();
        assert_eq!(verified.code, Some(0), "{order:?}: {}", verified.stdout);
    }
}

/// All orders of the numbers below `count`.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    for _ in 0..count {
        let longer = |order: Vec<usize>| {
            let rest: Vec<usize> = (0..count).filter(|n| !order.contains(n)).collect();
            rest.into_iter().map(move |n| order.iter().copied().chain([n]).collect())
        };
        orders = orders.into_iter().flat_map(longer).collect();
    }
    orders
}
