"""Feeds in character sets that nobody stated, or stated wrongly."""

import re

import pytest

from aggregator.parse import parse
from aggregator.parse.document import utf8

TEXTS = {
    "pl cp1250": "Rząd przyjął projekt ustawy o zmianie podatków. Źródło: żółć i gęś świętują w Łodzi",
    "cs cp1250": "Příliš žluťoučký kůň úpěl ďábelské ódy. Vláda schválila návrh zákona o daních a důchodech",
    "hu cp1250": "Árvíztűrő tükörfúrógép. A kormány elfogadta az új törvényt a nyugdíjakról és az őszi költségvetésről",
    "cs iso8859-2": "Příliš žluťoučký kůň úpěl ďábelské ódy. Vláda schválila návrh zákona o daních a důchodech",
    "ru cp1251": "Правительство приняло новый закон о пенсиях, сообщает агентство. В Москве прошла встреча",
    "ru koi8-r": "Правительство приняло новый закон о пенсиях, сообщает агентство. В Москве прошла встреча",
    "ja cp932": "政府は新しい法案を閣議決定した。東京で開かれた会議に首相が出席しました。ニュース速報",
    "ja euc_jp": "政府は新しい法案を閣議決定した。東京で開かれた会議に首相が出席しました。ニュース速報",
    "zh gb18030": "政府通过了新的法律草案。总理出席了在北京举行的会议，新闻报道说经济增长了",
    "zh-tw big5hkscs": "政府通過了新的法律草案。總理出席了在台北舉行的會議，新聞報導說經濟增長了",
    "ko cp949": "정부는 새로운 법안을 통과시켰다. 서울에서 열린 회의에 대통령이 참석했다고 뉴스가 전했다",
    "el cp1253": "Η κυβέρνηση ενέκρινε το νέο νομοσχέδιο για τις συντάξεις, ανακοίνωσε ο πρωθυπουργός στην Αθήνα",
    "tr cp1254": "Hükümet yeni yasa tasarısını kabul etti. İstanbul'da düzenlenen toplantıya başbakan katıldı, şöyle dedi",
    "he cp1255": "הממשלה אישרה את הצעת החוק החדשה. ראש הממשלה השתתף בישיבה בירושלים",
    "ar cp1256": "وافقت الحكومة على مشروع القانون الجديد وحضر رئيس الوزراء الاجتماع في القاهرة",
    "lt cp1257": "Vyriausybė priėmė naują įstatymą dėl pensijų. Vilniuje įvyko susitikimas, šiandien žiūrėkite",
    "de cp1252": "Die Regierung hat das neue Gesetz über die Renten verabschiedet. „Schön“, sagte der Kanzler in München",
    "fr cp1252": "Le gouvernement a approuvé le projet de loi sur les retraites. « C’est l’été », a déclaré le ministre à l’Assemblée où il était",
    "es cp1252": "El gobierno aprobó el nuevo proyecto de ley sobre pensiones. ¿Qué pasó mañana? El niño comió",
    "th cp874": "รัฐบาลผ่านร่างกฎหมายใหม่ นายกรัฐมนตรีเข้าร่วมประชุมในกรุงเทพ",
    "en cp1252": "It’s the café’s “naïve” résumé – said the prime minister in London today, and more words follow",
}
BY_LANGUAGE_ALONE = {"hu cp1250", "tr cp1254", "lt cp1257"}  # the same bytes are letters of Western languages


def feed(text, head="", declaration=""):
    items = "".join(
        f"<item><title>{part}</title><link>https://e.example/{number}</link></item>"
        for number, part in enumerate(re.split("(?<=[.。,]) ?", text))
    )
    return f"{declaration}<rss version='2.0'><channel><title>News</title>{head}{items}</channel></rss>"


def said(language):
    return f"<language>{language}</language>"


@pytest.mark.parametrize("name", TEXTS)
def test_an_unlabelled_feed_that_states_its_language(name):
    language, codec = name.split()
    body = feed(TEXTS[name], said(language)).encode(codec, "ignore")
    assert utf8(body) == body.decode(codec).encode()


@pytest.mark.parametrize("name", sorted(set(TEXTS) - BY_LANGUAGE_ALONE))
@pytest.mark.parametrize("head", ["", said("en-US")])
def test_an_unlabelled_feed_that_states_none_or_its_softwares(name, head):
    codec = name.split()[1]
    body = feed(TEXTS[name], head).encode(codec, "ignore")
    assert utf8(body) == body.decode(codec).encode()


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(
    ("declaration", "content_type"),
    [
        ("<?xml version='1.0' encoding='utf-8'?>", ""),
        ("<?xml version='1.0' encoding='UTF-8'?>", "text/xml; charset=utf-8"),
        ("<?xml version='1.0' encoding='iso-8859-1'?>", ""),
        ("", "text/xml; charset=ISO-8859-1"),
    ],
)
def test_a_default_is_no_statement(name, declaration, content_type):
    language, codec = name.split()
    body = feed(TEXTS[name], said(language), declaration).encode(codec, "ignore")
    assert utf8(body, content_type) == body.decode(codec).encode()


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_stated_rightly_is_believed(name):
    codec = name.split()[1]
    for declaration, content_type in (
        (f"<?xml version='1.0' encoding='{codec}'?>", "text/xml; charset=utf-8"),
        ("", f"text/xml; charset={codec}"),
    ):
        body = feed(TEXTS[name], said("en"), declaration).encode(codec, "ignore")
        assert utf8(body, content_type) == body.decode(codec).encode()


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("x-sjis", "cp932"), ("Windows-31J", "cp932"), ("x-euc-jp", "euc_jp"), ("win-1251", "cp1251"),
        ("windows1251", "cp1251"), ("x-cp1250", "cp1250"), ("cp-1251", "cp1251"), ("koi8", "koi8-r"),
        ("x-gbk", "gbk"), ("windows-936", "gbk"), ("gb_2312-80", "gb2312"), ("windows-949", "cp949"),
        ("windows-874", "cp874"), ("ISO-8859-8-I", "iso8859-8"), ("x-mac-cyrillic", "mac-cyrillic"),
        ("ks_c_5601-1987", "euc_kr"), ("ansi", "cp1251"),
    ],
)  # fmt: skip
def test_labels_by_other_names(label, codec):
    text = "".join(word for name, text in TEXTS.items() for word in text if _fits(word, codec) and not word.isascii())
    text = TEXTS["ru cp1251"] if codec == "cp1251" else text[:40]
    body = feed(text, "", f"<?xml version='1.0' encoding='{label}'?>").encode(codec)
    assert utf8(body, "text/xml").decode() == body.decode(codec)


def _fits(character, codec):
    try:
        return bool(character.encode(codec))
    except UnicodeEncodeError:
        return False


def test_western_text_labelled_so_stays_so_whatever_language_is_stated():
    body = feed("L’été où naïf", said("pl"), "<?xml version='1.0' encoding='iso-8859-1'?>").encode("cp1252")
    assert utf8(body).decode() == body.decode("cp1252")


@pytest.mark.parametrize("label", ["", "utf-8", "iso-8859-1", "windows-1251"])
@pytest.mark.parametrize(
    ("broken", "read"),
    [
        (b"It\x92s", "It’s"),
        (b"\x93so\x94 ", "“so” "),
        (b"caf\xe9s", "cafés"),
        ("Слово".encode()[:-1] + b"!", "Слов�!"),
        ("日本".encode()[:-2] + b"</b>", "日�</b>"),
    ],
)
def test_a_few_broken_bytes_break_themselves_alone(label, broken, read):
    text = "Правительство приняло новый закон о пенсиях"
    declaration = f"<?xml version='1.0' encoding='{label}'?>" if label else ""
    body = feed(f"{text} #", "", declaration).encode().replace(b"#", broken)
    assert utf8(body).decode() == feed(f"{text} {read}", "", declaration)


def test_seven_bit_japanese_without_a_label():
    body = feed("政府は新しい法案を").encode("iso2022_jp")
    assert utf8(body).decode() == feed("政府は新しい法案を")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-16"])
@pytest.mark.parametrize("label", ["utf-16", "utf-8", "iso-8859-1"])
def test_utf_16_with_any_label_and_without_a_mark(codec, label):
    declaration = f"<?xml version='1.0' encoding='{label}'?>"
    body = feed("Новости", "", declaration).encode(codec)
    (entry,) = parse(body, url="", content_type="text/xml; charset=utf-8").entries
    assert entry.title == "Новости"


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize(
    "document",
    [feed("Новости"), '{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"Новости"}]}'],
)
def test_marks_and_blanks_in_front_are_not_the_document(codec, document):
    for front in ("\ufeff", "\ufeff\ufeff", "\ufeff \n\ufeff\r\n", "\ufeff" + " " * 5000, "\ufeff" * 500_000):
        (entry,) = parse((front + document).encode(codec), url="", content_type="text/xml; charset=gb18030").entries
        assert entry.title == "Новости"


def test_a_document_of_any_bytes_is_read():
    for start in (b"", b"<rss>", b"{"):
        for byte in range(128, 256):
            utf8(start + bytes([byte]) * 3 + b"x", "text/xml").decode()
        utf8(start + bytes(range(128, 256)), "text/xml").decode()
