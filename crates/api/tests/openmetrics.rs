//! A snapshot as OpenMetrics text, read by the grammar and the rules of OpenMetrics 1.0.

// Helpers of tests fail by panicking; clippy exempts only the test functions themselves.
#![allow(clippy::unwrap_used, clippy::panic)]

use mailscope_api::{Service, ServiceOptions, Snapshot, openmetrics};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Values by name and labels, as they are written.
type Samples = BTreeMap<String, f64>;

fn is_name(name: &str, colon: bool) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '_' || (colon && c == ':');
    name.starts_with(|c: char| inner(c) && !c.is_ascii_digit()) && name.chars().all(inner)
}

/// An escaped string up to its closing quotation mark (or, without one, all of it); what follows it.
fn unescape<'a>(text: &'a str, quoted: bool, at: &str) -> Result<&'a str, String> {
    let mut rest = text.char_indices();
    while let Some((n, c)) = rest.next() {
        match c {
            '"' if quoted => return Ok(&text[n + 1..]),
            '\\' if !matches!(rest.next(), Some((_, '\\' | '"' | 'n'))) => {
                return Err(format!("escape in {at}"));
            }
            _ => {}
        }
    }
    if quoted { Err(format!("open label in {at}")) } else { Ok("") }
}

/// Name, labels and value.
type Sample<'a> = (&'a str, Vec<(&'a str, &'a str)>, f64);

fn sample(line: &str) -> Result<Sample<'_>, String> {
    let end = line.find(['{', ' ']).ok_or_else(|| format!("no value: {line}"))?;
    let (name, mut rest) = line.split_at(end);
    let mut labels: Vec<(&str, &str)> = Vec::new();
    if let Some(mut inner) = rest.strip_prefix('{') {
        loop {
            let (label, value) = inner.split_once("=\"").ok_or_else(|| format!("label in {line}"))?;
            let after = unescape(value, true, line)?;
            if !is_name(label, false) || labels.iter().any(|(known, _)| *known == label) {
                return Err(format!("label {label:?} in {line}"));
            }
            labels.push((label, &value[..value.len() - after.len() - 1]));
            match (after.strip_prefix(','), after.strip_prefix('}')) {
                (Some(next), _) => inner = next,
                (None, Some(end)) => {
                    rest = end;
                    break;
                }
                (None, None) => return Err(format!("labels do not end: {line}")),
            }
        }
    }
    let value = rest.strip_prefix(' ').ok_or_else(|| format!("no value: {line}"))?;
    let number = value.parse().map_err(|_| format!("value {value:?} in {line}"))?;
    if value.contains(' ') || !is_name(name, true) {
        return Err(format!("not a sample: {line}"));
    }
    Ok((name, labels, number))
}

#[derive(Default)]
struct Family<'a> {
    name: &'a str,
    kind: &'a str,
    unit: &'a str,
    has_help: bool,
    /// Label sets without the quantile: those of one are next to each other.
    sets: Vec<String>,
}

impl<'a> Family<'a> {
    fn take(&mut self, line: &'a str) -> Result<(String, f64), String> {
        let (name, labels, value) = sample(line)?;
        let suffix = name.strip_prefix(self.name).ok_or_else(|| format!("of no family: {line}"))?;
        let quantile = labels.iter().find(|(label, _)| *label == "quantile").map(|(_, value)| *value);
        let fits = match self.kind {
            "gauge" => suffix.is_empty() && quantile.is_none(),
            "counter" => suffix == "_total" && value >= 0.0 && quantile.is_none(),
            "info" => suffix == "_info" && value == 1.0,
            "summary" => match suffix {
                "" => {
                    quantile.is_some_and(|q| q.parse().is_ok_and(|q: f64| (0.0..=1.0).contains(&q)))
                        && value >= 0.0
                }
                "_count" => value >= 0.0 && value.fract() == 0.0 && quantile.is_none(),
                "_sum" => value >= 0.0 && quantile.is_none(),
                _ => false,
            },
            _ => false,
        };
        if !fits || !value.is_finite() {
            return Err(format!("no sample of a {}: {line}", self.kind));
        }
        let mut set: Vec<_> = labels.iter().filter(|(label, _)| *label != "quantile").collect();
        set.sort();
        let set = format!("{set:?}");
        if self.sets.last() != Some(&set) {
            if self.sets.contains(&set) {
                return Err(format!("apart from its like: {line}"));
            }
            self.sets.push(set);
        }
        let mut labels = labels.clone();
        labels.sort_unstable();
        Ok((format!("{name}{labels:?}"), value))
    }
}

/// Reads a whole exposition; refuses all that the standard does.
fn parse(text: &str) -> Result<Samples, String> {
    let body = text.strip_suffix("# EOF\n").ok_or("does not end with # EOF")?;
    if !body.ends_with('\n') || body.contains('\r') {
        return Err("lines do not end with a line feed".into());
    }
    let (mut samples, mut seen) = (Samples::new(), BTreeSet::new());
    let mut family = Family::default();
    for line in body.lines() {
        let Some(head) = line.strip_prefix("# ") else {
            let (key, value) = family.take(line)?;
            if samples.insert(key, value).is_some() {
                return Err(format!("said twice: {line}"));
            }
            continue;
        };
        let mut words = head.splitn(3, ' ');
        let (what, name, rest) =
            (words.next().unwrap_or(""), words.next().unwrap_or(""), words.next().unwrap_or(""));
        if what == "TYPE" {
            if !is_name(name, true) || !seen.insert(name) {
                return Err(format!("family {name:?} again or no name"));
            }
            if !["gauge", "counter", "summary", "info"].contains(&rest) {
                return Err(format!("kind {rest:?}"));
            }
            family = Family { name, kind: rest, ..Family::default() };
            continue;
        }
        if name != family.name || !family.sets.is_empty() {
            return Err(format!("not at the head of its family: {line}"));
        }
        match what {
            "UNIT" if family.unit.is_empty() && !rest.is_empty() && name.ends_with(&format!("_{rest}")) => {
                family.unit = rest;
            }
            "HELP" if !family.has_help => {
                unescape(rest, false, line)?;
                family.has_help = true;
            }
            _ => return Err(format!("metadata: {line}")),
        }
    }
    // No sample of one family may be taken for one of another.
    for name in &seen {
        for suffix in ["_total", "_count", "_sum", "_info", "_created", "_bucket"] {
            if seen.contains(format!("{name}{suffix}").as_str()) {
                return Err(format!("{name} and {name}{suffix}"));
            }
        }
    }
    Ok(samples)
}

#[test]
fn what_the_standard_refuses_is_refused_here() {
    let check = |text: &str, well: bool| assert_eq!(parse(text).is_ok(), well, "{text:?}: {:?}", parse(text));
    let gauge = "# TYPE a gauge\n# HELP a It.\n";
    check("# TYPE a gauge\na 1\n# EOF\n", true);
    check(&format!("{gauge}a{{x=\"1\"}} 1\na{{x=\"\\\"\\\\\\n\",y=\"2\"}} 1e3\n# EOF\n"), true);
    check("# TYPE a summary\na{quantile=\"0.5\"} 1\na_count 2\na_sum 2.5\n# EOF\n", true);
    for wrong in [
        "# TYPE a gauge\na 1\n",
        "# TYPE a gauge\na 1\n# EOF",
        "# TYPE a gauge\n\na 1\n# EOF\n",
        "a 1\n# EOF\n",
        "# TYPE a gauge\na 1\na 1\n# EOF\n",
        "# TYPE a gauge\na 1\n# TYPE a gauge\n# EOF\n",
        "# TYPE a gauge\na 1\n# HELP a It.\n# EOF\n",
        "# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n",
        "# TYPE a gauge\na{x=\"1} 1\n# EOF\n",
        "# TYPE a gauge\na{x=\"\\t\"} 1\n# EOF\n",
        "# TYPE a gauge\na{x=\"1\",x=\"2\"} 1\n# EOF\n",
        "# TYPE a gauge\na x\n# EOF\n",
        "# TYPE a gauge\na NaN\n# EOF\n",
        "# TYPE a counter\na 1\n# EOF\n",
        "# TYPE a counter\na_total -1\n# EOF\n",
        "# TYPE a summary\na 1\n# EOF\n",
        "# TYPE a summary\na{quantile=\"2\"} 1\n# EOF\n",
        "# TYPE a summary\na_count 1.5\n# EOF\n",
        "# TYPE a gauge\na{x=\"1\"} 1\na{x=\"2\"} 1\na{x=\"1\",quantile=\"1\"} 1\n# EOF\n",
        "# TYPE a-b gauge\na-b 1\n# EOF\n",
        "# TYPE a gauge\na 1\n# TYPE a_total gauge\na_total 1\n# EOF\n",
    ] {
        check(wrong, false);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_is_told_by_the_standard() {
    // A name that has to be escaped.
    let folder = tempfile::Builder::new().prefix("quo\"te").tempdir().unwrap();
    let options = ServiceOptions { library: folder.path().join("library"), ..ServiceOptions::default() };
    let service: Arc<Service> = Service::open(options).unwrap();
    let call = |name: &'static str, request: serde_json::Value| {
        let service = service.clone();
        async move { service.call(name.to_owned(), request.to_string()).await }
    };
    call("import_sample", json!({})).await.unwrap();
    let idle = service.clone();
    tokio::task::spawn_blocking(move || idle.library().wait_idle()).await.unwrap();
    for query in ["", "report", "report"] {
        call("search", json!({ "query": query })).await.unwrap();
    }
    call("show", json!({ "id": 999_999 })).await.unwrap_err();
    let snapshot: Snapshot = serde_json::from_str(&call("snapshot", json!({})).await.unwrap()).unwrap();
    let samples = parse(&openmetrics(&snapshot)).unwrap();
    let value = |key: &str| *samples.get(key).unwrap_or_else(|| panic!("{key} in {samples:#?}"));
    assert_eq!(value("mailscope_operation_seconds_count[(\"operation\", \"search\")]"), 3.0);
    assert_eq!(value("mailscope_operation_errors_total[(\"operation\", \"show\")]"), 1.0);
    assert_eq!(value("mailscope_operation_errors_total[(\"operation\", \"search\")]"), 0.0);
    assert!(
        value("mailscope_operation_seconds[(\"operation\", \"search\"), (\"quantile\", \"0.99\")]") > 0.0
    );
    assert!(value("mailscope_cache_hits_total[(\"kind\", \"results\")]") >= 1.0);
    assert_eq!(value("mailscope_items[(\"state\", \"read\")]"), snapshot.holds.items as f64);
    assert_eq!(value("mailscope_index_documents[]"), snapshot.index.documents as f64);
    assert!(value("mailscope_disk_bytes[(\"part\", \"index\")]") > 1000.0);
    assert!(value("mailscope_pool_wait_seconds_count[]") > 3.0);
    assert!(value("mailscope_memory_bytes[]") > 1e6);
    assert!(value("mailscope_import_stage_seconds_total[(\"stage\", \"read\")]") > 0.0);
    assert!(snapshot.holds.items > 50 && snapshot.holds.items <= snapshot.index.documents);
    assert_eq!(snapshot.index.behind, 0);
    assert!(snapshot.database.bytes > 10_000 && snapshot.disk.database > 0);
    assert!(snapshot.operations.iter().any(|operation| operation.name == "import_sample"));
    service.shutdown();
}
