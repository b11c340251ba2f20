//! Many who ask, say, import and export at once.

// Helpers of tests fail by panicking; clippy exempts only the test functions themselves.
#![allow(clippy::unwrap_used, clippy::panic)]

use mailscope_api::{Service, ServiceOptions};
use mailscope_pst::write::small::{Variant, write_many};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

async fn call(service: &Arc<Service>, name: &str, request: Value) -> Value {
    let answer = service.clone().call(name.to_owned(), request.to_string()).await.unwrap();
    serde_json::from_str(&answer).unwrap()
}

async fn idle(service: &Arc<Service>) {
    let service = service.clone();
    tokio::task::spawn_blocking(move || service.library().wait_idle()).await.unwrap();
}

async fn with_sample(folder: &Path) -> Arc<Service> {
    let options = ServiceOptions { library: folder.join("library"), ..ServiceOptions::default() };
    let service = Service::open(options).unwrap();
    call(&service, "import_sample", json!({})).await;
    idle(&service).await;
    service
}

/// Eight callers ask the same, kept answers and all, while items are flagged one after the other: nobody is given what was true before
/// a change that had ended when he asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_answered_what_was_true_before() {
    const CALLERS: usize = 8;
    let folder = tempfile::tempdir().unwrap();
    let service = with_sample(folder.path()).await;
    let page = call(&service, "search", json!({ "query": "", "limit": 40 })).await;
    let ids: Vec<u64> =
        page["hits"].as_array().unwrap().iter().map(|hit| hit["id"].as_u64().unwrap()).collect();
    let (said, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (service, said, over) = (service.clone(), said.clone(), over.clone());
            tokio::spawn(async move {
                let mut asked = 0_u64;
                while !over.load(Ordering::Acquire) {
                    let before = said.load(Ordering::Acquire);
                    let page = call(&service, "search", json!({ "query": "is:marked", "limit": 100 })).await;
                    let counts = call(&service, "insights", json!({ "query": "is:marked" })).await;
                    let total = page["total"].as_u64().unwrap();
                    assert!(total >= before, "{total} of {before}");
                    assert_eq!(page["hits"].as_array().unwrap().len() as u64, total);
                    assert!(counts["total"].as_u64().unwrap() >= before);
                    asked += 1;
                }
                asked
            })
        })
        .collect();
    for (n, id) in (1..).zip(&ids) {
        let flag = json!({ "ids": [id], "change": { "kind": "flag", "value": true } });
        assert_eq!(call(&service, "review", flag).await["items"], 1);
        said.store(n, Ordering::Release);
        let page = call(&service, "search", json!({ "query": "is:marked", "limit": 100 })).await;
        assert_eq!(page["total"], n);
        assert!(page["hits"].as_array().unwrap().iter().any(|hit| hit["id"] == *id));
    }
    over.store(true, Ordering::Release);
    for caller in callers {
        assert!(caller.await.unwrap() > 0);
    }
}

/// What is exported while more is being imported is whole, and what came meanwhile is written by the next run.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_during_an_export_is_written_by_the_next() {
    const MORE: usize = 1500;
    let folder = tempfile::tempdir().unwrap();
    let service = with_sample(folder.path()).await;
    let first = call(&service, "library", json!({})).await["total_items"].as_u64().unwrap();
    let more = folder.path().join("more.pst");
    write_many(&more, Variant::default(), MORE).unwrap();
    let to = folder.path().join("written");
    let export = async || {
        let started = call(&service, "export", json!({ "format": "eml", "to": to })).await;
        loop {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let exports = call(&service, "exports", json!({})).await;
            let all = exports["exports"].as_array().unwrap();
            let one = all.iter().find(|export| export["id"] == started["id"]).unwrap();
            if one["state"] != "running" {
                assert_eq!((&one["state"], &one["failed"]), (&json!("done"), &json!(0)), "{one}");
                return (one["written"].as_u64().unwrap(), one["skipped"].as_u64().unwrap());
            }
        }
    };
    let started = call(&service, "import", json!({ "paths": [more] })).await;
    assert_eq!(started["refused"], json!([]));
    let (written, skipped) = export().await;
    assert!(written >= first && skipped == 0, "{written} of at least {first}");
    assert_eq!(files(&to).len() as u64, written);
    idle(&service).await;
    let all = first + MORE as u64;
    assert_eq!(export().await, (all - written, written));
    assert_eq!(files(&to).len() as u64, all);
    assert_eq!(export().await, (0, all));
}

/// The messages under a folder.
fn files(folder: &Path) -> HashSet<String> {
    let mut found = HashSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "eml") {
            found.insert(path.to_string_lossy().into_owned());
        }
    }
    found
}
