//! April to July: posters, tickets, the concert, and what came after.

use super::{
    mail::{Extra::*, MAIL, Mail, Place::*},
    people::Who::*,
};

pub(super) const SUMMER: &[Mail] = &[
    Mail {
        key: "poster-1",
        place: Concert,
        from: Tomas,
        to: &[Marta, Imke],
        at: (4, 7, 22, 14),
        subject: "The poster, first sketch",
        text: "Here it is. The beam of the lighthouse is the staff, the gulls are the notes. If you can sing them, tell me what they say.\n\nTomás",
        extra: HtmlWithPoster(
            "<html><body><p>Here it is. The beam of the lighthouse is the staff, the gulls are the notes. If you can sing them, tell me what they say.</p><p><img src=\"cid:poster@lighthouse.example.org\" width=\"240\" height=\"160\" alt=\"The poster\"></p><p>Tomás</p></body></html>",
        ),
        ..MAIL
    },
    Mail {
        key: "poster-2",
        answers: "poster-1",
        place: Concert,
        from: Imke,
        to: &[Tomas],
        cc: &[Marta],
        at: (4, 8, 7, 40),
        subject: "AW: The poster, first sketch",
        text: "Lieber Tomás,\n\nwunderschön! Die Möwen singen f–a–c–a, das ist F-Dur, also genau unsere Zugabe. Nur das »ß« in »Große Mole« fehlt noch.\n\nImke",
        ..MAIL
    },
    Mail {
        key: "poster-3",
        answers: "poster-2",
        place: Sent,
        to: &[Tomas],
        cc: &[Imke],
        at: (4, 8, 9, 15),
        subject: "Re: The poster, first sketch",
        text: "F major by chance! Please leave every gull where it is.\n\nMarta",
        ..MAIL
    },
    Mail {
        key: "print-1",
        place: Sent,
        to: &[Print],
        cc: &[Tomas, Jonas],
        at: (4, 22, 10, 0),
        subject: "Order: 150 posters, 400 programmes",
        text: "Good morning,\n\nplease print 150 posters (A2, matt) and 400 programmes (A5, eight pages). The files come from Tomás Ferreira. We need both by 30 May.\n\nKind regards,\nMarta Lindqvist\nLighthouse Choir",
        ..MAIL
    },
    Mail {
        key: "print-2",
        answers: "print-1",
        place: Money,
        from: Print,
        to: &[Marta],
        cc: &[Jonas],
        at: (4, 23, 8, 30),
        subject: "Re: Order: 150 posters, 400 programmes",
        text: "Dear Ms Lindqvist,\n\nthank you for your order. The quotation is attached; it is valid for 30 days.\n\nTidewater Print",
        extra: Pdf(
            "quotation-2025-117.pdf",
            "Quotation 2025-117: 150 posters A2, 400 programmes A5. Total 612.40",
        ),
        ..MAIL
    },
    Mail {
        key: "print-3",
        answers: "print-2",
        place: Money,
        from: Jonas,
        to: &[Marta],
        at: (4, 23, 18, 45),
        subject: "Fwd: Order: 150 posters, 400 programmes",
        text: "612.40 is fair. I forward it with the budget that it fits into, so that we find both together later.\n\nJonas",
        extra: Forward("idea-money"),
        ..MAIL
    },
    Mail {
        key: "haruka-4",
        place: Partners,
        from: Haruka,
        to: &[Marta],
        at: (5, 2, 3, 20),
        subject: "到着の時間 / arrival",
        text: "マルタさん\n\n飛行機は六月十八日の午後四時半に着きます。着物を持って行きます。\n\nOur flight lands on 18 June at 16:30. We bring the kimonos; may we iron somewhere?\n\n春香",
        ..MAIL
    },
    Mail {
        key: "haruka-5",
        answers: "haruka-4",
        place: Sent,
        to: &[Haruka],
        cc: &[Ruth],
        at: (5, 2, 8, 50),
        subject: "Re: 到着の時間 / arrival",
        text: "Dear Haruka,\n\nnoted, and looking forward! Ruth has an ironing board in the hall that is older than the piano and better in tune.\n\nMarta",
        ..MAIL
    },
    Mail {
        key: "beds",
        place: Concert,
        from: Imke,
        to: &[Marta],
        at: (5, 6, 20, 2),
        subject: "Betten für alle",
        text: "Liebe Marta,\n\nhier die Übersicht: Köhler 3, Petersen 2, Ferreira 1 (Hängematte), Abernathy 4, Schule 14. Das macht 24, wir brauchen 25. Wer hat noch ein Sofa?\n\nImke",
        extra: RichText,
        ..MAIL
    },
    Mail {
        key: "beds-2",
        answers: "beds",
        place: Sent,
        to: &[Imke],
        at: (5, 6, 20, 31),
        subject: "Re: Betten für alle",
        text: "Ich. Es ist kurz, aber freundlich.\n\nMarta",
        ..MAIL
    },
    Mail {
        key: "tickets-1",
        place: Money,
        from: Tickets,
        to: &[Marta],
        cc: &[Jonas],
        at: (5, 19, 5, 0),
        subject: "Weekly report: Midsummer on the Pier",
        text: "Tickets sold: 143 of 500. Children: 38. This message was made by a machine that cannot sing.",
        extra: RichText,
        ..MAIL
    },
    Mail {
        key: "tickets-2",
        place: Money,
        from: Tickets,
        to: &[Marta],
        cc: &[Jonas],
        at: (6, 9, 5, 0),
        subject: "Weekly report: Midsummer on the Pier",
        text: "Tickets sold: 412 of 500. Children: 97.",
        ..MAIL
    },
    Mail {
        key: "tickets-3",
        place: Money,
        from: Tickets,
        to: &[Marta],
        cc: &[Jonas],
        at: (6, 16, 5, 0),
        subject: "Sold out: Midsummer on the Pier",
        text: "Tickets sold: 500 of 500. Children: 121. The waiting list is open.",
        important: true,
        ..MAIL
    },
    Mail {
        key: "tent",
        place: Concert,
        from: Layla,
        to: &[Marta],
        at: (6, 4, 9, 44),
        subject: "البحر والعود / the sea and the oud",
        text: "عزيزتي مارتا،\n\nهل يمكن أن نجرب الصوت قبل الحفلة بساعة؟ العود يحب الهدوء.\n\nCould we try the sound one hour before the concert? And may the bagpiper and I play one song together? We found one on the telephone.\n\nليلى",
        ..MAIL
    },
    Mail {
        key: "tent-2",
        answers: "tent",
        place: Sent,
        to: &[Layla],
        cc: &[Elitsa, Imke],
        at: (6, 4, 12, 12),
        subject: "Re: البحر والعود / the sea and the oud",
        text: "Oud and bagpipe! Yes to both. Sound at 18:00, the doors open at 18:30.\n\nMarta",
        ..MAIL
    },
    Mail {
        key: "elitsa-3",
        place: Partners,
        from: Elitsa,
        to: &[Marta],
        at: (6, 12, 16, 9),
        subject: "Влакът",
        text: "Скъпа Марта,\n\nвлакът пристига на 19 юни в 21:47. Ще познаете гайдата отдалеч.\n\nThe train arrives on 19 June at 21:47. You will hear us first.\n\nЕлица",
        ..MAIL
    },
    Mail {
        key: "weather",
        from: Ruth,
        to: &[Marta],
        at: (6, 20, 6, 15),
        subject: "Tomorrow",
        text: "The harbour master says: wind from the south-west, three, and dry until midnight. I am airing the hall all the same; it likes to be asked.\n\nRuth",
        important: true,
        ..MAIL
    },
    Mail {
        key: "weather-2",
        answers: "weather",
        place: Sent,
        to: &[Ruth],
        cc: &[Choir],
        at: (6, 20, 7, 0),
        subject: "Re: Tomorrow",
        text: "Dry until midnight! Dear all: we sing on the pier. Scarves, water, and the blue folders. Meet at 17:00 by the tent.\n\nMarta",
        ..MAIL
    },
    Mail {
        key: "thanks-1",
        from: Haruka,
        to: &[Marta],
        cc: &[Imke],
        at: (6, 23, 23, 50),
        subject: "ありがとうございました",
        text: "マルタさん、イムケさん\n\n無事に金沢に帰りました。桟橋の夕日と、五百人の「浜辺の歌」を一生忘れません。来年は金沢で会いましょう。\n\nSafely home. Five hundred people humming the song of the shore: we shall not forget it. Next year in Kanazawa?\n\n春香",
        ..MAIL
    },
    Mail {
        key: "thanks-2",
        from: Elitsa,
        to: &[Marta],
        at: (6, 24, 10, 30),
        subject: "Благодарим!",
        text: "Скъпа Марта,\n\nблагодарим за всичко. Гайдарят иска да се ожени за фара.\n\nThe bagpiper wants to marry the lighthouse. We told him it is 150 years old; he says so is his bagpipe.\n\nЕлица",
        ..MAIL
    },
    Mail {
        key: "thanks-3",
        from: Layla,
        to: &[Marta],
        at: (6, 24, 12, 5),
        subject: "شكرا",
        text: "شكراً من القلب. كانت ليلة لا تنسى.\n\nThe oud arrived home dry and in love. Thank you.\n\nليلى",
        ..MAIL
    },
    Mail {
        key: "accounts",
        place: Money,
        from: Jonas,
        to: &[Marta, Imke],
        at: (7, 1, 19, 0),
        subject: "The accounts are closed",
        text: "After everything: 1,926.35 for the harbour rescue. The table is attached, every receipt is in the blue folder, and the folder is on the piano.\n\nJonas",
        extra: Budget,
        ..MAIL
    },
    Mail {
        key: "accounts-2",
        answers: "accounts",
        place: Sent,
        to: &[Jonas],
        cc: &[Imke, Tomas, Ruth],
        at: (7, 1, 20, 20),
        subject: "Re: The accounts are closed",
        text: "Nearly two thousand! Thank you, Jonas. I shall tell the rescue crew tomorrow; they sang the loudest.\n\nMarta",
        ..MAIL
    },
    Mail {
        key: "kanazawa",
        place: Drafts,
        to: &[Haruka],
        cc: &[Imke],
        at: (7, 3, 21, 0),
        subject: "Next year in Kanazawa",
        text: "Dear Haruka,\n\nwe have talked about it, and the answer is yes. When do the",
        ..MAIL
    },
    Mail {
        key: "song-list",
        place: Drafts,
        to: &[Choir],
        at: (7, 4, 8, 0),
        subject: "Songs for the autumn",
        text: "Dear all,\n\nplease send me the one song that you never want to sing again. We shall",
        ..MAIL
    },
    Mail {
        key: "old-1",
        place: Deleted,
        from: Tickets,
        to: &[Marta],
        at: (5, 12, 5, 0),
        subject: "Weekly report: Midsummer on the Pier",
        text: "Tickets sold: 88 of 500. Children: 20.",
        ..MAIL
    },
    Mail {
        key: "article",
        from: Ruth,
        to: &[Marta],
        at: (7, 2, 9, 0),
        subject: "Fwd: thanks from Kanazawa",
        text: "Marta dear, Haruka's letter belongs on the wall of the hall. May I print it? I attach it so that you know which one.\n\nRuth",
        extra: Forward("thanks-1"),
        unread: true,
        ..MAIL
    },
];
