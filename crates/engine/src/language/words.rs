//! The most frequent words of languages: articles, pronouns, prepositions, conjunctions, and forms of "to be" and "to have". Prose of
//! any kind holds many of them, whatever it is about; lists, tables, signatures and code hold few.
//!
//! All in lower case with their accents. A word may stand in several lists: what tells two languages apart is what stands in one only.

/// The words of a language by its code. Codes that begin with "-" are languages that are known only not to be taken for others.
pub(super) const WORDS: &[(&str, &str)] = &[
    // Latin script.
    (
        "en",
        "the of and to in is that for it with as was on be at by this have from or had not are but which you they we she he \
         his her their will would been has there were an what can if your our all do me my about any some when who them \
         should could just how out no so up a i these than then please",
    ),
    (
        "de",
        "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass \
         sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch \
         man sein wurde wir ihr ihnen uns bitte wenn kann mir mich habe können diese dieser alle ich",
    ),
    (
        "fr",
        "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont avec son aux ou mais \
         nous vous cette leur être ces je ont été si comme tout fait même elle on votre notre bien très y à d l qu n",
    ),
    (
        "es",
        "de la que el en y a los se del las un por con no una su para es al lo como más pero sus le ha me si sin sobre este \
         ya entre cuando todo esta ser son también fue había era muy hasta desde está mi porque qué han yo hay nos usted \
         nuestro o",
    ),
    (
        "it",
        "di e il la che in un a per è una del della con non sono da i le si al ha dei nel alla più come anche lo gli ma se \
         delle dal o nella questo ho mi questa dalla essere stato ci io sul tra perché l",
    ),
    (
        "pt",
        "de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das tem à seu sua ou ser \
         quando muito há nos já está eu também só pelo pela até isso ela entre era depois sem mesmo aos você nas me esse",
    ),
    (
        "nl",
        "de van een het en in is dat op te zijn met voor niet aan er die ook als om bij door naar dan maar of uit nog wel \
         wordt ze hij heeft worden ik je u we wij deze dit kan geen over hebben was zou meer zal tot wat werd alle mijn uw \
         ons onze",
    ),
    (
        "sv",
        "och i att det som en på är av för med den till inte har de om ett han var jag men vi sig från så kan när ska hade \
         man eller nu vad ut än där bara efter vid blir mycket skulle hon detta oss dig mig er också sin denna",
    ),
    (
        "da",
        "og i at det er en til på som med de for af den der ikke var et har jeg men han sig fra vi hun kan blev skal om ved \
         også når efter hvad eller nu ud over ind være mig os været min dig bliver noget vil nogle hvis denne",
    ),
    (
        "no",
        "og i det på som er en til å for av at med de har ikke den om et han var jeg men fra seg vi hun kan ble skal ved også \
         når etter hva eller nå ut over være meg oss vært min deg blir noe vil noen hvis denne",
    ),
    (
        "fi",
        "ja on ei että se hän oli mutta kun en niin myös ole mitä ovat kuin tai jos olen minä vain sen hänen nyt sitä joka me \
         te he ollut voi tämä jo sekä mukaan sitten mukana vielä kanssa minun olisi tämän siitä",
    ),
    (
        "pl",
        "w i na z do się nie że jest to o jak po od za ale co przez dla są przy tak oraz być był już czy tego ich które który \
         tylko jego może jej ma też lub gdy bardzo aby mnie mi pan pani proszę tym będzie",
    ),
    (
        "cs",
        "a v se na je že o s z do i to k ve pro za by ale si po jako podle od které jsou byl jeho nebo již jsem tak který při \
         také až jen co jak bude být mezi má není kde když než aby tento této pokud prosím",
    ),
    (
        "sk",
        "a v sa na je že o s z do i to k vo pre za by ale si po ako podľa od ktoré sú bol jeho alebo už som tak ktorý pri tiež \
         až len čo bude byť medzi má nie kde keď než aby tento tejto ak prosím",
    ),
    (
        "hu",
        "a az és hogy nem is egy ez volt de meg csak mint már még ha van vagy el kell lesz ki be minden azt nagy lehet után \
         során között ezt sem fel ami aki majd így úgy",
    ),
    (
        "ro",
        "de și şi în a la cu nu pe care să o un este din că pentru se mai au fi ce ca sau dar prin sunt lui am fost cel după era \
         său iar într al ale cei când dacă doar unei foarte",
    ),
    (
        "tr",
        "ve bir bu da de için ile olarak çok daha gibi kadar sonra olan ne var ama ben en o her ya değil mi ki bana sen biz \
         olduğu göre ise tarafından veya yok",
    ),
    (
        "vi",
        "là và của có không được cho một các trong với những người này đã để khi từ tôi như đó cũng về vào ở ra nhiều đến sẽ \
         thì bạn",
    ),
    (
        "id",
        "yang dan di dengan untuk dari dalam ini pada tidak itu adalah akan ke juga telah dapat oleh saya ada sebagai atau \
         kami mereka bisa anda lebih karena sudah tersebut kepada",
    ),
    (
        "ca",
        "de i la el que a en un per les els amb una és del no al es ha més com dels va o si són han aquest aquesta seva ser \
         pel també fer però molt tot",
    ),
    (
        "et",
        "ja on ei et see ta oli kui ka mis ning oma aga või siis kes nii veel mida selle seda pole juba ma olen kas võib üle nagu tema sest",
    ),
    (
        "lv",
        "un ir no ar ka par uz kas tas bet arī vai nav to kā pēc jau tikai bija lai es viņš mēs jūs ļoti šo šī",
    ),
    (
        "lt",
        "ir yra kad su į iš tai bet kaip ne apie jis už buvo jau tik dar šis prie taip ar po nuo mes aš jūs labai",
    ),
    (
        "sl",
        "in je se v da na za so ki ne z tudi pa to bi s iz kot po sem ali še ob od bo do pri že kar kako lahko če ima bil",
    ),
    // Croatian, Bosnian and Serbian in Latin letters are not told apart.
    (
        "-sh",
        "i je u se na da za su od s kao o koji to ne iz bi će a do kako ili ali sam što po koja bio nije te samo koje",
    ),
    (
        "-af",
        "die van en in is dat het nie vir met op wat te ek hy om sy as was aan sal ons kan ook maar deur by hulle u word",
    ),
    (
        "-gl",
        "de a o que e do da en un para é con non unha os no se na por máis as dos como mais foi ao súa ou ser cando moi",
    ),
    (
        "-la",
        "et in est non ad ut cum quod si sed qui quae ex de per esse hoc ab aut nec etiam enim dolor sit amet",
    ),
    // Cyrillic.
    (
        "ru",
        "и в не на я что он с как это по но они мы она за из у же к от бы так для вы его было был или если уже только мне о да \
         все который меня быть при ещё еще чтобы нет есть до ни без под со во где там когда чем этого того этот эти их её нас \
         вас нам вам также",
    ),
    (
        "uk",
        "і в не на що з до та як це за по але у від про для його вони ви він ми я є було був або якщо вже тільки мені так її \
         який щоб при цього бути ще ні під де там коли цей ці їх нас вас нам вам також",
    ),
    (
        "bg",
        "и на в се да за от не е с че по са като но до ще или ми той си има беше аз това ли те при които след само може със \
         във тя бъде",
    ),
    ("sr", "и у је да се на за су од са као о који то не из би ће а до како или али сам што по"),
    ("-be", "і ў не на што з да у як гэта па але для яго яны ён мы я ёсць быў або калі"),
    ("-mk", "и на во се да за од не е со дека по што како но до ќе или"),
    // Arabic script.
    ("ar", "في من على إلى أن هذا التي عن مع كان لا ما هذه الذي قد أو كل بعد لم ان الى هو هي"),
    ("fa", "و در به از که این را با است برای آن یک خود تا بر هم شده می ها"),
    ("ur", "اور کے کی میں کا ہے سے کو نے پر یہ کہ ہیں اس"),
    // Devanagari.
    ("hi", "के है में की से का को और पर यह कि नहीं एक लिए हैं भी था"),
    ("-mr", "आणि आहे या च्या हे तो की मध्ये नाही ते"),
    ("-ne", "र छ को मा हो पनि यो लागि गर्न भने"),
];
