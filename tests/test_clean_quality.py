"""What was got of a story is said, and what stands on a wall is never an article."""

import pytest
from walls import NOT_FREE as PAID
from walls import STORY

from aggregator.clean import clean, load_model, quality
from aggregator.model import Article, Document, Site

LEAD = "<p>For as long as anybody in the valley can remember the river ran east of the mill, and the maps agree.</p>"
REACT = (
    "<div id=root></div><noscript>You need to enable JavaScript to run this app.</noscript><script src=/m.js></script>"
)


def got(body: str, title: str = "", lang: str = "en", graph: str = "") -> Article:
    data = f'<script type="application/ld+json">{{"@type":"NewsArticle",{graph}}}</script>' if graph else ""
    page = f"<!DOCTYPE html><html lang={lang}><head><title>{title}</title>{data}</head><body>{body}</body></html>"
    document = Document(kind="page", body=page, url="https://news.example.org/city/story")
    return clean(document, None, Site(), load_model()).article


@pytest.mark.parametrize(
    ("lang", "title", "body"),
    [
        ("en", "Just a moment...", "<h2>Verify you are human by completing the action below.</h2><p>The site needs to review"
         " the security of your connection before proceeding.</p>"),
        ("en", "Just a moment...", "<noscript>Enable JavaScript and cookies to continue</noscript><script>x()</script>"),
        ("en", "Access denied", "<p>Error code 1020</p><p>You cannot access this site. Ray ID: 7d1c2f</p>"),
        ("en", "Access Denied", "<p>You don't have permission to access this on this server.</p><p>Reference #18.4d</p>"),
        ("en", "", "<p>Request unsuccessful. Incapsula incident ID: 123-456</p>"),
        ("en", "Security Checkpoint", "<p>We're verifying your browser</p><p>Website owner? Click here to fix</p>"),
        ("en", "", "<p>Our systems have detected unusual traffic from your computer network.</p>"),
        ("en", "", "<h1>Pardon Our Interruption...</h1><p>Something about your browser made us think you were a bot. You've"
         " disabled cookies, or a plugin keeps JavaScript from running.</p>"),
        ("en", "429 Too Many Requests", "<p>You have sent too many requests. Please try again later.</p>"),
        ("de", "", "<h1>Einen Moment</h1><p>Sind Sie ein Mensch? Bitte aktivieren Sie JavaScript, um fortzufahren.</p>"),
        ("fr", "", "<p>Veuillez confirmer que vous n'êtes pas un robot. Activez JavaScript et les cookies.</p>"),
        ("ru", "DDoS-Guard", "<p>Проверка браузера перед переходом на сайт</p><p>Подождите несколько секунд</p>"),
        ("ja", "", "<p>ロボットではないことを確認してください。JavaScriptを有効にしてください。</p>"),
        ("zh", "安全验证", "<p>请完成安全验证后继续访问</p>"),
        ("en", "", "<p>When you use our sites, we use cookies to provide them to you, to keep them safe and to measure how"
         " they are used. If you accept, we and our partners will also store and/or access information on a device.</p>"),
        ("de", "", "<p>Wir und unsere 213 Partner verwenden Cookies, um Informationen auf Ihrem Gerät zu speichern.</p>"
         "<p>Weiter mit dem Pur-Abo: werbefrei für 4,99 Euro im Monat.</p><button>Alle akzeptieren</button>"),
        ("fr", "", "<p>Nous et nos 892 partenaires utilisons des cookies.</p><p>Continuer sans accepter</p>"),
        ("es", "", "<p>Nosotros y nuestros socios utilizamos cookies. Aceptar todas las cookies o configurar.</p>"),
        ("it", "", "<p>Noi e i nostri 500 partner utilizziamo cookie. Accetta tutti i cookie oppure abbonati.</p>"),
        ("nl", "", "<p>Wij gebruiken cookies en vergelijkbare technologieën.</p><button>Cookies accepteren</button>"),
        ("pl", "", "<p>Szanowni Państwo, używamy plików cookies. Kliknij, aby zaakceptować.</p>"),
        ("en", "Log in", "<form><input name=e><input type=password></form><p>Forgot password? Create an account</p>"),
        ("en", "404", "<h1>Page not found</h1><p>Sorry, the page you are looking for does not exist or has moved.</p>"),
        ("de", "404", "<h1>Fehler</h1><p>Die Seite wurde leider nicht gefunden. Sie wurde gelöscht oder verschoben.</p>"),
        ("en", "451", "<p>Unavailable due to legal reasons. You come from a country of the European Economic Area.</p>"),
    ],
)  # fmt: skip
def test_a_wall_is_blocked_and_gives_no_text(lang, title, body):
    article = got(body, title, lang)
    assert (article.quality, article.text, article.html) == ("blocked", "", "")


@pytest.mark.parametrize(
    "body",
    [
        f"<article><h1>The council voted</h1>{STORY}</article>",
        f"<div id=banner><p>We use cookies. Accept all cookies</p></div><article><h1>The council</h1>{STORY}</article>",
        f"<article><h1>Why sites ask you to accept all cookies</h1><p>Cookie consent is a habit.</p>{STORY}</article>",
        f"<article><h1>Are you a robot?</h1><p>Access denied, said the door, and asked for a captcha.</p>{STORY}</article>",
        f"<article><h1>A note</h1>{LEAD}</article><noscript>Please enable JavaScript to view the comments.</noscript>",
    ],
)
def test_a_story_that_speaks_of_walls_is_none(body):
    assert got(body).quality == "full"


@pytest.mark.parametrize(
    ("lang", "gate", "graph"),
    [
        ("en", "<div class=gate><p>Subscribe to continue reading. Already a subscriber? Log in.</p></div>", PAID),
        ("en", "<p>Subscribe to continue reading this article for $1 a week.</p>", ""),
        ("de", "<p>Jetzt weiterlesen mit F+. Dieser Artikel ist nur für Abonnenten.</p>", ""),
        ("fr", "<p>Il vous reste 82 % de cet article à lire. La suite est réservée aux abonnés.</p>", ""),
        ("es", "<p>Contenido exclusivo para suscriptores. Para seguir leyendo, hazte socio.</p>", ""),
        ("en", LEAD, PAID),
        ("en", LEAD, '"isAccessibleForFree":"http://schema.org/False"'),
    ],
)
def test_a_paywall_keeps_the_rest_and_its_own_words(lang, gate, graph):
    article = got(f"<article><h1>Why the river changed its course</h1>{LEAD}{gate}</article>", lang=lang, graph=graph)
    assert article.quality == "paywalled"
    assert article.text.startswith("For as long as")
    assert article.text.endswith("the maps agree.")


def test_what_is_paid_for_but_there_is_full():
    article = got(f"<article><h1>The river</h1>{LEAD}<div class=paid>{STORY}</div></article>", graph=PAID)
    assert article.quality == "full"
    assert "tenth day" in article.text


def test_a_short_beginning_with_a_link_to_the_rest_is_a_teaser():
    assert got(f"<article><h1>The river</h1>{LEAD}<a href=/x>Read more</a></article>").quality == "teaser"
    assert got(f"<article><h1>The river</h1>{LEAD}</article>").quality == "full"


@pytest.mark.parametrize("body", ["", REACT, "<div id=app></div><script>window.data={}</script>"])
def test_a_page_made_by_scripts_alone_is_empty(body):
    article = got(body, "News")
    assert (article.quality, article.text) == ("empty", "")


def test_only_the_last_lines_are_a_gate():
    lines = ["Subscribe to continue reading.", "It rained.", "Already a subscriber?", "This post is for paid members."]
    assert quality.gate(lines) == 2
    assert quality.gate(["This post is for paid members. " + "It rained. " * 40]) == 0
    assert quality.gate([]) == 0
