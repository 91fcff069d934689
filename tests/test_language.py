from pathlib import Path

import pytest

from aggregator.clean import language

TEXTS = sorted((Path(__file__).parent / "texts").glob("*.txt"))
SAID = {
    "uk": (
        "Міська влада повідомила, що новий міст через річку відкриють наступного тижня. Його будували "
        "понад два роки, і це коштувало чотири мільйони гривень."
    ),
    "bg": (
        "Общината съобщи, че новият мост над реката ще бъде открит следващата седмица. Строежът продължи "
        "повече от две години и струваше четири милиона лева."
    ),
    "sr": (
        "Градска управа саопштила је да ће нови мост преко реке бити отворен следеће недеље. Његова "
        "изградња трајала је више од две године."
    ),
    "fa": (
        "شهرداری اعلام کرد که پل جدید روی رودخانه هفته آینده باز خواهد شد. ساخت آن بیش از دو سال طول کشید "
        "و چهار میلیون هزینه داشت."
    ),
    "ar": (
        "أعلنت البلدية أن الجسر الجديد فوق النهر سيفتتح الأسبوع المقبل. استغرق بناؤه أكثر من عامين وكلف أربعة ملايين."
    ),
    "he": ("העירייה הודיעה כי הגשר החדש מעל הנהר ייפתח בשבוע הבא. בנייתו נמשכה יותר משנתיים ועלתה ארבעה מיליון."),
    "hi": (
        "नगर निगम ने बताया है कि नदी पर नया पुल अगले सप्ताह खोला जाएगा। इसके निर्माण में दो साल से अधिक "
        "समय लगा और चार करोड़ रुपये की लागत आई है।"
    ),
    "zh": (
        "市政府表示，横跨河流的新桥将于下周开放。该桥建设历时两年多，耗资四百万元。居民们对此表示欢迎，认为新桥将改善交通状况，方便大家出行。"
    ),
    "ja": (
        "市役所によると、川にかかる新しい橋は来週開通する予定だ。建設には二年以上かかり、費用は四百万円だった。住民は歓迎している。"
    ),
    "sk": (
        "Mesto oznámilo, že nový most cez rieku otvoria budúci týždeň. Stavali ho viac ako dva roky a "
        "stál štyri milióny eur. Obyvatelia sa tešia, že sa ľahšie dostanú do mesta aj domov, pre mnohých "
        "je to dôležité a nie je to samozrejmé."
    ),
    "cs": (
        "Město oznámilo, že nový most přes řeku se otevře příští týden. Stavěl se více než dva roky a "
        "stál čtyři miliony korun. Obyvatelé se těší, že se snadněji dostanou do města i domů, pro mnohé "
        "je to důležité a není to samozřejmé, ale nebo."
    ),
    "hu": (
        "Az önkormányzat közölte, hogy az új híd a folyó felett a jövő héten megnyílik. Az építése több "
        "mint két évig tartott, és négymillióba került. A lakók örülnek neki, és azt mondják, hogy már "
        "nem lesz olyan nehéz a városba és vissza eljutni."
    ),
    "fi": (
        "Kaupunki kertoi, että uusi silta joen yli avataan ensi viikolla. Sen rakentaminen kesti yli "
        "kaksi vuotta ja se maksoi neljä miljoonaa. Asukkaat ovat iloisia ja sanovat, että kaupunkiin on "
        "nyt helpompi päästä, mutta myös kotiin."
    ),
    "ro": (
        "Primăria a anunțat că noul pod peste râu va fi deschis săptămâna viitoare. Construcția a durat "
        "mai mult de doi ani și a costat patru milioane. Locuitorii sunt bucuroși și spun că nu va mai fi "
        "atât de greu să ajungă în oraș și înapoi."
    ),
    "sv": (
        "Kommunen meddelar att den nya bron över ån öppnas nästa vecka. Det har tagit mer än två år att "
        "bygga den och den har kostat fyra miljoner kronor. Invånarna är glada för det, och de säger att "
        "det blir lättare att ta sig till staden och hem igen."
    ),
    "da": (
        "Kommunen oplyser, at den nye bro over åen bliver åbnet i næste uge. Det har taget mere end to år "
        "at bygge den, og den har kostet fire millioner kroner. Borgerne er glade for det, og de siger, "
        "at det bliver lettere at komme til byen og hjem igen."
    ),
    "no": (
        "Kommunen opplyser at den nye broen over elva åpnes i neste uke. Det har tatt mer enn to år å "
        "bygge den, og den har kostet fire millioner kroner. Innbyggerne er glade for det, og de sier at "
        "det blir lettere å komme seg til byen og hjem igjen."
    ),
    "af": (
        "Die stad het gesê dat die nuwe brug oor die rivier volgende week oopgaan. Dit het meer as twee "
        "jaar geneem om te bou en dit het vier miljoen gekos. Die inwoners is bly daaroor en hulle sê dit "
        "sal nou makliker wees om by die stad en weer by die huis te kom."
    ),
    "gl": (
        "O concello informou de que a nova ponte sobre o río abrirá a vindeira semana. A obra levou máis "
        "de dous anos e custou catro millóns. Os veciños están contentos con iso e din que non será tan "
        "difícil chegar á cidade e volver para a casa."
    ),
}
DOUBTFUL = ("da", "no", "af", "gl")  # near enough to others for the small words alone


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_a_text_tells_its_language(path):
    assert language.settled(path.read_text("utf-8"), page="", feed="") == path.stem[:2]


@pytest.mark.parametrize("name", [name for name in SAID if name not in DOUBTFUL])
def test_a_few_sentences_tell_their_language(name):
    assert language.settled(SAID[name], page="", feed="") == name


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_is_like_another_language_is_not_taken_for_it(name):
    assert language.by_sight(SAID[name]) in ((), (name,))
    assert language.settled(SAID[name], page=name, feed="") == name


@pytest.mark.parametrize("declared", ["uk", "ru-RU", "sr"])
def test_a_declared_language_of_the_same_script_stands(declared):
    assert language.settled(SAID["uk"], page=declared, feed="") == declared


def test_foreign_letters_in_a_text_are_not_its_language():
    text = "The river is called Река in the north of the country and that is the name that is on the maps of it. " * 3
    assert language.settled(text, page="", feed="") == "en"
