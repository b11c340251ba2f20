//! January to March: the plan, the partners, the money.

use super::{
    mail::{
        Extra::{self, *},
        MAIL, Mail,
        Place::*,
    },
    people::Who::*,
};

pub(super) const WINTER: &[Mail] = &[
    Mail {
        key: "idea",
        from: Imke,
        to: &[Marta],
        cc: &[Jonas, Tomas],
        at: (1, 6, 9, 12),
        subject: "An idea for midsummer",
        text: "Dear Marta,\n\nhappy new year! What would you say to an open-air concert on the pier on 21 June, with guests from the places our songs come from? I am thinking of Kanazawa, Plovdiv, and Layla with her oud.\n\nThe lighthouse turns 150 this year. It would be a shame to let it celebrate alone.\n\nImke",
        ..MAIL
    },
    Mail {
        key: "idea-yes",
        answers: "idea",
        place: Sent,
        to: &[Imke],
        cc: &[Jonas, Tomas],
        at: (1, 6, 11, 40),
        subject: "Re: An idea for midsummer",
        text: "Dear Imke,\n\nyes! Three choirs and an oud on a pier: I can hear it already. Let us find out what it costs before I fall in love with it.\n\n@Jonas, could you look at what is left from last year? @Tomás, do you want to draw the poster again?\n\nMarta",
        ..MAIL
    },
    Mail {
        key: "idea-money",
        answers: "idea-yes",
        place: Money,
        from: Jonas,
        to: &[Marta],
        cc: &[Imke],
        at: (1, 7, 17, 3),
        subject: "Re: An idea for midsummer",
        text: "We have 4,180.00 left, and the town gives 2,500 for anniversaries if we apply by 28 February. So: love is allowed, within limits. A first table is attached.\n\nJonas",
        extra: Budget,
        ..MAIL
    },
    Mail {
        key: "idea-poster",
        answers: "idea-yes",
        from: Tomas,
        to: &[Marta],
        cc: &[Imke, Jonas],
        at: (1, 8, 8, 21),
        subject: "Re: An idea for midsummer",
        text: "Of course I draw the poster. Blue this time? The red one of last year was read as a warning by half of the harbour.\n\nTomás",
        ..MAIL
    },
    Mail {
        key: "haruka-1",
        place: Sent,
        to: &[Haruka],
        at: (1, 13, 10, 5),
        subject: "Would you sing with us on a pier?",
        text: "Dear Haruka,\n\ndo you remember saying in Kanazawa that you would visit us when our lighthouse has its birthday? It has. On 21 June we plan a concert on the pier, and your River Voices are at the top of our list.\n\nHow many of you could come, and what would you like to sing?\n\nWarmly,\nMarta",
        ..MAIL
    },
    Mail {
        key: "haruka-2",
        answers: "haruka-1",
        place: Partners,
        from: Haruka,
        to: &[Marta],
        at: (1, 15, 2, 48),
        subject: "Re: Would you sing with us on a pier?",
        text: "マルタさん\n\nお便りありがとうございます。灯台の150歳のお誕生日、おめでとうございます。\n私たちは十四人で伺えると思います。「浜辺の歌」と「さくら」を歌いたいです。\n\nIn short, in English: fourteen of us, and with great joy. We would like to sing \"Hamabe no uta\", the song of the shore. It fits a pier, I think.\n\n森 春香",
        ..MAIL
    },
    Mail {
        key: "haruka-3",
        answers: "haruka-2",
        place: Sent,
        to: &[Haruka],
        cc: &[Imke],
        at: (1, 15, 9, 30),
        subject: "Re: Would you sing with us on a pier?",
        text: "Dear Haruka,\n\nfourteen is wonderful. The song of the shore it is: Imke already hums it. We shall find beds with our members for everybody.\n\nMarta",
        ..MAIL
    },
    Mail {
        key: "elitsa-1",
        place: Partners,
        from: Elitsa,
        to: &[Marta],
        at: (1, 20, 14, 15),
        subject: "Покана за концерта на кея",
        text: "Скъпа Марта,\n\nблагодаря за поканата! Нашият хор ще дойде с радост. Ще бъдем девет жени и един гайдар, който твърди, че не хърка.\n\nMy English is slow, so I wrote it first in Bulgarian: nine women and one bagpiper, with joy. We travel by train and arrive on 19 June in the evening.\n\nЕлица",
        ..MAIL
    },
    Mail {
        key: "elitsa-2",
        answers: "elitsa-1",
        place: Sent,
        to: &[Elitsa],
        at: (1, 20, 18, 2),
        subject: "Re: Покана за концерта на кея",
        text: "Скъпа Елица,\n\nблагодаря! The bagpiper is welcome, snoring or not. I shall be at the station.\n\nMarta",
        ..MAIL
    },
    Mail {
        key: "layla-1",
        place: Partners,
        from: Layla,
        to: &[Marta],
        cc: &[Imke],
        at: (1, 27, 7, 55),
        subject: "حفلة على الرصيف",
        text: "عزيزتي مارتا،\n\nيسعدني أن أعزف معكم في عيد المنارة. سأحضر العود وأغنيتين من بيروت عن البحر.\n\nDear Marta, I shall bring the oud and two songs from Beirut about the sea. Please tell me how damp a pier is in June; the oud asks.\n\nليلى",
        ..MAIL
    },
    Mail {
        key: "layla-2",
        answers: "layla-1",
        place: Sent,
        to: &[Layla],
        at: (1, 27, 20, 11),
        subject: "Re: حفلة على الرصيف",
        text: "Dear Layla,\n\na pier in June is as damp as a cellar in March, but we have a tent with a wooden floor for everything that is older than its player. Thank you for coming.\n\nMarta",
        ..MAIL
    },
    Mail {
        key: "hall-1",
        place: Concert,
        from: Ruth,
        to: &[Marta],
        at: (2, 3, 8, 0),
        subject: "Old Harbour Hall on 21 June: held for rain",
        text: "Marta dear,\n\nI have pencilled you in for the hall on the 21st, in case of rain. 320 seats, the good piano, and the heating that sings on its own. The plan and last year's programme are attached.\n\nPlease say by the end of March whether you keep it.\n\nRuth",
        extra: HallPlan,
        ..MAIL
    },
    Mail {
        key: "grant",
        place: Money,
        from: Jonas,
        to: &[Marta],
        cc: &[Imke],
        at: (2, 11, 19, 26),
        subject: "Draft of the letter to the town",
        text: "Marta, Imke, here is my draft. I left out the bagpiper; we can surprise them.\n\nJonas",
        extra: TextFile(
            "letter to the town.txt",
            "To the Office of Culture\n\nThe Lighthouse Choir asks for a grant of 2,500.00 for a concert of three choirs on the pier, on 21 June 2025, the 150th birthday of the lighthouse.\n\nAdmission is free for children. What is left goes to the harbour rescue.\n",
        ),
        ..MAIL
    },
    Mail {
        key: "grant-2",
        answers: "grant",
        place: Money,
        from: Imke,
        to: &[Jonas],
        cc: &[Marta],
        at: (2, 12, 7, 4),
        subject: "AW: Draft of the letter to the town",
        text: "Lieber Jonas,\n\nsehr schön! Zwei Kleinigkeiten: »Lighthouse Choir« bitte auch auf Deutsch (»Leuchtturmchor«), und die Größe der Bühne fehlt: 6 × 8 m. Müssen wir die Lautstärke angeben?\n\nHerzliche Grüße\nImke",
        ..MAIL
    },
    Mail {
        key: "grant-3",
        place: Money,
        from: Jonas,
        to: &[Marta, Imke],
        at: (3, 14, 15, 30),
        subject: "The town says yes",
        text: "2,500.00, in writing. They ask only that we sing something that everybody knows.\n\nJonas",
        important: true,
        ..MAIL
    },
    Mail {
        key: "grant-4",
        answers: "grant-3",
        place: Sent,
        to: &[Jonas],
        cc: &[Imke, Tomas, Ruth],
        at: (3, 14, 16, 1),
        subject: "Re: The town says yes",
        text: "Wonderful! I propose the one about the wild swans; even the ferry captain knows the second verse.\n\nMarta",
        ..MAIL
    },
    Mail {
        key: "news-1",
        place: Newsletters,
        from: Weekly,
        to: &[Marta],
        at: (2, 17, 6, 0),
        subject: "Choir Weekly 7: warming up in cold rooms",
        text: "Five warm-ups for rooms below 15 degrees. Read more on our site.",
        extra: Html(
            "<html><head><title>Choir Weekly</title><script>document.title = 'opened';</script></head><body style=\"font-family: sans-serif\"><h1>Choir Weekly</h1><p>Five <b>warm-ups</b> for rooms below 15&nbsp;degrees:</p><ol><li>Hum, walking.</li><li>Sirens, very small ones.</li><li>Lip trills on a third.</li><li>Yawn, then sing the yawn.</li><li>Tea.</li></ol><p><a href=\"https://example.com/weekly/7?reader=marta\">Read more</a></p><img src=\"https://example.com/open.gif?reader=marta&amp;issue=7\" width=\"1\" height=\"1\" alt=\"\"></body></html>",
        ),
        unread: true,
        ..MAIL
    },
    Mail {
        key: "news-2",
        place: Newsletters,
        from: Weekly,
        to: &[Marta],
        at: (3, 17, 6, 0),
        subject: "Choir Weekly 11: singing outdoors",
        text: "Where does the sound go? Outdoors: away. Three ways to keep it.",
        extra: Html(
            "<html><body style=\"font-family: sans-serif\"><h1>Choir Weekly</h1><p>Where does the sound go? Outdoors: <i>away</i>. Three ways to keep it:</p><ul><li>a wall behind you,</li><li>a curve in the rows,</li><li>an audience that comes closer.</li></ul><img src=\"https://example.com/open.gif?reader=marta&amp;issue=11\" width=\"1\" height=\"1\" alt=\"\"></body></html>",
        ),
        ..MAIL
    },
    Mail {
        key: "rehearsal-1",
        place: Sent,
        to: &[Choir],
        at: (2, 20, 12, 0),
        subject: "Rehearsals until June",
        text: "Dear all,\n\nTuesdays at 19:30 in the school, as ever; from May also Sundays at 11 on the pier, with scarves. Please learn the second verse of \"Hamabe no uta\" by the first of March. A sheet with the pronunciation is attached.\n\nMarta",
        extra: TextFile(
            "hamabe-no-uta.txt",
            "Ashita hamabe o samayoeba\nmukashi no koto zo shinobaruru\n\nEvery syllable has the same length. Do not hurry to the end of the line: the sea does not.\n",
        ),
        ..MAIL
    },
    Mail {
        key: "rehearsal-2",
        answers: "rehearsal-1",
        from: Tomas,
        to: &[Marta],
        at: (2, 20, 21, 17),
        subject: "Re: Rehearsals until June",
        text: "I shall miss 4 March (carnival, I am a lobster). The basses promise to know the verse.\n\nTomás",
        ..MAIL
    },
    Mail {
        key: "hall-2",
        answers: "hall-1",
        place: Sent,
        to: &[Ruth],
        at: (3, 28, 9, 9),
        subject: "Re: Old Harbour Hall on 21 June: held for rain",
        text: "Dear Ruth,\n\nwe keep it. May we never need it.\n\nMarta",
        ..MAIL
    },
    Mail {
        key: "spam",
        place: Deleted,
        from: Print,
        to: &[Marta],
        at: (3, 3, 3, 33),
        subject: "20% off business cards",
        text: "Only this week: 500 cards for the price of 400.",
        unread: true,
        extra: Extra::None,
        ..MAIL
    },
];
