//! Queries over the sample mailbox.

use super::Bench;
use mailscope_engine::Error;
use mailscope_engine::search::{Request, Sort};
use mailscope_engine::source::pst::write_sample;
use mailscope_pst::write::{NewMessage, Options, PstWriter};
use std::sync::OnceLock;

/// A library that holds the sample mailbox; all tests share it.
fn sample() -> &'static Bench {
    static SAMPLE: OnceLock<Bench> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let bench = Bench::new();
        let path = bench.path("sample.pst");
        write_sample(&path).unwrap();
        bench.import_well(&path);
        bench
    })
}

fn count(query: &str) -> u64 {
    sample().find(query).total
}

#[test]
fn operators_add_up() {
    let all = count("");
    assert_eq!(count("has:attachment") + count("-has:attachment"), all);
    assert_eq!(count("kind:mail") + count("NOT kind:mail"), all);
    let kinds = "kind:mail OR kind:appointment OR kind:meeting OR kind:contact OR kind:distlist OR kind:task OR kind:note \
                 OR kind:journal OR kind:post OR kind:report OR kind:document OR kind:other";
    assert_eq!(count(kinds), all);
    assert_eq!(count("larger:0") + count("smaller:1"), all);
    assert_eq!(count("before:2025-06") + count("after:2025-06"), count("after:1700"));
    for query in ["choir", "konzert", "rehearsal"] {
        assert!(count(query) <= count(&format!("{query} OR zzzz")));
        assert_eq!(count(&format!("{query} -{query}")), 0);
        assert_eq!(count(&format!("{query} {query}")), count(query));
    }
}

#[test]
fn words_are_found_where_they_are() {
    for (field, word) in [("subject", "accounts"), ("from", "marta"), ("body", "thousand")] {
        let found = count(&format!("{field}:{word}"));
        assert!(found > 0, "{field}:{word}");
        assert!(found <= count(word));
        assert!(count(&format!("{}*", &word[..4])) >= count(word));
        assert_eq!(count(&format!("{field}:{}", word.to_uppercase())), found);
    }
    assert!(count("from:m*") >= count("from:marta"), "one letter with a star is a beginning");
    assert_eq!(count("zzzznothing"), 0);
    assert_eq!(count("\"two thousand\""), count("body:\"two thousand\""));
}

#[test]
fn an_unfinished_word_matches_what_begins_with_it() {
    let found = |query: &str, as_you_type| {
        let request = Request { query: query.into(), as_you_type, limit: 10, ..Request::default() };
        sample().library().search(&request).unwrap().total
    };
    assert_eq!(found("thousan", false), 0);
    assert_eq!(found("thousan", true), count("thousand"));
    assert_eq!(found("thousan ", true), 0, "a space ends the word");
    assert_eq!(found("two thousan", true), count("two thousand"));
}

/// What is found as it is typed: with signs in a word, and by its first letter.
#[test]
fn words_with_signs_and_first_letters_go_on() {
    let bench = Bench::new();
    let path = bench.path("signs.pst");
    let mut writer = PstWriter::create(&path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
    for (subject, text) in [
        ("clock", "We meet at 12:30 as ever."),
        ("path", "It lies under C:\\winter\\plan."),
        ("dash", "The follow-up came."),
        ("letter", "Plan b is ready."),
        ("book", "A book."),
        ("other", "An old book."),
    ] {
        let message =
            NewMessage { subject: subject.into(), text: Some(text.into()), ..NewMessage::default() };
        writer.add_message(inbox, &message).unwrap();
    }
    writer.finish().unwrap();
    bench.import_well(&path);
    let check = |query: &str, expected: &[&str]| {
        let request = Request { query: query.into(), as_you_type: true, limit: 10, ..Request::default() };
        let page = bench.library().search(&request).unwrap();
        let mut found: Vec<String> = page.hits.into_iter().map(|hit| hit.row.subject).collect();
        found.sort();
        assert_eq!(found, expected, "{query}");
        let ranked = bench.library().search(&Request { sort: Sort::Relevance, ..request }).unwrap();
        assert_eq!(ranked.total, expected.len() as u64, "{query} by relevance");
    };
    check("12:3", &["clock"]);
    check("12:30", &["clock"]);
    check("12:30 ", &["clock"]);
    check("12:3 ", &[]);
    check("\"12:3\"", &[]);
    check("C:\\win", &["path"]);
    check("C:\\w", &["path"]);
    check("follow-u", &["dash"]);
    check("follow-up", &["dash"]);
    // A single letter begins subjects and names, and is a word in texts.
    check("b", &["book", "letter"]);
    check("bo", &["book", "other"]);
    check("o", &["other"]);
    check("body:b", &["letter"]);
    check("subject:b", &["book"]);
    check("b ", &["letter"]);
}

/// More words begin with a letter than a query could once try: none of them may be left out.
#[test]
fn a_phrase_goes_on_with_any_word_that_begins_so() {
    let bench = Bench::new();
    let path = bench.path("many.pst");
    let mut writer = PstWriter::create(&path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
    let word = |n: usize| -> String {
        let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap());
        ['w', letter(n / 676), letter(n / 26), letter(n)].iter().collect()
    };
    for n in 0..20 {
        let words: Vec<String> = (n * 60..n * 60 + 60).map(|n| format!("of {}", word(n))).collect();
        let text = Some(words.join(", "));
        writer
            .add_message(inbox, &NewMessage { subject: n.to_string(), text, ..NewMessage::default() })
            .unwrap();
    }
    writer.finish().unwrap();
    bench.import_well(&path);
    let check = |query: &str, as_you_type, expected: u64| {
        for sort in [Sort::Newest, Sort::Relevance] {
            let request = Request { query: query.into(), sort, as_you_type, ..Request::default() };
            assert_eq!(bench.library().search(&request).unwrap().total, expected, "{query} {sort:?}");
        }
    };
    check("of-w*", false, 20);
    check("of-w", true, 20);
    check("of-wb*", false, 9);
    check("of-w*a", false, 20);
    check("to-w*", false, 0);
}

/// Folders and files are called as they are, or without case and accents where none is called so.
#[test]
fn names_of_folders_in_other_letters() {
    let bench = Bench::new();
    let path = bench.path("Müller.pst");
    let mut writer = PstWriter::create(&path, Options::default()).unwrap();
    for name in ["Entwürfe", "Входящие", "cafe", "café"] {
        let folder = writer.add_folder(writer.top(), name).unwrap();
        writer.add_message(folder, &NewMessage { subject: name.into(), ..NewMessage::default() }).unwrap();
    }
    writer.finish().unwrap();
    bench.import_well(&path);
    let check = |query: &str, expected| assert_eq!(bench.find(query).total, expected, "{query}");
    for query in [
        "in:entwürfe",
        "in:ENTWÜRFE",
        "in:entwurfe",
        "in:entwu\u{308}rfe",
        "in:входящие",
        "in:cafe",
        "in:café",
    ] {
        check(query, 1);
    }
    for query in ["source:müller", "source:MULLER", "source:mu\u{308}ller.pst"] {
        check(query, 4);
    }
    check("in:entwerfe", 0);
}

/// A star in quotes goes on as it does without them.
#[test]
fn words_in_quotes_go_on() {
    let check = |query: &str, same: &str| {
        assert!(count(same) > 0, "{same}");
        assert_eq!(count(query), count(same), "{query}");
    };
    check("\"choir week*\"", "\"choir weekly\"");
    check("\"ch*r week*\"", "\"choir weekly\"");
    check("\"cho*\"", "cho*");
}

/// Signs that make no word ask for nothing, wherever they stand.
#[test]
fn signs_among_words() {
    let check = |query: &str, same: &str| assert_eq!(count(query), count(same), "{query}");
    check("choir -\"--\"", "choir");
    check("choir -😀", "choir");
    check("-\"…\"", "");
    check("choir OR \"--\"", "choir");
    check("\"$\" OR from:\"!\"", "");
    check("choir (-😀 OR \"—\")", "choir");
    check("-(😀 \"—\") choir", "choir");
    let long = format!("choir {}", "x".repeat(200));
    let request = Request { query: long, ..Request::default() };
    let answer = sample().library().search(&request);
    assert!(matches!(answer, Err(Error::BadQuery(error)) if error.at.start == 6));
}

/// Patterns that would take too long are refused as a fault of the query, at their place.
#[test]
fn patterns_without_end() {
    let check = |query: &str, at: Option<usize>| match (
        sample().library().search(&Request { query: query.into(), ..Request::default() }),
        at,
    ) {
        (Ok(_), None) => {}
        (Err(Error::BadQuery(error)), Some(at)) => assert_eq!(error.at.start, at, "{query}"),
        (other, _) => panic!("{query:.40}: {:?}", other.map(|page| page.total)),
    };
    check(&format!("a{}", "*a".repeat(2000)), Some(0));
    check(&format!("müde {}", "x*y*z*".repeat(300)), Some(5));
    check(&format!("-from:{}", "a?*b*c".repeat(300)), Some(1));
    check(&format!("(b OR *a{})", "?".repeat(400)), Some(6));
    check(&format!("{}x{}", "*".repeat(1000), "*".repeat(1000)), None);
    check("m?r*a *a*b*c*d*", None);
}

#[test]
fn a_word_counts_for_more_than_its_forms() {
    let bench = Bench::new();
    let path = bench.path("rank.pst");
    let mut writer = PstWriter::create(&path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
    let around = "We have to look at all of it before it is sold, and then at what is left of them there. ";
    let mut write = |subject: &str, text: String| {
        let message = NewMessage { subject: subject.into(), text: Some(text), ..NewMessage::default() };
        writer.add_message(inbox, &message).unwrap();
    };
    write("pipelines", format!("{around}pipelines pipelines"));
    write("word", format!("{around}{around}{around}The pipeline is there."));
    for number in 0..20 {
        write(&format!("other {number}"), around.to_owned());
    }
    writer.finish().unwrap();
    bench.import_well(&path);
    let request =
        Request { query: "pipeline".into(), sort: Sort::Relevance, limit: 10, ..Request::default() };
    let found: Vec<String> =
        bench.library().search(&request).unwrap().hits.into_iter().map(|hit| hit.row.subject).collect();
    assert_eq!(found, ["word", "pipelines"]);
}

/// Letters that use a word in several forms, in two languages.
fn forms() -> Bench {
    let bench = Bench::new();
    let path = bench.path("forms.pst");
    let mut writer = PstWriter::create(&path, Options::default()).unwrap();
    let inbox = writer.add_folder(writer.top(), "Inbox").unwrap();
    for (subject, text) in [
        (
            "plural",
            "We have to look at all of the pipelines before they are sold, and then at what is left of them.",
        ),
        (
            "singular",
            "We have to look at all of the pipeline before it is sold, and then at what is left of it there.",
        ),
        (
            "verb",
            "They were meeting there when you had to be with us, and that is all that we have been told.",
        ),
        ("short", "pipelines"),
        (
            "deutsch",
            "Wir haben die Sitzungen verlegt, weil die Leitung noch nicht geprüft ist und wir es nicht wissen.",
        ),
        (
            "einzahl",
            "Die Sitzung ist verlegt, weil die Leitung noch nicht geprüft ist und wir es auch nicht wissen.",
        ),
        (
            "loanword",
            "Das Meeting ist verlegt, weil die Leitung noch nicht geprüft ist und wir es auch nicht wissen.",
        ),
    ] {
        let message =
            NewMessage { subject: subject.into(), text: Some(text.into()), ..NewMessage::default() };
        writer.add_message(inbox, &message).unwrap();
    }
    writer.finish().unwrap();
    bench.import_well(&path);
    bench
}

#[test]
fn words_are_found_in_their_other_forms() {
    let bench = forms();
    let check = |query: &str, expected: &[&str]| assert_eq!(bench.subjects(query), expected, "{query}");
    check("pipeline", &["plural", "short", "singular"]);
    check("Pipelines", &["plural", "short", "singular"]);
    check("\"pipeline\"", &["singular"]);
    check("\"pipelines\"", &["plural", "short"]);
    // In German "Meeting" is no form of "meet".
    check("body:meet", &["verb"]);
    check("meeting", &["loanword", "verb"]);
    check("subject:meet", &[]);
    check("\"meet\"", &[]);
    check("Sitzung", &["deutsch", "einzahl"]);
    check("sitzungen -\"sitzung\"", &["deutsch"]);
    check("-sitzung leitung", &["loanword"]);
    check("from:meet", &[]);
    check("lang:de", &["deutsch", "einzahl", "loanword"]);
    check("lang:English pipeline", &["plural", "singular"]);
    check("-lang:en -lang:de", &["short"]);
}

#[test]
fn a_word_itself_comes_before_its_forms() {
    let bench = forms();
    let found = |query: &str| {
        let request = Request { query: query.into(), sort: Sort::Relevance, limit: 10, ..Request::default() };
        let page = bench.library().search(&request).unwrap();
        page.hits.into_iter().map(|hit| hit.row.subject).collect::<Vec<_>>()
    };
    // "short" is the shortest by far, and yet stands behind the word itself.
    assert_eq!(found("pipeline body:look").first().map(String::as_str), Some("singular"));
    assert_eq!(found("pipelines body:look").first().map(String::as_str), Some("plural"));
    assert_eq!(found("sitzungen").first().map(String::as_str), Some("deutsch"));
    assert_eq!(found("sitzung").first().map(String::as_str), Some("einzahl"));
}

#[test]
fn other_forms_are_marked() {
    let bench = forms();
    let marked = |query: &str, as_you_type| -> Vec<String> {
        let request = Request { query: query.into(), as_you_type, limit: 10, ..Request::default() };
        let hits = bench.library().search(&request).unwrap().hits.into_iter();
        let mut marked: Vec<String> = hits
            .flat_map(|hit| {
                hit.snippet_marks.iter().map(|mark| hit.snippet[mark.clone()].to_owned()).collect::<Vec<_>>()
            })
            .collect();
        marked.sort();
        marked
    };
    assert_eq!(marked("pipeline", false), ["pipeline", "pipelines", "pipelines"]);
    assert_eq!(marked("\"pipeline\"", true), ["pipeline"], "quotes end a word");
    assert_eq!(
        marked("sitzungen", true),
        ["Sitzung", "Sitzungen"],
        "a word that is being typed has its forms too"
    );
    let verb = bench.find("meet").hits.remove(0).row.id;
    let shown = bench.library().show(verb, &[], Some("meet ")).unwrap();
    assert_eq!(shown.highlights.find("meeting meet meetings").len(), 2, "forms that the library has");
}

#[test]
fn marks_stand_on_the_words() {
    let page = sample().find("thousand");
    assert!(!page.hits.is_empty());
    for hit in page.hits {
        let marked: Vec<&str> = hit.snippet_marks.iter().map(|mark| &hit.snippet[mark.clone()]).collect();
        assert!(
            !marked.is_empty() && marked.iter().all(|word| word.eq_ignore_ascii_case("thousand")),
            "{marked:?}"
        );
    }
}

#[test]
fn a_page_beyond_the_end_is_empty() {
    let all = count("");
    for (offset, limit) in
        [(u32::MAX as usize, 500), (usize::MAX, usize::MAX), (all as usize, 1), (0, usize::MAX)]
    {
        for sort in [Sort::Newest, Sort::Relevance] {
            let page =
                sample().library().search(&Request { sort, offset, limit, ..Request::default() }).unwrap();
            let shown = if offset == 0 { all } else { 0 };
            assert_eq!((page.total, page.hits.len() as u64), (all, shown), "{offset} {limit}");
        }
    }
}

#[test]
fn orders() {
    let dates = |sort| -> Vec<Option<i64>> {
        let request = Request { sort, limit: 500, ..Request::default() };
        sample().library().search(&request).unwrap().hits.iter().map(|hit| hit.row.date).collect()
    };
    let (newest, oldest) = (dates(Sort::Newest), dates(Sort::Oldest));
    let known = |dates: &[Option<i64>]| dates.iter().flatten().copied().collect::<Vec<i64>>();
    assert!(known(&newest).is_sorted_by(|a, b| a >= b));
    assert!(known(&oldest).is_sorted());
    for dates in [&newest, &oldest] {
        assert!(
            dates.iter().skip_while(|date| date.is_some()).all(Option::is_none),
            "those without a date come last"
        );
    }
    let request = Request { sort: Sort::Size, limit: 500, ..Request::default() };
    let sizes: Vec<u64> =
        sample().library().search(&request).unwrap().hits.iter().map(|hit| hit.row.size).collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b));
}

#[test]
fn scopes() {
    let folders = sample().library().folders(None).unwrap();
    let mut direct = 0;
    for folder in &folders {
        let request = Request { folder: Some(folder.id), limit: 1, ..Request::default() };
        let found = sample().library().search(&request).unwrap().total;
        let below = folders
            .iter()
            .filter(|f| f.path == folder.path || f.path.starts_with(&format!("{}/", folder.path)));
        // The nameless top holds all.
        let expected: u64 = match folder.path.as_str() {
            "" => folders.iter().map(|f| f.items).sum(),
            _ => below.map(|f| f.items).sum(),
        };
        assert_eq!(found, expected, "{}", folder.path);
        direct += folder.items;
    }
    assert_eq!(direct, count(""));
    assert!(count("in:inbox") > 0);
    assert_eq!(count("in:nowhere"), 0);
    assert_eq!(count("source:sample"), count(""));
}

#[test]
fn a_wrong_query_says_where() {
    let request = Request { query: "choir (".into(), limit: 10, ..Request::default() };
    match sample().library().search(&request) {
        Err(Error::BadQuery(error)) => assert_eq!(error.at, 6..7),
        other => panic!("{other:?}"),
    }
}

#[test]
fn no_query_breaks_it() {
    // Shapes that parsers and query builders trip over.
    for query in [
        "*",
        "**",
        "\"\"",
        "\"",
        "()",
        "(())",
        "-",
        "--",
        "- -",
        ":",
        "from:",
        "from:*",
        "a:b:c",
        "\"*\"",
        "*a",
        "a*b",
        "OR",
        "NOT",
        "NOT NOT a",
        "-(-a)",
        "a OR (b -c)",
        "\u{0}",
        "\u{202e}",
        "e\u{301}*",
        "会*",
        "\"会議\"",
        "😀",
        "from:\"\"",
        "larger:999999999999999999999",
        "before:0000",
        "during:2001..",
        "in:/",
        "kind:",
        "has:",
        "a AND",
        "AND a",
    ] {
        for as_you_type in [false, true] {
            let request = Request { query: query.into(), as_you_type, limit: 10, ..Request::default() };
            match sample().library().search(&request) {
                Ok(_) | Err(Error::BadQuery(_)) => {}
                Err(other) => panic!("{query:?}: {other}"),
            }
        }
    }
}

#[test]
fn words_like_others_are_found() {
    let exact = count("thousand");
    assert!(exact > 0);
    for like in [
        "th*sand",
        "*ousand",
        "thou?and",
        "thousnad~",
        "thousan~1",
        "subject:acc*nts OR thousand",
        "\"two thousand\"~3",
    ] {
        assert!(count(like) > 0, "{like}");
        assert!(count(&format!("({like}) thousand")) > 0, "{like}");
    }
    assert_eq!(count("thousand~1 -thousand*"), count("thousand~1") - count("thousand~1 thousand*"));
    assert_eq!(count("\"thousand two\"~3"), count("\"two thousand\"~3"));
    assert_eq!(count("two NEAR/3 thousand"), count("\"two thousand\"~3"));
    assert!(count("\"two thousand\"~0") <= count("\"two thousand\"~3"));
    assert!(count("ki*e") >= count("kite"));
}

#[test]
fn states_divide_the_items() {
    let all = count("");
    assert_eq!(count("is:read") + count("is:unread"), all);
    assert_eq!(count("read:no"), count("is:unread"));
    for state in [
        "flagged",
        "recovered",
        "gone",
        "duplicate",
        "encrypted",
        "signed",
        "important",
        "private",
        "completed",
    ] {
        assert_eq!(count(&format!("is:{state}")) + count(&format!("-is:{state}")), all, "{state}");
    }
}

#[test]
fn gone_and_duplicate_items_are_found_as_such() {
    let bench = Bench::new();
    let path = bench.numbered("mail.pst", 5);
    bench.import_well(&path);
    let copy = bench.path("copy.pst");
    std::fs::copy(&path, &copy).unwrap();
    bench.import_well(&copy);
    assert_eq!(bench.find("is:duplicate").total, 5);
    assert_eq!(bench.find("is:duplicate source:copy").total, 5);
    assert_eq!(bench.find("is:gone").total, 0);
    std::fs::remove_file(&copy).unwrap();
    bench.numbered("copy.pst", 2);
    bench.import_well(&copy);
    assert_eq!(bench.find("is:gone").total, 3);
    assert_eq!(bench.subjects("is:gone"), ["Message 2", "Message 3", "Message 4"]);
}

#[test]
fn a_field_that_is_none_is_an_error() {
    let request = Request { query: "choir form:marta".into(), limit: 10, ..Request::default() };
    match sample().library().search(&request) {
        Err(Error::BadQuery(error)) => {
            assert_eq!(error.at, 6..11);
            assert!(error.message.contains("from:"), "{}", error.message);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn pages_by_cursor_are_those_by_offset() {
    let all = count("");
    for sort in [Sort::Newest, Sort::Oldest, Sort::Size, Sort::Relevance, Sort::Sender] {
        for query in ["", "thousand OR choir OR the"] {
            let whole = Request { query: query.into(), sort, limit: 500, ..Request::default() };
            let ids = |page: &mailscope_engine::search::Page| {
                page.hits.iter().map(|hit| hit.row.id).collect::<Vec<_>>()
            };
            let expected = ids(&sample().library().search(&whole).unwrap());
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let request = Request { query: query.into(), sort, limit: 7, after, ..Request::default() };
                let page = sample().library().search(&request).unwrap();
                assert_eq!(page.total, expected.len() as u64);
                found.extend(ids(&page));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(found, expected, "{sort:?} {query}");
            assert!(!query.is_empty() || found.len() as u64 == all);
        }
    }
    let wrong = Request { after: Some("x".into()), limit: 7, ..Request::default() };
    assert!(matches!(sample().library().search(&wrong), Err(Error::BadCursor)));
}

#[test]
fn counts_beside_the_results() {
    let request = Request { query: "kind:mail".into(), limit: 5, facets: true, ..Request::default() };
    let page = sample().library().search(&request).unwrap();
    let facets = page.facets.unwrap();
    assert_eq!(facets.kinds.iter().map(|(_, count)| count).sum::<u64>(), page.total);
    assert_eq!(facets.folders.iter().map(|f| f.count).sum::<u64>(), page.total);
    assert_eq!(facets.sources[0].2, page.total);
    assert!(!facets.senders.is_empty() && !facets.by_month.is_empty() && !facets.attachment_types.is_empty());
    assert!(sample().find("").facets.is_none());
}

#[test]
fn marks_stand_on_the_sender() {
    let page = sample().find("from:marta");
    assert!(!page.hits.is_empty());
    for hit in page.hits {
        let shown = hit.row.from.display();
        assert!(
            hit.from_marks.iter().any(|mark| shown[mark.clone()].eq_ignore_ascii_case("marta")),
            "{shown}"
        );
    }
}
