use super::*;

fn check(text: &str, expected: &str) {
    let found = of_item("", text).map_or("", Language::code);
    assert_eq!(found, expected, "{text:?}");
}

#[test]
fn prose_has_a_language() {
    for (text, code) in [
        (
            "Please find attached the minutes of yesterday's meeting; we agreed that nobody should sign anything.",
            "en",
        ),
        ("Could you call me when you are back from the site?", "en"),
        (
            "Anbei finden Sie das Protokoll der gestrigen Sitzung. Bitte schicken Sie mir Ihre Anmerkungen bis Freitag.",
            "de",
        ),
        (
            "Vous trouverez ci-joint le compte rendu de la réunion d'hier, merci de nous envoyer vos remarques.",
            "fr",
        ),
        (
            "Adjunto el acta de la reunión de ayer. Hemos acordado que la capacidad se revisará a final de mes, y por eso no hay nada para firmar todavía.",
            "es",
        ),
        (
            "In allegato il verbale della riunione di ieri; abbiamo deciso che la capacità sarà verificata entro la fine del mese.",
            "it",
        ),
        (
            "Segue em anexo a ata da reunião de ontem. Ficou combinado que a capacidade será revista até ao fim do mês.",
            "pt",
        ),
        (
            "Bijgaand de notulen van de vergadering van gisteren. We hebben afgesproken dat niemand iets ondertekent.",
            "nl",
        ),
        (
            "Bifogat finns protokollet från mötet i går. Vi kom överens om att ingen ska skriva under något före dess.",
            "sv",
        ),
        (
            "Vedhæftet er referatet af mødet i går. Vi blev enige om, at ingen skal underskrive noget, før det er gennemgået.",
            "da",
        ),
        (
            "Vedlagt er referatet fra møtet i går. Vi ble enige om at ingen skal skrive under på noe før det er gått gjennom.",
            "no",
        ),
        (
            "Liitteenä on eilisen kokouksen pöytäkirja. Sovimme, että kukaan ei allekirjoita mitään, ja se on tärkeää kun hän palaa.",
            "fi",
        ),
        (
            "W załączeniu przesyłam protokół z wczorajszego spotkania. Ustaliliśmy, że nie będzie to podpisane, bo jest za późno.",
            "pl",
        ),
        (
            "V příloze posílám zápis ze včerejší schůzky. Dohodli jsme se, že to nikdo nebude podepisovat, pokud není jasné kde a jak.",
            "cs",
        ),
        (
            "Mellékelten küldöm a tegnapi megbeszélés jegyzőkönyvét. Megállapodtunk, hogy senki nem ír alá, amíg ez és az nem tiszta.",
            "hu",
        ),
        (
            "Vă trimit în atașament procesul-verbal al ședinței de ieri. Am stabilit că nu se semnează până la sfârșitul lunii și este bine.",
            "ro",
        ),
        (
            "Dünkü toplantının tutanağı ektedir. Bu konuda bir karar için çok zaman var ve herkes ne olduğu gibi biliyor.",
            "tr",
        ),
        (
            "Направляю протокол вчерашнего совещания. Мы договорились, что до этого никто ничего не должен подписывать.",
            "ru",
        ),
        (
            "Надсилаю протокол вчорашньої наради. Ми домовились, що до цього ніхто нічого не повинен підписувати, або ж це буде пізно.",
            "uk",
        ),
        (
            "Изпращам протокола от вчерашната среща. Договорихме се, че капацитетът ще се провери до края на месеца и това е важно.",
            "bg",
        ),
        ("Σας στέλνω τα πρακτικά της χθεσινής συνεδρίασης.", "el"),
        ("מצורף פרוטוקול הישיבה של אתמול.", "he"),
        ("مرفق محضر اجتماع أمس، وقد اتفقنا على أن يتم فحص السعة في نهاية الشهر من هذا العام.", "ar"),
        ("昨日の会議の議事録をお送りします。", "ja"),
        ("附件是昨天会议的纪要，请在周五之前提出意见。", "zh"),
        ("어제 회의록을 보내 드립니다. 금요일까지 의견 주세요.", "ko"),
        ("แนบรายงานการประชุมเมื่อวานนี้", "th"),
    ] {
        check(text, code);
        assert_eq!(of_item("", &text.to_uppercase()).map(Language::code), Some(code), "{text}");
    }
}

#[test]
fn what_tells_nothing_has_none() {
    for text in [
        "",
        "ok",
        "Thanks!",
        "See attached.",
        "Anna Berg, Tel. +49 30 1234567",
        "Q3 14,000 MMBtu/d 12.5 33.1 22.8 11.9 0.5 33.1 22.8",
        "https://example.org/the/and/of/to?in=is&that=for it@with.example",
        "SELECT id FROM item WHERE kind = 1 ORDER BY date DESC LIMIT 10; DROP TABLE item;",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore",
        "Berlin Hamburg München Köln Frankfurt Stuttgart Düsseldorf Leipzig Dortmund Essen Bremen Dresden",
        "a b c d e i o u a e i o a i e o a",
        // Half of one and half of another.
        "the of and to in is that for der die und den von zu das mit",
        // Croatian is known, so that it is not taken for its neighbours.
        "Šaljem zapisnik s jučerašnjeg sastanka. Dogovorili smo se da to nitko ne potpisuje do kraja mjeseca, ali što je bilo je bilo.",
        "é".repeat(5000).as_str(),
        "会議",
        "\u{0}\u{1}\u{fffd}\u{fffd}",
    ] {
        check(text, "");
    }
}

#[test]
fn a_short_text_is_helped_by_its_subject() {
    let told = |subject, text| of_item(subject, text).map(Language::code);
    assert_eq!(told("What we have to do before you are back", "Call me."), Some("en"));
    assert_eq!(told("", "Call me."), None);
    // A long text speaks for itself.
    let german = "Wir haben vereinbart, dass die Leitung bis zum Ende des Monats geprüft wird. ".repeat(20);
    assert_eq!(told("What we have to do before you are back", &german), Some("de"));
    // What begins with a table is told by its middle.
    let table = format!("{}{german}", "12,5 | 33,1 | 4711 | 0,5 | XK | 17\n".repeat(30));
    assert_eq!(told("", &table), Some("de"));
}

#[test]
fn names_and_numbers() {
    for language in Language::all() {
        assert_eq!(Language::of_number(language.number()), Some(language));
        assert_eq!(Language::named(&language.code().to_uppercase()), Some(language));
        assert_eq!(Language::named(language.name()), Some(language));
    }
    assert_eq!(Language::named("NB").map(Language::code), Some("no"));
    assert!(["", "klingon", "-sh", "xx"].iter().all(|name| Language::named(name).is_none()));
    assert!([0, 50, 255, 256, u64::MAX].iter().all(|number| Language::of_number(*number).is_none()));
    // Numbers stand in indexes that are kept.
    assert_eq!(
        ["en", "ru", "zh"].map(|code| Language::named(code).map(Language::number)),
        [Some(1), Some(25), Some(49)]
    );
}

#[test]
fn every_list_is_of_a_language_and_fits_a_number() {
    assert!(words::WORDS.len() <= 64, "a list has a bit of 64");
    for (code, list) in words::WORDS {
        assert!(code.starts_with('-') || Language::named(code).is_some(), "{code}");
        let own: std::collections::HashSet<&str> = list.split_whitespace().collect();
        assert_eq!(own.len(), list.split_whitespace().count(), "{code} has a word twice");
        assert!(own.iter().all(|word| word.to_lowercase() == *word), "{code}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_looked_at_within_bounds(subject in proptest::prelude::any::<String>(), text in "[a-zäß会あ한и .@/0\u{301}\u{200c}-]{0,3000}") {
        let _ = of_item(&subject, &text);
        let long = text.repeat(20);
        let _ = of_item(&subject, &long);
    }
}
