//! Many small queries.

use super::*;
use crate::fields::FIELDS;
use proptest::prelude::*;

/// Wednesday, 14 November 2001.
const TODAY: i64 = 11_640;

/// A tree in brackets, easy to compare.
fn shown(query: &Query) -> String {
    let join = |parts: &[Query]| parts.iter().map(shown).collect::<Vec<_>>().join(" ");
    match query {
        Query::All => "all".into(),
        Query::Words { text, fields, how, .. } => {
            let sign = match how {
                Match::Exact => "!".into(),
                Match::Word => String::new(),
                Match::Prefix => "*".into(),
                Match::Like => "?".into(),
                Match::Fuzzy(by) => format!("~{by}"),
                Match::Near(by) => format!("~~{by}"),
            };
            match fields {
                [] => format!("'{text}'{sign}"),
                fields => format!("{fields:?}'{text}'{sign}"),
            }
        }
        Query::And(parts) => format!("(and {})", join(parts)),
        Query::Or(parts) => format!("(or {})", join(parts)),
        Query::Not(part) => format!("(not {})", shown(part)),
        other => format!("{other:?}"),
    }
}

fn check(text: &str, expected: &str) {
    let found = parse_on(text, TODAY).map(|(query, _)| shown(&query)).unwrap_or_else(|e| e.to_string());
    assert_eq!(found, expected, "{text:?}");
}

#[test]
fn words_and_operators() {
    check("", "all");
    check("  ", "all");
    check("one", "'one'");
    check("one two", "(and 'one' 'two')");
    check("one AND two", "(and 'one' 'two')");
    check("one OR two three", "(or 'one' (and 'two' 'three'))");
    check("(one OR two) three", "(and (or 'one' 'two') 'three')");
    check("-one two", "(and (not 'one') 'two')");
    check("NOT one", "(not 'one')");
    check("-(one two)", "(not (and 'one' 'two'))");
    check("a-b", "'a-b'");
    check("a - b", "(and 'a' '-'! 'b')");
    check("\"one two\"", "'one two'!");
    check("“one two” x", "(and 'one two'! 'x')");
    check("()", "all");
    check("re: hello", "(and 're:' 'hello')");
    check("http://example.org/", "'http://example.org/'!");
    check("C:\\folder", "'C:\\folder'!");
    check("12:30", "'12:30'!");
    check("a=b", "'a=b'!");
    check("std::io", "'std::io'!");
    check("Agenda: today", "(and 'Agenda:' 'today')");
}

#[test]
fn what_belongs_together_and_what_is_said() {
    check("conversation:17", "Conversation(17)");
    check("thread:17", "Conversation(17)");
    check("id:17", "Id(17)");
    check("tag:hot", "Tag(\"hot\")");
    check("tag:\"two words\"", "Tag(\"two words\")");
    check("-note:counsel", "(not Note(\"counsel\"))");
    check(
        "mih:000102030405060708090a0b0C0D0E0F",
        "Hash([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])",
    );
    check("id:x", "id: wants the number of an item, such as id:17 (at character 1)");
    check(
        "conversation:-1",
        "conversation: wants the number of an item, such as conversation:17 (at character 1)",
    );
    for text in [
        "conversation:17",
        "id:17",
        "tag:hot",
        "tag:\"a b\"",
        "note:x",
        "mih:000102030405060708090a0b0c0d0e0f",
    ] {
        assert_eq!(parse(text).unwrap().to_string(), text);
    }
    for wrong in ["mih:12", "mih:zz0102030405060708090a0b0c0d0e0f", "mih:0001020304050607é90a0b0c0d0e0f"] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn signs() {
    check("pip*", "'pip'*");
    check("\"pip*\"", "'pip'*");
    check("\"w*d\"", "'w*d'?");
    check("\"two wor*\"", "'two wor'*");
    check("\"tw* wor*\"", "'tw* wor*'?");
    check("\"t*o w?rds, are they??\"", "'t*o w?rds, are they'?");
    check("subject:\"two wor*\"", "[Subject]'two wor'*");
    check("\"5 * 3\"", "'5 * 3'!");
    check("\"two words?\"", "'two words?'!");
    check("from:(:*)", "[From]':*'!");
    for text in [
        "pip*",
        "w*d",
        "-w*d",
        "\"two wor*\"",
        "-\"t*o -wor?d\"",
        "subject:\"from:x*\"",
        "\"*a(b*\"",
        "\"(a*\"",
        "from:\":*\"",
        "from:\":a*\"",
    ] {
        assert_eq!(parse(text).unwrap().to_string(), text);
    }
    check("p*e", "'p*e'?");
    check("*line", "'*line'?");
    check("p?pe", "'p?pe'?");
    check("p*e*", "'p*e*'?");
    check("why?", "'why?'");
    check("*", "''*");
    check("pipe~", "'pipe'~1");
    check("pipeline~", "'pipeline'~2");
    check("pipeline~1", "'pipeline'~1");
    check("\"one two\"~5", "'one two'~~5");
    check("\"one two\"~", "'one two'~~10");
    check("one NEAR two", "'one two'~~10");
    check("one NEAR/3 two NEAR/4 three", "'one two three'~~4");
    check("from:a NEAR/3 from:b", "[From]'a b'~~3");
    check("NEAR", "'NEAR'!");
    check("pipeline~7", "A word may differ by one or two letters: word~1 or word~2. (at character 1)");
    check("one NEAR", "NEAR stands between two words. (at character 5)");
    check("kind:mail NEAR x", "NEAR stands between two words. (at character 11)");
}

#[test]
fn fields() {
    check("from:alice", "[From]'alice'");
    check("FROM:Alice", "[From]'Alice'");
    check("from:\"Alice M\" x", "(and [From]'Alice M'! 'x')");
    check("subject:cap*", "[Subject]'cap'*");
    check("from:(alice OR bruno)", "(or [From]'alice' [From]'bruno')");
    check("from:(alice -to:bruno) x", "(and (and [From]'alice' (not [To]'bruno')) 'x')");
    check("kind:(mail OR task)", "(or Kind(Mail) Kind(Task))");
    check("has:attachment", "HasAttachment(true)");
    check("hasattachment:no", "HasAttachment(false)");
    check("kind:contacts", "Kind(Contact)");
    check("kind:email", "Kind(Mail)");
    check("kind:dist_list", "Kind(DistList)");
    check("in:Inbox/Legal", "Folder(\"Inbox/Legal\")");
    check("folder:\"Sent Items\"", "Folder(\"Sent Items\")");
    check("is:flagged", "Is(Flagged)");
    check("is:starred", "Is(Flagged)");
    check("is:no-longer-in-file", "Is(Gone)");
    check("read:no", "(not Is(Read))");
    check("importance:high", "Is(Important)");
    check("category:work", "[Category]'work'");
    check("categories:\"red team\"", "[Category]'red team'!");
    check("company:north*", "[Company]'north'*");
}

#[test]
fn dates() {
    check("before:1970", "Date { from: None, until: Some(0) }");
    check("received>=1970", "Date { from: Some(0), until: None }");
    check("received:<1970", "Date { from: None, until: Some(0) }");
    check("during:1970-01-01", "Date { from: Some(0), until: Some(1) }");
    check("during:1970-01-01..1970-01-02", "Date { from: Some(0), until: Some(2) }");
    check("during:2002..2001", "during: ends before it begins (at character 1)");
    let day = |n: i64| TODAY + n;
    check("during:today", &format!("Date {{ from: Some({}), until: Some({}) }}", day(0), day(1)));
    check("received:yesterday", &format!("Date {{ from: Some({}), until: Some({}) }}", day(-1), day(0)));
    check("received:\"this week\"", &format!("Date {{ from: Some({}), until: Some({}) }}", day(-2), day(5)));
    check("newer:2w", &format!("Date {{ from: Some({}), until: None }}", day(-14)));
    check("older_than:1d", &format!("Date {{ from: None, until: Some({}) }}", day(-1)));
    check("newer:1m", &format!("Date {{ from: Some({}), until: None }}", day(-31)));
    check("due:soon", "due: wants a year, month or day, such as due:2001-11 (at character 1)");
    check("due:tomorrow", &format!("Due {{ from: Some({}), until: Some({}) }}", day(1), day(2)));
    check("duedate:today", &format!("Due {{ from: Some({}), until: Some({}) }}", day(0), day(1)));
    check("due<1970-01-02", "Due { from: None, until: Some(1) }");
    check("due>=1970", "Due { from: Some(0), until: None }");
    for text in [
        "due:1970-01-01..1970-01-02",
        "due>=1970-01-01",
        "due<1970-01-02",
        "due<=9999-12-31",
        "due>9999-12-31",
    ] {
        assert_eq!(parse(text).unwrap().to_string(), text);
    }
}

#[test]
fn hours() {
    for (text, printed) in [
        ("hour:22..5", "hour:22..5"),
        ("weekday:Saturday", "hour:sat"),
        ("hour:\"fri 14 +02:00\"", "hour:\"fri 14 +02:00\""),
        ("hour:\"fri 14 europe/vienna\"", "hour:\"fri 14 Europe/Vienna\""),
        ("sent_hour:22..5", "sent_hour:22..5"),
        ("sent_weekday:\"sat 9\"", "sent_hour:\"sat 9\""),
        ("-hour:(9 OR 10)", "-(hour:9 OR hour:10)"),
    ] {
        assert_eq!(parse(text).unwrap().to_string(), printed, "{text:?}");
    }
    check("hour:25", "hour: wants weekdays, hours of the day, or both, such as hour:22..5 (at character 1)");
    check(
        "sent_hour:\"9 utc\"",
        "sent_hour: wants weekdays, hours of the day, or both, such as sent_hour:22..5 (at character 1)",
    );
    check("hour>9", "hour: cannot be compared; write hour:22..5 (at character 1)");
}

#[test]
fn sizes() {
    check("larger:5mb", "Size { min: Some(5242881), max: None }");
    check("larger:1.5k", "Size { min: Some(1537), max: None }");
    check("size<=1k", "Size { min: None, max: Some(1024) }");
    check("size:1k..2k", "Size { min: Some(1024), max: Some(2048) }");
    check("size:tiny", "Size { min: Some(0), max: Some(10239) }");
    check("size:enormous", "Size { min: Some(5242880), max: None }");
    check("size:2k..1k", "size: wants a size, such as size:5mb (at character 1)");
}

#[test]
fn faults_say_where() {
    check("(one", "This bracket is never closed. (at character 1)");
    check("one)", "There is no bracket open here. (at character 4)");
    check("é \"two", "This quotation mark has no partner. (at character 3)");
    check("one OR", "There is nothing after this OR. (at character 5)");
    check("OR one", "There is nothing before this OR. (at character 1)");
    check("NOT", "There is nothing to exclude here. (at character 1)");
    check("from:", "from: wants a value, such as from:alice (at character 1)");
    check(
        "received:last month",
        "received: wants quotes around several words, such as received:\"last month\" (at character 1)",
    );
    check(
        "before:3/4/2001",
        "before: 3/4/2001 may be 2001-03-04 or 2001-04-03; write one of them (at character 1)",
    );
    check("before:soon", "before: wants a year, month or day, such as before:2003 (at character 1)");
    check("larger:big", "larger: wants a size, such as larger:5mb (at character 1)");
    let quotes = "Put it in quotes to look for the words as they stand.";
    check(
        "x form:alice",
        &format!("There is no field \"form\". Did you mean from:? {quotes} (at character 3)"),
    );
    check("colour:red", &format!("There is no field \"colour\". {quotes} (at character 1)"));
    check(
        "sbject:\"a b\"",
        &format!("There is no field \"sbject\". Did you mean subject:? {quotes} (at character 1)"),
    );
    check(
        "is:purple",
        "is: is one of flagged, unread, read, recovered, gone, duplicate, encrypted, signed, important, private, completed, \
         marked, reviewed, noted, tagged (at character 1)",
    );
    check(&"(".repeat(100), "The brackets nest too deep. (at character 33)");
    check(&"a".repeat(10_000), "The query is too long. (at character 1)");
}

#[test]
fn parts_stand_where_they_were_typed() {
    let check = |text: &str, expected: &[(&str, bool)]| {
        let found = parts(text).unwrap().1;
        let found: Vec<(&str, bool)> =
            found.iter().map(|part| (&text[part.at.clone()], part.field)).collect();
        assert_eq!(found, expected, "{text:?}");
    };
    check("from:alice  during:2001 word", &[("from:alice", true), ("during:2001", true), ("word", false)]);
    check("-from:a (b OR c) \"d e\"~3", &[("-from:a", true), ("(b OR c)", false), ("\"d e\"~3", false)]);
    check("a NEAR b -c", &[("a NEAR b", false), ("-c", false)]);
    check("from:(a b) c", &[("from:(a b)", true), ("c", false)]);
    check("a OR b", &[("a OR b", false)]);
    check("", &[]);
}

/// The tree without its positions.
fn plain(query: &Query) -> Query {
    match query {
        Query::Words { text, fields, how, .. } => {
            // Signs around a word make no words, and are not printed.
            let text = if *how == Match::Word { core(text) } else { text };
            Query::Words { text: text.to_owned(), fields, how: *how, at: 0..0 }
        }
        Query::And(parts) => Query::And(parts.iter().map(plain).collect()),
        Query::Or(parts) => Query::Or(parts.iter().map(plain).collect()),
        Query::Not(part) => Query::Not(Box::new(plain(part))),
        other => other.clone(),
    }
}

fn check_print(text: &str) {
    let Ok((query, _)) = parse_on(text, TODAY) else { return };
    let printed = query.to_string();
    let again = parse_on(&printed, TODAY).map(|(query, _)| plain(&query));
    assert_eq!(again, Ok(plain(&query)), "{text:?} was printed as {printed:?}");
}

#[test]
fn the_tree_prints_back() {
    for field in FIELDS {
        check_print(field.example);
        for (value, _) in field.values() {
            check_print(&format!("-{}:{value}", field.name));
        }
    }
    for text in [
        "a (b c) OR -(d -e)",
        "NOT --a*",
        "-(-a)",
        "x ()",
        "() OR a",
        "\"OR\" \"NEAR/3\"",
        "received<=9999",
        "received>9999",
        "\"a:b\" \"-c\"",
    ] {
        check_print(text);
    }
}

/// Pieces of queries, put together in any order.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zé会*?~.:@'-]{1,6}",
        prop::sample::select(vec![
            "(", ")", "OR", "AND", "NOT", "-", "NEAR", "NEAR/2", "\"", "\"a b\"", "\"c\"~3", "from:(", "()"
        ])
        .prop_map(str::to_owned),
        prop::sample::select(FIELDS.iter().map(|field| field.example).collect::<Vec<_>>())
            .prop_map(str::to_owned),
        "(during|due|due<|before|after|received|received>|size|larger|is|kind|in|hour|sent_hour):[0-9a-z.-]{1,10}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn what_parses_prints_back(pieces in prop::collection::vec(piece(), 0..8)) {
        check_print(&pieces.join(" "));
        check_print(&pieces.concat());
    }
}
