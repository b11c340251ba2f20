//! What bytes say about their own encoding. What is stated is believed unless the bytes refute it: they cannot be
//! decoded, or decode to what no language writes, while another encoding gives sound text.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};

use super::Charset;

/// Text is sound when at least this share of what lies outside ASCII is, in hundredths.
const SOUND: u64 = 75;
/// What replaces a stated encoding has to be sounder than that.
const BEYOND_DOUBT: u64 = 90;
/// Letters that a guess needs to be worth anything; half of them when the stated encoding is impossible.
const ENOUGH: u64 = 8;
/// How many bytes are weighed.
const SAMPLE: usize = 1 << 16;

/// Whether `data` can only be UTF-8, though it is said to be in the code page `stated`.
pub(super) fn is_utf8(data: &[u8], stated: Charset) -> bool {
    let data = data.get(..data.len().min(SAMPLE)).unwrap_or_default();
    let text = match std::str::from_utf8(data) {
        Ok(text) => text,
        // The end may be cut.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(data.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let (mut pairs, mut longer) = (0u64, 0u64);
    for c in text.chars() {
        match c.len_utf8() {
            1 => {}
            2 => pairs += 1,
            _ => longer += 1,
        }
    }
    if pairs + longer == 0 {
        return false;
    }
    if stated == Charset::utf8() {
        return true;
    }
    if stated.is_multibyte() {
        // Pairs of bytes are characters there too, and some of them are sequences of UTF-8 by chance; many are not.
        let wrong = Weight::of(&stated.decode_as_stated(data)).wrong > 0;
        return longer > 2 || pairs + longer > 4 || (longer > 0 && wrong) || (pairs > 1 && wrong);
    }
    // Thai vowels before a syllable look like the first of three bytes.
    let few = if stated.page() == 874 { 3 } else { 1 };
    longer >= few || pairs > 3 || has_broken_pair(data, stated)
}

/// Whether any two bytes outside of ASCII, read as `stated`, are a letter and a sign that does not follow letters.
fn has_broken_pair(data: &[u8], stated: Charset) -> bool {
    let bytes: Vec<u8> = data.iter().copied().filter(|byte| !byte.is_ascii()).collect();
    let chars: Vec<char> = stated.decode_as_stated(&bytes).chars().collect();
    let is_sign = |c: char| script(c).is_none() && !joins(c) && !"«»…‚„".contains(c);
    chars.chunks_exact(2).any(|pair| script(pair[0]).is_some() && is_sign(pair[1]))
}

/// Whether `data` is UTF-8 but for some damage.
pub(super) fn is_nearly_utf8(data: &[u8]) -> bool {
    let data = data.get(..data.len().min(SAMPLE)).unwrap_or_default();
    let (mut good, mut bad) = (0usize, 0usize);
    for chunk in data.utf8_chunks() {
        good += chunk.valid().bytes().filter(|&byte| byte >= 0xC0).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > 0 && bad * 20 <= good
}

/// Settles in which code page the strings of `pool` are: what is stated for them, or else what holds for the whole
/// file, unless the bytes refute it.
pub(crate) fn settle(pool: &[u8], stated: Option<Charset>, fallback: Charset) -> Charset {
    let first = stated.unwrap_or(fallback);
    if pool.is_ascii() {
        return first;
    }
    if is_utf8(pool, first) {
        return Charset::utf8();
    }
    settle_among(pool, first, &[fallback])
}

/// The first of the code pages that gives sound text of `data`; or what the letters' frequencies tell, where that is
/// beyond doubt; or `first`.
pub(super) fn settle_among(data: &[u8], first: Charset, others: &[Charset]) -> Charset {
    let data = sample(data);
    let weight = Weight::of(&first.decode_as_stated(data));
    if weight.is_sound(SOUND) && weight.wrong == 0 {
        return first;
    }
    let known = others.iter().copied().chain(first.of_windows());
    // What cannot be decoded at all may be anything else; single bytes can nearly always be decoded.
    let few =
        if weight.wrong > 0 && (first.is_multibyte() || first == Charset::utf8()) { 1 } else { ENOUGH / 2 };
    for other in known {
        let found = Weight::of(&other.decode_as_stated(data));
        if other != first && found.all >= few && found.wrong == 0 && found.is_sound(BEYOND_DOUBT) {
            return other;
        }
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(data, true);
    let guess = Charset::of_encoding(detector.guess(None, Utf8Detection::Allow));
    let found = Weight::of(&guess.decode_as_stated(data));
    let enough = if weight.wrong > 0 { ENOUGH / 2 } else { ENOUGH };
    let worth = guess != first && found.all >= enough && found.wrong == 0 && found.is_sound(BEYOND_DOUBT);
    if worth { guess } else { first }
}

/// A beginning of `data` that does not end within a character.
fn sample(data: &[u8]) -> &[u8] {
    let Some(start) = data.get(..SAMPLE).filter(|_| data.len() > SAMPLE) else { return data };
    let end = start.iter().rposition(|byte| matches!(byte, b'\n' | b' ' | b'<')).unwrap_or(0);
    start.get(..end).unwrap_or_default()
}

/// The letters outside of ASCII, by what they stand among.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Cyrillic,
    Greek,
    Hebrew,
    Arabic,
    Thai,
    /// Chinese, Japanese and Korean, which are mixed with any other.
    East,
}

fn script(c: char) -> Option<Script> {
    Some(match c {
        'a'..='z' | 'A'..='Z' => Script::Latin,
        'ª' | 'º' | '×' | '÷' => return None,
        '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' => Script::Latin,
        '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}' => Script::Greek,
        '\u{400}'..='\u{52F}' => Script::Cyrillic,
        '\u{591}'..='\u{5F4}' => Script::Hebrew,
        '\u{600}'..='\u{6FF}' | '\u{750}'..='\u{77F}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' => {
            Script::Arabic
        }
        '\u{E01}'..='\u{E5B}' => Script::Thai,
        '\u{1100}'..='\u{11FF}'
        | '\u{3005}'
        | '\u{3041}'..='\u{30FF}'
        | '\u{3131}'..='\u{318E}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FF66}'..='\u{FF9F}' => Script::East,
        _ => return None,
    })
}

/// How much of a text is what a language would write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Weight {
    /// Letters outside of ASCII, and signs that stand where none should.
    all: u64,
    /// Those of them that are in sound words.
    sound: u64,
    /// Characters that no text has: what could not be decoded, controls, and private ones.
    wrong: u64,
    /// Words with a small letter and capitals behind it.
    inverted: u64,
    /// Letters of words of small letters, and of words of capitals.
    small: u64,
    capitals: u64,
}

impl Weight {
    fn of(text: &str) -> Self {
        let mut weight = Self::default();
        let mut word = Vec::new();
        let mut chars = text.chars().peekable();
        let mut before = None;
        while let Some(c) = chars.next() {
            if script(c).is_some() {
                word.push(c);
            } else {
                weight.add_word(&word);
                word.clear();
                let wrong = matches!(c, '\u{80}'..='\u{9F}' | '\u{E000}'..='\u{F8FF}' | '\u{FFFD}');
                // Signs of all kinds stand between Chinese and Japanese characters.
                let between =
                    |c: Option<&char>| c.copied().and_then(script).is_some_and(|c| c != Script::East);
                if wrong {
                    weight.wrong += 1;
                    weight.all += 1;
                } else if !c.is_ascii() && !joins(c) && between(before.as_ref()) && between(chars.peek()) {
                    weight.all += 1;
                }
            }
            before = Some(c);
        }
        weight.add_word(&word);
        if weight.inverted > 0 && weight.small == 0 {
            // Everything small is large and the reverse: so KOI8 looks.
            weight.sound -= weight.capitals;
        }
        weight
    }

    fn is_sound(&self, least: u64) -> bool {
        self.sound * 100 >= self.all * least
    }

    /// Adds a run of letters.
    fn add_word(&mut self, word: &[char]) {
        let foreign = word.iter().filter(|c| !c.is_ascii()).count() as u64;
        self.all += foreign;
        if foreign == 0 {
            return;
        }
        let capital = |c: &char| c.is_uppercase();
        if word.windows(2).any(|pair| pair[0].is_lowercase() && pair[1].is_uppercase()) {
            self.inverted += 1;
            return;
        }
        if is_sound(word) {
            self.sound += foreign;
            if word.len() > 1 && word.iter().all(capital) {
                self.capitals += foreign;
            } else if word.iter().skip(1).any(|c| c.is_lowercase()) {
                self.small += foreign;
            }
        }
    }
}

/// Signs that stand between letters in sound text.
fn joins(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{A0}' | '\u{AD}' | '·' | '´' | '\u{2010}'..='\u{2027}' | '\u{200B}'..='\u{200F}' | '\u{3000}'..='\u{303F}')
        || matches!(c, '\u{FF01}'..='\u{FF65}' | '\u{60C}' | '\u{61B}' | '\u{61F}')
}

fn is_sound(word: &[char]) -> bool {
    let scripts = |wanted: Script| word.iter().filter(|&&c| script(c) == Some(wanted)).count();
    let (east, latin) = (scripts(Script::East), scripts(Script::Latin));
    if east > 0 {
        // One sign between small Latin letters is a broken accent.
        let broken = |three: &[char]| {
            three.first().is_some_and(char::is_ascii_lowercase)
                && three.last().is_some_and(char::is_ascii_lowercase)
                && three.get(1).is_some_and(|&c| script(c) == Some(Script::East))
        };
        return east + latin == word.len() && !word.windows(3).any(broken);
    }
    let Some(first) = word.first().copied().and_then(script) else { return false };
    if word.iter().any(|&c| script(c) != Some(first)) {
        return false;
    }
    // Accents are scattered; where they stand in rows, it is no Latin.
    let foreign = word.iter().filter(|c| !c.is_ascii()).count();
    let row = word.split(char::is_ascii).map(<[char]>::len).max().unwrap_or(0);
    first != Script::Latin || (row < 4 && (foreign < word.len() || foreign < 3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::Encoding;

    fn encode(page: u16, text: &str) -> Vec<u8> {
        let encoding: &Encoding = codepage::to_encoding(page).unwrap();
        encoding.encode(text).0.into_owned()
    }

    /// Ordinary sentences, each in the code page of its language.
    const SENTENCES: &[(u16, &str)] = &[
        (1252, "Liebe Grüße aus Österreich, schöne Feiertage wünscht Jürgen Müller"),
        (1252, "Ça va être très agréable, merci à tous pour votre présence à la fête"),
        (1252, "El próximo año celebraremos la reunión en España según lo acordado mañana"),
        (1250, "Příští týden pošleme příslušné podklady k žádosti, děkuji za trpělivost"),
        (1250, "Proszę o przesłanie załączników, dziękuję i pozdrawiam, źródła są gotowe"),
        (1251, "Добрый день, отправляю вам договор на подпись, жду вашего ответа"),
        (1253, "Καλημέρα σας, σας στέλνω το συμβόλαιο για υπογραφή και περιμένω απάντηση"),
        (1254, "Sayın yetkili, toplantı gündemi ekte bulunmaktadır, iyi çalışmalar dileğiyle"),
        (1255, "שלום לכולם, מצורף המסמך לחתימה, אני מחכה לתשובה שלכם בהקדם"),
        (1256, "السلام عليكم، أرسل لكم العقد للتوقيع وأنتظر ردكم في أقرب وقت"),
        (874, "สวัสดีครับ ผมส่งเอกสารมาให้ลงนาม กรุณาตอบกลับโดยเร็วที่สุด"),
        (932, "お世話になっております。契約書をお送りしますので、ご確認をお願いいたします。"),
        (936, "您好，附件是需要签字的合同，请尽快回复，谢谢您的支持与配合。"),
        (949, "안녕하세요, 서명이 필요한 계약서를 보내 드립니다. 빠른 답변 부탁드립니다."),
        (950, "您好，附件是需要簽名的合約，請儘快回覆，謝謝您的支持與配合。"),
        (
            1258,
            "Ti\u{ea}\u{301}ng Vi\u{ea}\u{323}t \u{111}\u{1b0}\u{1a1}\u{323}c vi\u{ea}\u{301}t b\u{103}\u{300}ng ch\u{1b0}\u{303} La-tinh",
        ),
        (932, "東京→大阪、①確認②送付★至急★、担当：山田（営業）"),
        (20866, "Добрый день, отправляю вам договор на подпись, жду вашего ответа"),
    ];

    #[test]
    fn what_is_stated_rightly_is_believed() {
        for &(page, text) in SENTENCES {
            let stated = Charset::of(page).unwrap();
            let data = encode(page, text);
            for fallback in [1252, 1251, 932, 936] {
                let found = settle(&data, Some(stated), Charset::of(fallback).unwrap());
                assert_eq!(found, stated, "{text}");
            }
            // Words alone, as in subjects.
            for word in text.split(' ') {
                let data = encode(page, word);
                let found = settle(&data, Some(stated), Charset::default());
                assert_eq!(found.decode(&data), word, "{page}");
            }
        }
    }

    #[test]
    fn what_is_stated_wrongly_is_found_out() {
        let check = |truth: u16, stated: u16| {
            let (_, text) = SENTENCES.iter().find(|(page, _)| *page == truth).unwrap();
            let data = encode(truth, text);
            let found = settle(&data, Charset::of(stated), Charset::default());
            assert_eq!(found.decode(&data), *text, "{truth} as {stated}");
        };
        for truth in [1251, 1253, 1255, 1256, 874, 932, 936, 949, 950, 20866] {
            check(truth, 1252);
        }
        for truth in [1252, 932, 936, 20866] {
            check(truth, 1251);
        }
        check(1251, 20866);
        check(1251, 932);
        check(1252, 932);
        check(1252, 936);
    }

    /// UTF-8 is known by its form, whatever is stated.
    #[test]
    fn utf8_is_found_out() {
        for &(page, text) in SENTENCES {
            for stated in [1252, 1251, 874, 932, 936, 949, 437] {
                let found = settle(text.as_bytes(), Charset::of(stated), Charset::default());
                assert_eq!(found, Charset::utf8(), "{page} {stated} {text}");
            }
            let data = encode(page, text);
            assert!(!is_utf8(&data, Charset::default()), "{text}");
        }
        // Short words whose bytes could be either.
        for (page, word) in [(20866, "её её"), (874, "เขต"), (1252, "Ã”"), (1255, "שלום")] {
            assert!(!is_utf8(&encode(page, word), Charset::of(page).unwrap()), "{word}");
        }
        for word in ["é", "Müller", "Größe à", "š"] {
            assert!(is_utf8(word.as_bytes(), Charset::default()), "{word}");
        }
        assert!(is_nearly_utf8(&[text_of(1252).as_bytes(), b"\xff", text_of(1251).as_bytes()].concat()));
        assert!(!is_nearly_utf8(&encode(1251, text_of(1251))));
    }

    fn text_of(page: u16) -> &'static str {
        SENTENCES.iter().find(|(of, _)| *of == page).unwrap().1
    }

    #[test]
    fn weights() {
        let check = |text: &str, want: (u64, u64, u64)| {
            let weight = Weight::of(text);
            assert_eq!((weight.all, weight.sound, weight.wrong), want, "{text}");
        };
        check("plain", (0, 0, 0));
        check("Grüße – «so» 5 €, © 2024", (2, 2, 0));
        check("Ïðèâåò", (6, 0, 0));
        check("оПХБЕР", (6, 0, 0));
        check("GrцЯe", (2, 0, 0));
        check("Ð¿Ñ€Ð¸", (5, 3, 0));
        check("Tシャツを着る", (6, 6, 0));
        check("Gr晻e", (1, 0, 0));
        check("a\u{FFFD}\u{81}", (2, 0, 2));
    }
}
