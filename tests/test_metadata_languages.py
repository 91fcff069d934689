"""Bylines and titles as sites of many languages write them: what is cut off, what is kept, what is nobody's name."""

import json

import pytest

from aggregator.clean import metadata
from aggregator.clean.decoding import parsed

TEXT = "<p>The first paragraph of the story, which is long enough to be one.</p>" * 6
SITE = "<meta property=og:site_name content='The Estuary Post'>"


def read(body: str, head: str = "", lang: str = "en") -> metadata.Found:
    page = f"<!DOCTYPE html><html lang='{lang}'><head>{head}</head><body><main>{body}{TEXT}</main></body></html>"
    tree = parsed(page)
    assert tree is not None
    return metadata.read(tree, url="https://www.estuarypost.example/city/story", entry=None)


def graph(*authors: object, **more: object) -> str:
    node = {"@type": "NewsArticle", "author": list(authors), "publisher": {"name": "The Estuary Post"}, **more}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def person(name: str) -> dict[str, str]:
    return {"@type": "Person", "name": name}


@pytest.mark.parametrize(
    ("lang", "line", "expected"),
    [
        ("en", "By Jane Doe", "Jane Doe"),
        ("en", "BY JANE DOE", "JANE DOE"),
        ("en", "By Jane Doe, Political editor", "Jane Doe"),
        ("en", "By Jane Doe, BBC News", "Jane Doe"),
        ("en", "By Jane Doe and Tom Okoro", "Jane Doe and Tom Okoro"),
        ("en", "By Jane Doe, Tom Okoro and Ann Lee", "Jane Doe, Tom Okoro and Ann Lee"),
        ("en", "By Jane Doe in Lisbon", "Jane Doe"),
        ("en", "By Jane Doe @janedoe", "Jane Doe"),
        ("en", "By Jane Doe (jane@estuarypost.example)", "Jane Doe"),
        ("en", "By Jane Marsh 3 May 2024", "Jane Marsh"),
        ("en", "By June Mayfield | May 3, 2024", "June Mayfield"),
        ("en", "By Augusta Sepp, Updated 3 May 2024", "Augusta Sepp"),
        ("en", "3 May 2024, by Jane Doe", "Jane Doe"),
        ("en", "Words by Jane Doe Photographs by Tom Okoro", "Jane Doe"),
        ("en", "By Jane O'Doe-Smith Jr.", "Jane O'Doe-Smith Jr."),
        ("en", "By J. R. Doe", "J. R. Doe"),
        ("en", "By Reuters", "Reuters"),
        ("en", "By Reuters Staff", "Reuters Staff"),
        ("en", "By the river the boats were waiting for the tide.", ""),
        ("de", "Von Jörg Weiß", "Jörg Weiß"),
        ("de", "Von Jörg Weiß, Berlin", "Jörg Weiß"),
        ("de", "Von Jörg Weiß und Anna von der Heide", "Jörg Weiß und Anna von der Heide"),
        ("de", "Ein Gastbeitrag von Jörg Weiß", "Jörg Weiß"),
        ("de", "Ein Kommentar von Jörg Weiß", "Jörg Weiß"),
        ("de", "Von unserem Redakteur Jörg Weiß", "Jörg Weiß"),
        ("de", "Autorin: Anna Heide", "Anna Heide"),
        ("de", "Von dpa", "dpa"),
        ("de", "Von hier aus fahren die Fähren zu den Inseln im Norden.", ""),
        ("fr", "Par Hélène Dubois", "Hélène Dubois"),
        ("fr", "Par Hélène Dubois et Luc Martin", "Hélène Dubois et Luc Martin"),
        ("fr", "Par Hélène Dubois, correspondante à Rome", "Hélène Dubois"),
        ("fr", "Par Hélène Dubois avec AFP", "Hélène Dubois"),
        ("fr", "Propos recueillis par Hélène Dubois", "Hélène Dubois"),
        ("fr", "Publié par Hélène Dubois le 3 mai 2024", "Hélène Dubois"),
        ("fr", "Hélène Dubois, publié le 3 mai 2024 à 10h00", ""),
        ("es", "Por María José Núñez", "María José Núñez"),
        ("es", "Por María Núñez y Juan de la Cruz", "María Núñez y Juan de la Cruz"),
        ("es", "Escrito por María Núñez el 3 de mayo de 2024", "María Núñez"),
        ("es", "Texto: María Núñez", "María Núñez"),
        ("it", "di Chiara D'Amico", "Chiara D'Amico"),
        ("it", "di Chiara D'Amico e Luca Rossi", "Chiara D'Amico e Luca Rossi"),
        ("it", "a cura di Chiara Rossi", "Chiara Rossi"),
        ("it", "dal nostro inviato Luca Rossi", "Luca Rossi"),
        ("pt", "Por João da Silva", "João da Silva"),
        ("pt", "Por João da Silva, repórter", "João da Silva"),
        ("nl", "Door Jan de Vries", "Jan de Vries"),
        ("nl", "Door onze redacteur Jan de Vries", "Jan de Vries"),
        ("nl", "Auteur: Jan van den Berg", "Jan van den Berg"),
        ("pl", "Autor: Łukasz Żak", "Łukasz Żak"),
        ("pl", "Opracował: Łukasz Żak", "Łukasz Żak"),
        ("pl", "Tekst: Łukasz Żak, zdjęcia: Anna Nowak", "Łukasz Żak"),
        ("sv", "Av Åsa Lindström", "Åsa Lindström"),
        ("sv", "Text: Åsa Lindström Foto: Per Ek", "Åsa Lindström"),
        ("da", "Af Søren Møller", "Søren Møller"),
        ("fi", "Teksti: Matti Meikäläinen", "Matti Meikäläinen"),
        ("cs", "Autor: Jiří Dvořák", "Jiří Dvořák"),
        ("cs", "Napsal Jiří Dvořák", "Jiří Dvořák"),
        ("hu", "Szerző: Kovács Anna", "Kovács Anna"),
        ("hu", "Írta: Kovács Anna", "Kovács Anna"),
        ("ro", "Autor: Andrei Ionescu", "Andrei Ionescu"),
        ("tr", "Yazan: Ayşe Yılmaz", "Ayşe Yılmaz"),
        ("tr", "Yazar: Ayşe Yılmaz", "Ayşe Yılmaz"),
        ("ru", "Автор: Иван Петров", "Иван Петров"),
        ("ru", "Текст: Иван Петров", "Иван Петров"),
        ("uk", "Автор: Олена Шевченко", "Олена Шевченко"),
        ("el", "Του Γιώργου Παπαδόπουλου", "Γιώργου Παπαδόπουλου"),
        ("el", "Γράφει ο Γιώργος Παπαδόπουλος", "Γιώργος Παπαδόπουλος"),
        ("ja", "文・山田太郎", "山田太郎"),
        ("ja", "執筆者：山田太郎", "山田太郎"),
        ("ja", "取材・文：山田太郎", "山田太郎"),
        ("zh", "作者：张伟", "张伟"),
        ("zh", "文／王小明", "王小明"),
        ("zh", "记者 张伟 报道", "张伟"),
        ("ko", "김철수 기자", "김철수"),
        ("ko", "글 김철수", "김철수"),
        ("ko", "김철수 기자 kim@estuarypost.example", "김철수"),
        ("ar", "كتب: أحمد علي", "أحمد علي"),
        ("ar", "بقلم: أحمد علي", "أحمد علي"),
        ("fa", "نویسنده: علی رضایی", "علی رضایی"),
        ("he", "מאת: דוד כהן", "דוד כהן"),
        ("hi", "लेखक: राम शर्मा", "राम शर्मा"),
        ("id", "Oleh Budi Santoso", "Budi Santoso"),
        ("id", "Penulis: Budi Santoso", "Budi Santoso"),
        ("vi", "Tác giả: Nguyễn Văn An", "Nguyễn Văn An"),
        ("th", "โดย: สมชาย ใจดี", "สมชาย ใจดี"),
    ],
)  # fmt: skip
def test_bylines(lang, line, expected):
    assert read(f"<h1>The bridge is open again</h1><p>{line}</p>", SITE, lang).author == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (graph(person("Jane Doe"), person("Jane Doe")), "Jane Doe"),
        (graph(person("Jane Doe"), person("JANE DOE")), "Jane Doe"),
        (graph(person("By Jane Doe"), person("Tom Okoro")), "Jane Doe, Tom Okoro"),
        (graph({"@type": "Organization", "name": "Reuters"}), "Reuters"),
        (graph("dpa"), "dpa"),
        (graph(person("https://twitter.com/janedoe")), ""),
        (graph(person("@janedoe")), ""),
        (graph(person("jane@estuarypost.example")), ""),
        (graph(person("The Estuary Post"), person("Jane Doe")), "Jane Doe"),
        (graph(person("Jane Doe | The Estuary Post")), "Jane Doe"),
        (graph(person("Jane Doe, Political editor")), "Jane Doe"),
        (graph(person("Jane Doe, Politische Redakteurin")), "Jane Doe"),
        (graph(person("Hélène Dubois, grand reporter")), "Hélène Dubois"),
        (graph(person("Jane &amp;amp; Tom Doe")), "Jane & Tom Doe"),
        (graph(person("M&uuml;ller, Anna")), "Anna Müller"),
        (graph({"@type": ["Person"], "name": ["Jane Doe"]}), "Jane Doe"),
        (graph({"name": {"@value": "Jane Doe"}}), "Jane Doe"),
        (graph({"@type": "Person", "givenName": "Jane", "familyName": "Doe"}), "Jane Doe"),
        ("<meta name=author content='Jane Doe, Tom Okoro, Jane Doe'>", "Jane Doe, Tom Okoro"),
        ("<meta name=author content='Doe, Jane'>", "Jane Doe"),
        ("<meta name=twitter:creator content='@janedoe'>", ""),
        ("<meta name=author content='admin'>", ""),
    ],
)
def test_stated_authors(head, expected):
    assert read("<h1>The bridge is open again</h1>", SITE + head).author == expected


@pytest.mark.parametrize(
    ("h1", "title", "shared", "expected"),
    [
        ("", "The Estuary Post | The bridge is open again", "", "The bridge is open again"),
        ("", "The bridge is open again :: The Estuary Post", "", "The bridge is open again"),
        ("", "The bridge is open again – The Estuary Post", "", "The bridge is open again"),
        ("", "The bridge is open again • The Estuary Post", "", "The bridge is open again"),
        ("", "The bridge is open again - News - The Estuary Post", "", "The bridge is open again"),
        ("", "The bridge is open again « The Estuary Post", "", "The bridge is open again"),
        ("", "The bridge is open again on The Estuary Post", "", "The bridge is open again on The Estuary Post"),
        ("", "The bridge is open again | estuarypost.example", "", "The bridge is open again"),
        ("", "", "Ships &amp;amp; boats &amp;#8211; what to know", "Ships & boats – what to know"),
        ("", "Ships &amp;amp; boats, and what to know", "", "Ships & boats, and what to know"),
        ("The bridge over the estuary is open again after two years", "",
         "The bridge over the estuary is open…", "The bridge over the estuary is open again after two years"),
        ("The bridge over the estuary is open again after two years", "The bridge over the estuary is open...", "",
         "The bridge over the estuary is open again after two years"),
        ("", "The bridge over the estuary is open again after two years | The Estuary Post",
         "The bridge over the estuary is open …", "The bridge over the estuary is open again after two years"),
        ("Brücke wieder offen: Was Pendler wissen müssen", "Brücke wieder offen: Was Pendler wissen müssen | NDR", "",
         "Brücke wieder offen: Was Pendler wissen müssen"),
        ("橋が開通した", "橋が開通した｜河口新聞", "", "橋が開通した"),
        ("", "橋が開通した、二年ぶりに｜The Estuary Post", "", "橋が開通した、二年ぶりに"),
        ("", "다리가 다시 열렸다 : The Estuary Post", "", "다리가 다시 열렸다"),
        ("Мост снова открыт", "Мост снова открыт — Новости — The Estuary Post", "", "Мост снова открыт"),
        ("", "جسر المدينة يفتح من جديد | The Estuary Post", "", "جسر المدينة يفتح من جديد"),
        ("The Estuary Post", "The bridge is open again | The Estuary Post", "The bridge is open again",
         "The bridge is open again"),
        ("A &lt;b&gt; in HTML", "A &lt;b&gt; in HTML | The Estuary Post", "", "A <b> in HTML"),
    ],
)  # fmt: skip
def test_titles(h1, title, shared, expected):
    head = f"{SITE}<title>{title}</title>" + (f'<meta property="og:title" content="{shared}">' if shared else "")
    assert read(f"<h1>{h1}</h1>" if h1 else "", head).title == expected
