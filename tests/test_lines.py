"""Tests of what place and form tell of a text's lines, and of which line is the headline."""

import pytest

from aggregator.clean.judge import load_model
from aggregator.clean.text import clean_text
from aggregator.model import Document, Site

STORY = (
    "Three cottages that once housed the keepers of Skerry Point lighthouse are to be sold, the harbour trust said.",
    "The cottages have stood empty since the light was automated. The trust said it could no longer pay for them.",
    "“We looked at everything, from a museum to a hostel,” said Ruth Mallory, who chairs the trust of the harbour.",
    "Bids must be in by the end of June. The trust expects good offers for each of the cottages on the point.",
)
TITLE = "Lighthouse keepers' cottages to be sold after forty years"


def cleaned(*lines):
    return clean_text(Document(kind="text", body="\n\n".join(lines)), None, Site(), load_model())


def lines_of(found):
    return found.article.text.split("\n\n")


def reasons(found):
    return {block.text: block.reason for block in found.removed}


@pytest.mark.parametrize(
    "sentences",
    [
        ("The harbour café burned down last night.", "Nobody was hurt."),
        ("V Brně dnes začalo sněžit.", "Tramvaje jezdí se zpožděním."),
        ("Das Freibad bleibt heute geschlossen.", "Grund ist eine defekte Pumpe."),
        ("松本駅前の桜が二日、満開となった。", "見頃は今週末までという。"),
        ("أغلقت السلطات الجسر القديم صباح اليوم.", "وقالت البلدية إن الإصلاح سيستغرق أسبوعا."),
        ("पुल आज सुबह से बंद है।", "मरम्मत में दो सप्ताह लगेंगे।"),
        ("Vapur seferleri lodos nedeniyle iptal edildi.", "Seferler yarın sabah yeniden başlayacak."),
    ],
)
def test_two_sentences_are_a_story(sentences):
    assert lines_of(cleaned(*sentences)) == list(sentences)


def test_a_short_story_keeps_its_title_and_every_sentence():
    found = cleaned(
        "Ferry cancelled on Tuesday",
        "The 07:40 ferry to Stroma will not run because of a broken ramp.",
        "Passengers may use their tickets on Wednesday.",
    )
    assert found.article.title == "Ferry cancelled on Tuesday"
    assert lines_of(found)[1:] == ["Passengers may use their tickets on Wednesday."]


def test_what_sites_write_is_no_headline():
    found = cleaned(
        "검색", "섬마을 분교에 25년 만에 신입생", "광고", "전남 신안군의 한 섬마을 분교에 신입생이 들어왔다."
    )
    assert found.article.title == "섬마을 분교에 25년 만에 신입생"


@pytest.mark.parametrize(
    "line",
    [
        "यह भी पढ़ें: जोधपुर में झीलों की सफाई शुरू",
        "Lire aussi : Dans les Vosges, une classe sous les arbres",
        "【関連記事】閉校の小学校、宿泊施設に",
        "[관련기사] 섬마을 보건소 새로 문 열어",
        "İlgili haber: Araç'ta kestane hasadı başladı",
        "Kapcsolódó cikk: Felújítják a régi vasútállomást",
    ],
)
def test_a_line_that_points_elsewhere_goes(line):
    found = cleaned(TITLE, *STORY[:2], line, *STORY[2:])
    assert lines_of(found) == list(STORY)
    assert reasons(found) == {line: "related"}


@pytest.mark.parametrize(
    "line",
    [f"3 thoughts on “{TITLE}”", f"The post {TITLE} appeared first on Skerry Mail.", f"Skerry Mail » News » {TITLE}"],
)
def test_a_line_around_the_headline_goes(line):
    found = cleaned(TITLE, *STORY, line)
    assert lines_of(found) == list(STORY)
    assert line in reasons(found)


def test_a_lead_may_say_the_headline_over_again():
    lead = f"{TITLE}, the trust said."
    assert lines_of(cleaned(TITLE, lead, *STORY)) == [lead, *STORY]


def test_the_end_is_not_about_who_wrote_it():
    told = "Maren Holt is a reporter who covers the coast and its islands. She joined the paper in the year 2015."
    found = cleaned(TITLE, "By Maren Holt", *STORY, told)
    assert lines_of(found) == list(STORY)
    assert reasons(found)[told] == "byline"


def test_somebody_in_the_story_stays_at_its_end():
    told = "Ruth Mallory is a former teacher who has lived on the coast for thirty years and chairs the harbour trust."
    assert lines_of(cleaned(TITLE, "By Maren Holt", *STORY, told)) == [*STORY, told]


def test_a_paragraph_comes_once():
    found = cleaned(TITLE, STORY[3], *STORY)
    assert lines_of(found) == [STORY[3], *STORY[:3]]
    assert reasons(found)[STORY[3]] == "stands here twice"


def test_a_refrain_comes_as_often_as_it_is_sung():
    stanzas = [
        "The tide is out, the moon is low,\nRow, brothers, row,\nThe nets are dry, the lamps aglow,\nRow, brothers, row.",
        "My father rowed this water grey,\nRow, brothers, row,\nAnd rowed it to his dying day,\nRow, brothers, row.",
    ]
    found = cleaned("The ferryman's song", *stanzas, "More poems")
    assert found.article.title == "The ferryman's song"
    assert lines_of(found) == "\n".join(stanzas).split("\n")


def test_a_story_in_capitals_is_one():
    loud = [line.upper() for line in STORY]
    assert lines_of(cleaned(TITLE.upper(), "SHARE THIS STORY", *loud, "SUBSCRIBE NOW")) == loud


def test_paragraphs_with_advertisements_between_them_stay():
    told = [
        "В деревне Заречье после восьмилетнего перерыва заработал паром через реку. Его восстановили сами жители села.",
        "Паром ходит с шести утра до девяти вечера и перевозит по две машины. Проезд для жителей бесплатный.",
        "«Раньше до больницы приходилось ехать сорок километров, теперь три», — рассказала фельдшер Анна Белова.",
    ]
    chrome = ["Читайте также: В районе отремонтируют пять мостов", "РЕКЛАМА"]
    found = cleaned("Главная", "Новости", "В Заречье восстановили паром", told[0], *chrome, *told[1:])
    assert lines_of(found) == told
    assert set(chrome) <= set(reasons(found))


def test_the_lead_stays_above_what_comes_between():
    told = [
        "Nach vierzehn Jahren geht die Kirchturmuhr von Oberau wieder richtig. Bisher zeigte sie elf Minuten zu wenig an.",
        "Der Mesner hatte die Uhr nie gestellt, weil der Schulbus danach fuhr. Nun musste der Fahrplan geändert werden.",
        "„Jetzt kommen alle zu früh“, sagt Busfahrer Anton Huber.",
    ]
    chrome = ["Anzeige", "Lesen Sie auch: Glocken bleiben stumm"]
    above = ["Startseite", "Regionales", "Suche", "Kirchturmuhr von Oberau geht wieder richtig", "Von Lena Kurz"]
    above += ["Stand: 11.03.2021, 17:20 Uhr", "Teilen", "Auf WhatsApp teilen"]
    below = [
        "Wir verwenden Cookies, um Inhalte zu personalisieren. Mehr erfahren",
        "Newsletter abonnieren",
        "Meistgelesen",
    ]
    below += ["Bäcker sucht Lehrling", "© 2021 Oberauer Anzeiger"]
    found = cleaned("\n".join([*above, told[0], *chrome, *told[1:], *below]))
    assert lines_of(found) == told


def test_a_call_to_share_is_no_headline():
    title = "廃線の駅舎が図書館に　住民が本五千冊を寄贈"
    body = "十年前に廃線となった駅の木造駅舎が一日、図書館として生まれ変わった。住民が五千冊の本を持ち寄った。"
    more = "改札口は貸し出し窓口になり、待合室には長い机が置かれた。開館は午前九時から午後五時まで。"
    top = ["トップ", "ニュース", "会員登録", title, "2023/06/02 11:30", "記者・小林健", "Facebookでシェア"]
    found = cleaned("\n".join([*top, body, more, "写真を見る", "人気記事ランキング"]))
    assert found.article.title == title.replace("　", " ")


@pytest.mark.parametrize(
    "notice",
    [
        "Bu sitede çerezler kullanılmaktadır. Siteyi kullanmaya devam ederek çerez kullanımını kabul etmiş olursunuz.",
        "हमारी वेबसाइट कुकीज़ का उपयोग करती है। अधिक जानकारी के लिए हमारी गोपनीयता नीति पढ़ें।",
        "เว็บไซต์นี้ใช้คุกกี้เพื่อพัฒนาประสบการณ์การใช้งานของคุณ",
        "Tento web používá soubory cookie. Dalším používáním webu s tím souhlasíte. Více informací",
        "Χρησιμοποιούμε cookies για να βελτιώσουμε την εμπειρία σας. Συνεχίζοντας την περιήγηση αποδέχεστε τη χρήση τους.",
    ],
)
def test_a_notice_of_cookies_goes(notice):
    found = cleaned(TITLE, *STORY[:2], notice, *STORY[2:])
    assert lines_of(found) == list(STORY)
    assert reasons(found) == {notice: "consent"}
