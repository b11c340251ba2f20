//! The service as a host uses it: commands by name with JSON, events, and the errors that people meet.

// Helpers of tests fail by panicking; clippy exempts only the test functions themselves.
#![allow(clippy::unwrap_used, clippy::panic)]

use mailscope_api::{
    ApiError, ErrorCode, Event, JobState, Service, ServiceOptions, to_api_error, typescript,
};
use mailscope_engine::{Error, SourceProblem};
use mailscope_pst::write::small::{Variant, write_many, write_small};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

struct Host {
    folder: TempDir,
    service: Arc<Service>,
}

impl Host {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let service = Service::open(options(&folder)).unwrap();
        Self { folder, service }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_string_lossy().into_owned()
    }

    async fn call(&self, name: &str, request: Value) -> Result<Value, ApiError> {
        let answer = self.service.clone().call(name.to_owned(), request.to_string()).await?;
        Ok(serde_json::from_str(&answer).unwrap())
    }

    /// Imports one file and waits; gives the job, or the refusal.
    async fn import(&self, path: &str) -> Result<Value, Value> {
        let mut started = self.call("import", json!({ "paths": [path] })).await.unwrap();
        if let Some(refused) = started["refused"].as_array_mut().unwrap().pop() {
            return Err(refused["error"].clone());
        }
        self.idle().await;
        Ok(self.call("jobs", json!({})).await.unwrap()["jobs"].as_array().unwrap().last().unwrap().clone())
    }

    async fn idle(&self) {
        let service = self.service.clone();
        tokio::task::spawn_blocking(move || service.library().wait_idle()).await.unwrap();
    }
}

fn options(folder: &TempDir) -> ServiceOptions {
    ServiceOptions { library: folder.path().join("library"), ..ServiceOptions::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_file_to_a_hit_to_a_message() {
    let host = Host::new();
    let mut events = host.service.subscribe();
    let started = host.call("import_sample", json!({})).await.unwrap();
    assert_eq!(started["jobs"].as_array().unwrap().len(), 1);
    let (mut done, mut committed, mut sampled) = (false, false, false);
    while !(done && committed && sampled) {
        let event = tokio::time::timeout(Duration::from_secs(60), events.recv()).await.unwrap().unwrap();
        match event {
            Event::Job { job } => done |= job.state == JobState::Done,
            Event::Library { total_items, .. } => committed |= total_items > 50,
            Event::Export { .. } => panic!("nothing is exported"),
            Event::Sample { sample } => sampled |= sample.cores > 0,
        }
    }
    let page = host.call("search", json!({ "query": "thousand", "as_you_type": true })).await.unwrap();
    let hit = &page["hits"][0];
    assert!(!hit["snippet"]["marks"].as_array().unwrap().is_empty());
    let item = host.call("show", json!({ "id": hit["id"], "query": "thousand" })).await.unwrap();
    assert_eq!(item["subject"], hit["subject"], "marked as the list marks it");
    assert_eq!(item["source_available"], true);
    assert!(!item["text"]["marks"].as_array().unwrap().is_empty());
    let sources = host.call("sources", json!({})).await.unwrap();
    assert_eq!(sources["sources"][0]["counts"]["items"], sources["total_items"]);
    let library = host.call("library", json!({})).await.unwrap();
    assert_eq!(library["total_items"], sources["total_items"]);
    assert!(!host.call("monitor", json!({})).await.unwrap()["samples"].as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn remote_content_is_counted_and_gone() {
    let host = Host::new();
    host.call("import_sample", json!({})).await.unwrap();
    host.idle().await;
    let page = host.call("search", json!({ "query": "", "limit": 500 })).await.unwrap();
    let mut blocked = 0;
    for hit in page["hits"].as_array().unwrap() {
        let item = host.call("show", json!({ "id": hit["id"] })).await.unwrap();
        blocked += item["remote_blocked"].as_u64().unwrap();
        if let Some(html) = item["html"].as_str() {
            for active in ["<script", "src=\"http", "href=", "onload", "url("] {
                assert!(!html.contains(active), "{active} in {}", hit["subject"]["text"]);
            }
        }
    }
    assert!(blocked > 0, "the sample has a message with a remote picture");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_together() {
    let host = Host::new();
    host.call("import_sample", json!({})).await.unwrap();
    host.idle().await;
    let search = |fold: &'static str| host.call("search", json!({ "query": "", "limit": 500, "fold": fold }));
    let (all, folded) = (search("nothing").await.unwrap(), search("conversations").await.unwrap());
    let sum = |page: &Value| -> u64 {
        page["hits"].as_array().unwrap().iter().map(|hit| hit["stands_for"].as_u64().unwrap()).sum()
    };
    assert!(folded["total"].as_u64() < all["total"].as_u64());
    assert_eq!((sum(&all), sum(&folded)), (all["total"].as_u64().unwrap(), all["total"].as_u64().unwrap()));
    let hits = folded["hits"].as_array().unwrap();
    let longest = hits.iter().max_by_key(|hit| hit["stands_for"].as_u64()).unwrap();
    let found = host.call("conversation", json!({ "id": longest["id"] })).await.unwrap();
    assert_eq!(found["total"], longest["stands_for"]);
    let messages = found["messages"].as_array().unwrap();
    assert!(messages[0]["parent"].is_null() && messages[0]["depth"] == 0);
    assert_eq!(messages[1]["parent"], messages[0]["hit"]["id"]);
    let item = host.call("show", json!({ "id": longest["id"] })).await.unwrap();
    assert_eq!((&item["conversation"], item["mih"].as_str().unwrap().len()), (&found["total"], 32));
    let related = host.call("related", json!({ "id": longest["id"], "limit": 3 })).await.unwrap();
    let hits = related["hits"].as_array().unwrap();
    assert!(!hits.is_empty() && hits.len() <= 3 && hits.iter().all(|hit| hit["id"] != longest["id"]));
    let insights = host.call("insights", json!({ "query": "" })).await.unwrap();
    assert_eq!(insights["conversations"], folded["total"]);
    for command in ["conversation", "related"] {
        let refused = host.call(command, json!({ "id": 99_999 })).await.unwrap_err();
        check(&serde_json::to_value(refused).unwrap(), ErrorCode::NoSuch);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_items() {
    let host = Host::new();
    host.call("import_sample", json!({})).await.unwrap();
    host.idle().await;
    let tag = |name: &str| json!({ "kind": "tag", "value": name });
    let done = host.call("review", json!({ "query": "kind:mail", "change": tag("hot") })).await.unwrap();
    let mail = done["items"].as_u64().unwrap();
    assert!(mail > 10 && done["action"].is_i64());
    let page = host.call("search", json!({ "query": "tag:hot", "limit": 1 })).await.unwrap();
    assert_eq!((&page["total"], &page["hits"][0]["tags"]), (&json!(mail), &json!(["hot"])));
    let id = &page["hits"][0]["id"];
    let note = json!({ "ids": [id], "change": { "kind": "note", "value": "look again" } });
    assert_eq!(host.call("review", note).await.unwrap()["items"], 1);
    let item = host.call("show", json!({ "id": id })).await.unwrap();
    assert_eq!((&item["note"], &item["marked"]), (&json!("look again"), &json!(false)));
    let tags = host.call("tags", json!({})).await.unwrap();
    assert_eq!(tags, json!({ "tags": [{ "name": "hot", "count": mail }] }));
    let undone = host.call("undo_review", json!({ "action": done["action"] })).await.unwrap();
    assert_eq!(undone["items"], mail);
    let actions = host.call("actions", json!({ "limit": 2 })).await.unwrap();
    assert_eq!(
        (&actions["actions"][0]["undoes"], &actions["actions"][1]["what"]),
        (&done["action"], &json!("note"))
    );
    let saved = host.call("save_search", json!({ "name": "mine", "query": "is:noted" })).await.unwrap();
    assert_eq!(saved, host.call("saved", json!({})).await.unwrap());
    assert_eq!(saved["saved"][0]["query"], "is:noted");
    assert_eq!(host.call("forget_search", json!({ "name": "mine" })).await.unwrap(), json!({ "saved": [] }));
    let refused = host.call("review", json!({ "change": tag(" ") })).await.unwrap_err();
    check(&serde_json::to_value(refused).unwrap(), ErrorCode::BadRequest);
}

/// A refusal's code, with sentences that a person can read.
fn check(error: &Value, code: ErrorCode) {
    assert_eq!(error["code"], serde_json::to_value(code).unwrap(), "{error}");
    for sentence in ["message", "advice"] {
        let text = error[sentence].as_str().unwrap();
        assert!(
            text.ends_with('.') && text.starts_with(|c: char| !c.is_lowercase() || text.contains(".pst")),
            "{text:?}"
        );
        assert!(!text.contains("Error") && !text.contains("0x") && !text.contains('{'), "{text:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_that_a_person_meets() {
    let host = Host::new();
    let good = host.path("good.pst");
    write_small(&good, Variant::default()).unwrap();
    let bytes = std::fs::read(&good).unwrap();
    for (name, content, code) in [
        ("letter.pst", &b"Dear Sir or Madam"[..], ErrorCode::NotOutlook),
        ("empty.pst", b"", ErrorCode::EmptyFile),
        ("cut.pst", &bytes[..400], ErrorCode::Truncated),
    ] {
        let path = host.path(name);
        std::fs::write(&path, content).unwrap();
        check(&host.import(&path).await.unwrap_err(), code);
    }
    check(&host.import(&host.path("missing.pst")).await.unwrap_err(), ErrorCode::NotFound);
    let folder = host.path("folder");
    std::fs::create_dir(&folder).unwrap();
    check(&host.import(&folder).await.unwrap_err(), ErrorCode::NoOutlookFiles);

    let first = host.import(&good).await.unwrap();
    assert_eq!((&first["state"], &first["note"]), (&json!("done"), &Value::Null));
    let second = host.import(&good).await.unwrap();
    assert_eq!(second["state"], "done");
    check(&second["note"], ErrorCode::AlreadyInLibrary);

    let large = host.path("large.pst");
    write_many(&large, Variant::default(), 3000).unwrap();
    // Named twice at once it is one file; asked for again while it is read, it is refused.
    let named = host.call("import", json!({ "paths": [large, host.folder.path(), large] })).await.unwrap();
    let codes: Vec<_> =
        named["refused"].as_array().unwrap().iter().map(|one| &one["error"]["code"]).collect();
    assert_eq!(codes, ["truncated", "empty_file", "not_outlook"], "{named}");
    assert_eq!(named["jobs"].as_array().unwrap().len(), 2, "{named}");
    let again = host.call("import", json!({ "paths": [large] })).await.unwrap();
    check(&again["refused"][0]["error"], ErrorCode::AlreadyImporting);
    host.idle().await;

    let in_use = Service::open(options(&host.folder)).err().unwrap();
    check(&serde_json::to_value(in_use).unwrap(), ErrorCode::LibraryInUse);
    let bad = host.call("search", json!({ "query": "(" })).await.unwrap_err();
    assert_eq!(bad.code, ErrorCode::BadQuery);
    assert_eq!(host.call("show", json!({ "id": 999_999 })).await.unwrap_err().code, ErrorCode::NoSuch);
    assert_eq!(host.call("cancel", json!({ "job": 999_999 })).await.unwrap_err().code, ErrorCode::NoSuch);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_is_told_how_this_one_does() {
    let host = Host::new();
    let file = host.path("mail.pst");
    write_small(std::path::Path::new(&file), Variant::default()).unwrap();
    host.import(&file).await.unwrap();
    host.call("search", json!({ "query": "" })).await.unwrap();
    let beside = Service::open(ServiceOptions { beside: true, ..options(&host.folder) }).unwrap();
    assert!(beside.is_beside());
    let asking = beside.clone();
    let asked = move || asking.ask_beside(Duration::from_secs(60));
    let theirs = tokio::task::spawn_blocking(asked).await.unwrap().unwrap();
    let count = |name: &str| theirs.operations.iter().find(|one| one.name == name).unwrap().latency.count;
    assert_eq!((count("search"), count("import")), (1, 1), "it is theirs, not that of who asks");
    assert!(theirs.holds.items > 0);
    assert!(!host.folder.path().join("library/monitor").exists(), "nothing is left behind");
    // Where nobody has it open, nobody answers.
    host.service.shutdown();
    drop(host.service);
    assert_eq!(beside.ask_beside(Duration::from_millis(100)), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_calls() {
    let host = Host::new();
    for (name, request) in
        [("nothing", "{}"), ("search", "{"), ("show", "{}"), ("import", r#"{"paths":3}"#), ("", "")]
    {
        let error = host.service.clone().call(name.to_owned(), request.to_owned()).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::BadRequest, "{name} {request}");
    }
    for name in mailscope_api::commands::NAMES {
        assert!(typescript().contains(&format!("  {name}: {{")), "{name} is unknown to the window");
    }
}

/// Those that cannot be brought about on every machine.
#[test]
fn every_error_has_its_words() {
    let path = PathBuf::from("/mail/old mail.pst");
    let source = |problem| Error::Source { path: path.clone(), problem };
    let io = || std::io::Error::other("the cable was pulled");
    for (error, code) in [
        (source(SourceProblem::PermissionDenied), ErrorCode::PermissionDenied),
        (source(SourceProblem::UnsupportedVersion { version: "99".into() }), ErrorCode::UnsupportedVersion),
        (source(SourceProblem::Unreadable { reason: "x".into() }), ErrorCode::Unreadable),
        (source(SourceProblem::Io(io())), ErrorCode::Io),
        (Error::NoSpace { path: path.clone() }, ErrorCode::NoSpace),
        (Error::io("writing", &path, std::io::ErrorKind::StorageFull.into()), ErrorCode::NoSpace),
        (
            Error::LibraryUnusable { path: path.clone(), reason: "its database is damaged".into() },
            ErrorCode::LibraryUnusable,
        ),
        (
            Error::LibraryUnfinished { path: path.clone(), reason: "its index is to be made anew".into() },
            ErrorCode::LibraryUnusable,
        ),
        (Error::LibraryReadOnly { path: path.clone(), reason: "x".into() }, ErrorCode::PermissionDenied),
        (Error::SourceAway { path: path.clone(), reason: "x".into() }, ErrorCode::SourceAway),
        (Error::WouldOverwriteSource { path: path.clone() }, ErrorCode::PermissionDenied),
        (Error::Cancelled, ErrorCode::Cancelled),
        (Error::io("reading", &path, io()), ErrorCode::Io),
        (Error::WriterGone, ErrorCode::Internal),
        (Error::Internal("x".into()), ErrorCode::Internal),
    ] {
        check(&serde_json::to_value(to_api_error(&error)).unwrap(), code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_completed_and_taken_apart() {
    let host = Host::new();
    host.call("import_sample", json!({})).await.unwrap();
    host.idle().await;
    let found = host.call("complete", json!({ "query": "thousand from:mar" })).await.unwrap();
    assert_eq!(found["replaces"], json!([9, 17]));
    let first = &found["completions"][0];
    assert_eq!(first["kind"], "person");
    let query = first["insert"].as_str().unwrap();
    let page = host.call("search", json!({ "query": query })).await.unwrap();
    assert_eq!(page["total"], first["count"], "{query} finds what it promises");
    for query in ["in:inb", "source:sam", "during:20", "exa"] {
        let found = host.call("complete", json!({ "query": query })).await.unwrap();
        let inserts = found["completions"].as_array().unwrap();
        assert!(!inserts.is_empty(), "{query}");
        for completion in inserts {
            let insert = completion["insert"].as_str().unwrap();
            if let Some(count) = completion["count"].as_u64() {
                let page = host.call("search", json!({ "query": insert })).await.unwrap();
                assert!(page["total"].as_u64().unwrap() >= 1, "{insert} promises {count}");
            }
        }
    }
    let parts = host.call("query", json!({ "query": "é from:a  \"b c\"" })).await.unwrap();
    assert_eq!(parts["parts"][1], json!({ "text": "from:a", "at": [2, 8], "field": true }));
    assert_eq!(parts["canonical"], "é from:a \"b c\"");
    let wrong = host.call("query", json!({ "query": "é form:a" })).await.unwrap();
    assert_eq!(wrong["fault"]["at"], json!([2, 7]));
    let fields = host.call("fields", json!({})).await.unwrap();
    assert!(fields["fields"].as_array().unwrap().iter().any(|field| field["name"] == "is"));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_kept_warmed_and_forgotten() {
    let host = Host::new();
    host.call("import_sample", json!({})).await.unwrap();
    host.idle().await;
    let hits = async || -> u64 {
        let snapshot = host.call("snapshot", json!({})).await.unwrap();
        let kept = snapshot["cache"].as_array().unwrap().clone();
        kept.iter().find(|shelf| shelf["name"] == "results").unwrap()["hits"].as_u64().unwrap()
    };
    let search = json!({ "query": "report", "limit": 100 });
    let (first, second) =
        (host.call("search", search.clone()).await, host.call("search", search.clone()).await);
    assert_eq!(first.unwrap()["hits"], second.unwrap()["hits"]);
    assert_eq!(hits().await, 1);
    let tagged = json!({ "query": "report", "change": { "kind": "tag", "value": "hot" } });
    host.call("review", tagged).await.unwrap();
    let page = host.call("search", search.clone()).await.unwrap();
    assert_eq!(page["hits"][0]["tags"], json!(["hot"]), "what was said is seen at once");
    assert_eq!(hits().await, 1);
    assert!(host.call("forget_answers", json!({})).await.unwrap()["answers"].as_u64().unwrap() > 0);
    host.call("search", search).await.unwrap();
    assert_eq!(hits().await, 1);

    // As a window begins, in the very words of its first question. A library that rested when it was left has nothing to do first that
    // would change the answer.
    host.service.shutdown();
    let Host { service, folder } = host;
    drop(service);
    let patience = Duration::from_secs(60);
    let reopened =
        tokio::task::block_in_place(|| Service::open(ServiceOptions { patience, ..options(&folder) }));
    let again = Host { service: reopened.unwrap(), folder };
    let mut warmed = 0;
    for _ in 0..1000 {
        let snapshot = again.call("snapshot", json!({})).await.unwrap();
        warmed = snapshot["cache"][0]["entries"].as_u64().unwrap();
        if warmed > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(warmed, 1, "the first page is found before it is asked for");
    let first = r#"{"query":"","sort":"newest","as_you_type":true,"offset":0,"limit":100}"#;
    again.service.clone().call("search".into(), first.into()).await.unwrap();
    let snapshot = again.call("snapshot", json!({})).await.unwrap();
    assert_eq!((&snapshot["cache"][0]["hits"], &snapshot["cache"][0]["misses"]), (&json!(1), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_can_be_told_to_keep_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::open(ServiceOptions { cache: false, ..options(&folder) }).unwrap();
    let host = Host { folder, service };
    for _ in 0..2 {
        host.call("search", json!({ "query": "" })).await.unwrap();
    }
    let snapshot = host.call("snapshot", json!({})).await.unwrap();
    let kept = snapshot["cache"].as_array().unwrap();
    assert!(kept.iter().all(|shelf| shelf["hits"] == 0 && shelf["capacity"] == 0), "{kept:?}");
    assert_eq!(snapshot["operations"][0]["name"], "search");
    assert_eq!(snapshot["operations"][0]["latency"]["count"], 2);
}
