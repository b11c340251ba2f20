use super::*;
use crate::fields::TextField;
use crate::index::{Document, Index};
use proptest::prelude::*;
use tantivy::collector::TopDocs;
use tantivy::query::BooleanQuery;
use tantivy::query::Occur;

const FIELD: TextField = TextField::Body;

fn too_many() -> QueryError {
    QueryError { message: "too many".into(), at: 2..5 }
}

/// An index of these texts, in parts of `part` items; every `gone`th item is removed again. Item n has text n.
fn index(folder: &std::path::Path, texts: &[Vec<String>], part: usize, gone: usize) -> Index {
    let index = Index::open(folder).unwrap();
    let mut writer = index.writer(16 << 20, 1).unwrap();
    for (n, text) in texts.iter().enumerate() {
        let document = Document { texts: vec![(FIELD, text.join(" "))], ..Document::default() };
        writer.put(n as i64 + 1, 1, &[1], document, false).unwrap();
        if n % part == part - 1 {
            writer.commit(n as i64 + 1).unwrap();
        }
    }
    (1..=texts.len()).filter(|id| id % gone == 0).for_each(|id| writer.remove(id as i64));
    writer.commit(texts.len() as i64 + 1).unwrap();
    index.reload().unwrap();
    index
}

/// Ids and scores of what answers, by id.
fn answers(index: &Index, query: &dyn Query) -> Vec<(u64, f32)> {
    let searcher = index.searcher();
    let mut found: Vec<(u64, f32)> = searcher
        .search(query, &TopDocs::with_limit(5000).order_by_score())
        .unwrap()
        .into_iter()
        .map(|(score, at)| {
            let ids = searcher.segment_reader(at.segment_ord).fast_fields().u64("id").unwrap();
            (ids.first(at.doc_id).unwrap(), score)
        })
        .collect();
    found.sort_by_key(|(id, _)| *id);
    found
}

/// Whether `word` is like `pattern`, by trying.
fn like(pattern: &[char], word: &[char]) -> bool {
    match (pattern.split_first(), word.split_first()) {
        (None, rest) => rest.is_none(),
        (Some(('*', rest)), _) => (0..=word.len()).any(|n| like(rest, &word[n..])),
        (Some(('?', pattern)), Some((_, word))) => like(pattern, word),
        (Some((a, pattern)), Some((b, word))) => a == b && like(pattern, word),
        (Some(_), None) => false,
    }
}

fn expected(texts: &[Vec<String>], words: &[String], gone: usize) -> Vec<u64> {
    let chars = |text: &String| text.chars().collect::<Vec<char>>();
    let patterns: Vec<Vec<char>> = words.iter().map(chars).collect();
    let has = |text: &Vec<String>| {
        text.windows(words.len())
            .any(|window| window.iter().zip(&patterns).all(|(word, pattern)| like(pattern, &chars(word))))
    };
    let ids = (1..).zip(texts).filter(|(id, text)| id % gone as u64 != 0 && has(text));
    ids.map(|(id, _)| id).collect()
}

/// The query, one of the index's own that answers the same, and what answers.
fn check(index: &Index, texts: &[Vec<String>], words: &[String], gone: usize) {
    let field = index.fields.text(FIELD);
    let pieces: Vec<Piece> = words.iter().cloned().map(Piece::of).collect();
    let mut reference = RegexPhraseQuery::new(field, pieces.iter().map(Piece::pattern).collect());
    reference.set_max_expansions(1 << 20);
    let query = Adjacent::new(field, pieces, too_many()).unwrap();
    let found = answers(index, &query);
    let ids: Vec<u64> = found.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, expected(texts, words, gone), "{words:?}");
    for ((id, score), (same, wanted)) in found.iter().zip(answers(index, &reference)) {
        assert!(*id == same && (score - wanted).abs() < 1e-3, "{words:?}: {id} {score}, {same} {wanted}");
    }
    // Beside another condition it is asked for single documents.
    let third = crate::query::items(index.fields.id, &(1..=5000).step_by(3).collect::<Vec<i64>>());
    let both = BooleanQuery::new(vec![(Occur::Must, third), (Occur::Must, Box::new(query))]);
    let some: Vec<u64> = answers(index, &both).iter().map(|(id, _)| *id).collect();
    let third: Vec<u64> = ids.into_iter().filter(|id| id % 3 == 1).collect();
    assert_eq!(some, third, "{words:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn finds_what_stands_next_to_each_other(
        texts in proptest::collection::vec(proptest::collection::vec("[ab]{1,3}|[a-d]", 0..12), 1..120),
        asked in proptest::collection::vec(
            proptest::collection::vec("[ab]\\*?|[abc]{1,2}\\*|\\*[ab]|[abd]\\?\\*?|a\\*b", 2..4), 1..12),
        part in 5..100_usize,
        gone in 3..40_usize,
    ) {
        let folder = tempfile::TempDir::new().unwrap();
        let index = index(folder.path(), &texts, part, gone);
        for words in asked {
            check(&index, &texts, &words, gone);
        }
    }
}

/// Words that fill blocks of the index, words that few documents have, texts longer than a block, and words of which a document has
/// several next to each other.
#[test]
fn of_frequent_and_rare_words_alike() {
    let texts: Vec<Vec<String>> = (0..3000_usize)
        .map(|n| {
            let mut text = vec!["on".to_owned(); 1 + n % 3];
            text.push(format!("line{}", n % 7));
            text.push(format!("once{n}"));
            text.push("lines".into());
            if n % 500 == 3 {
                text.extend((0..400).map(|m| format!("w{}", (n + m) % 90)));
                text.extend(["rare".into(), "lines".into(), "on".into()]);
            }
            if n == 700 {
                // Many places, far from each other.
                text.extend(
                    (0..4000).map(|m| if m % 250 == 0 { "on".into() } else { format!("f{}", m % 50) }),
                );
            }
            text
        })
        .collect();
    let folder = tempfile::TempDir::new().unwrap();
    let index = index(folder.path(), &texts, 2500, 11);
    for asked in [
        "on li*",
        "o* l*",
        "o* o* o* l*",
        "line* once*",
        "once* li*",
        "once*7 l*",
        "r* l* o*",
        "w* rare",
        "on f*",
        "f* on",
        "f* o*",
        "f* f1*",
        "w* w* w*",
        "w1* w*",
        "*e *",
        "on line3",
        "on o*",
        "li* on",
        "nothing l*",
        "l* nobody*",
        "?n l?ne4",
    ] {
        let words: Vec<String> = asked.split(' ').map(str::to_owned).collect();
        check(&index, &texts, &words, 11);
    }
}

#[test]
fn pieces_are_told_apart_by_their_stars() {
    for (word, piece) in [
        ("ab", Piece::Whole("ab".into())),
        ("ab*", Piece::Begins("ab".into())),
        ("ab**", Piece::Begins("ab".into())),
        ("a*b", Piece::Like("a*b".into())),
        ("*b*", Piece::Like("*b*".into())),
        ("a?*", Piece::Like("a?*".into())),
        ("?", Piece::Like("?".into())),
    ] {
        assert_eq!(Piece::of(word.into()), piece);
    }
}

#[test]
fn too_many_words_are_told_with_their_place() {
    let error = crate::Error::from(TantivyError::from(std::io::Error::other(too_many())));
    assert!(matches!(error, crate::Error::BadQuery(told) if told == too_many()));
    let other = crate::Error::from(TantivyError::from(std::io::Error::other("disk")));
    assert!(matches!(other, crate::Error::Index(_)));
    let folder = tempfile::TempDir::new().unwrap();
    let field = Index::open(folder.path()).unwrap().fields.text(FIELD);
    assert!(Adjacent::new(field, vec![Piece::Whole("a".into())], too_many()).is_err());
}
