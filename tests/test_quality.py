"""How much of a story was got is decided by evidence, in many languages, and an article about walls is no wall."""

import pytest

from aggregator.clean import quality
from aggregator.clean.decoding import parsed
from aggregator.model import Entry

PROSE = " ".join(f"This is sentence number {n} of an article about something quite ordinary." for n in range(40))
SHORT = "The bridge was opened on Tuesday morning, two years after engineers had closed it overnight because of cracks."


def of_page(text, shown=None, **known):
    told = {"entry": None, "free": None, "paid_words": 0, **known}
    return quality.of_page(text=text, shown=text if shown is None else shown, **told)


BOT_WALLS = [
    "Just a moment... Checking your browser before accessing example.org. Ray ID: 7d1c",
    "Attention Required! | Cloudflare Please complete the security check to access example.org",
    "Please enable JavaScript and cookies to continue",
    "Access to this page has been denied because we believe you are using automation tools",
    "Pardon Our Interruption As you were browsing something about your browser made us think you were a bot.",
    "Bitte aktivieren Sie JavaScript, um die Seite zu sehen. Sind Sie ein Mensch?",
    "Veuillez activer JavaScript pour continuer. Vous n'êtes pas un robot ?",
    "Habilita JavaScript para continuar. No eres un robot, ¿verdad?",
    "Abilita JavaScript per continuare a navigare sul sito.",
    "Включите JavaScript, чтобы продолжить. Вы не робот?",
    "続行するには JavaScript を有効にしてください。",
    "请启用JavaScript以继续访问本网站。",
]
CONSENT_WALLS = [
    "We and our 842 partners use cookies to store information. Accept all cookies or manage your privacy settings.",
    "Wir und unsere Partner verwenden Cookies. Alle akzeptieren",
    "Nous et nos partenaires utilisons des cookies. Accepter les cookies. Continuer sans accepter",
    "Utilizamos cookies propias y de terceros. Aceptar todas las cookies",
    "Utilizziamo i cookie per migliorare. Accetta tutti i cookie",
    "Wij gebruiken cookies om deze site te verbeteren. Cookies accepteren",
    "Używamy plików cookie w celach statystycznych.",
    "Мы используем файлы cookie. Принять все cookie",
    "当サイトではクッキーを使用しています。同意してください。",
    "Usamos cookies para melhorar. Aceitar todos os cookies",
    "Vi använder cookies för att förbättra. Godkänn alla cookies",
    "My a naši partneři ukládáme a/nebo přistupujeme k informacím v zařízení, jako jsou soubory cookie.",
    "Εμείς και οι συνεργάτες μας έχουμε πρόσβαση σε πληροφορίες σε μια συσκευή, όπως cookies.",
    "A partnereinkkel információkat tárolunk az eszközön. Az oldal sütiket használ.",
    "Ми використовуємо файли cookie, щоб показувати вам рекламу.",
]


@pytest.mark.parametrize("wall", BOT_WALLS + CONSENT_WALLS)
def test_walls_are_blocked(wall):
    assert of_page(wall) == "blocked"


@pytest.mark.parametrize("wall", [*BOT_WALLS, *CONSENT_WALLS, "Şifremi unuttum"])
def test_walls_in_capitals_are_blocked(wall):
    capitals = wall.replace("i", "İ").upper() if "Ş" in wall else wall.upper()
    assert of_page(capitals) == "blocked"


@pytest.mark.parametrize(
    "nothing", ["הדף שחיפשתם לא נמצא.", "Az oldal nem található.", "Η σελίδα δεν βρέθηκε, δυστυχώς."]
)
def test_a_page_that_says_there_is_none_has_no_story(nothing):
    assert of_page(f"{nothing} {nothing}") == "blocked"


def test_a_title_that_says_there_is_none_is_believed_of_what_is_no_long_story():
    words = PROSE.split()
    assert of_page(" ".join(words[:200]), title="Page not found") == "blocked"
    assert of_page(" ".join(words[:200]), title="The page that nobody found") == "full"
    assert of_page(" ".join(words[:300]), title="Page not found") == "full"


def test_a_turkish_teaser_in_capitals_is_cut_off():
    assert quality.of_feed(f"{PROSE} DEVAMINI OKU", summary_only=False) == "teaser"


@pytest.mark.parametrize("wall", BOT_WALLS[:3] + CONSENT_WALLS[:3])
def test_an_article_about_walls_is_an_article(wall):
    assert of_page(f"{PROSE} {wall} {PROSE}") == "full"


def test_a_cookie_banner_beside_an_article_is_no_wall():
    assert of_page(PROSE, shown=f"{CONSENT_WALLS[0]} {PROSE}") == "full"
    assert of_page(SHORT, shown=f"Please enable JavaScript to vote. {SHORT} {PROSE}") == "full"


@pytest.mark.parametrize(
    "gate",
    [
        "Subscribe to continue reading. Already a subscriber? Log in",
        "Dieser Artikel ist nur für Abonnenten. Jetzt weiterlesen mit Plus",
        "Il vous reste 80 % de cet article à lire. La suite est réservée. Pour lire la suite, abonnez-vous pour 1 €",
        "Contenido exclusivo para suscriptores",
        "Contenuto riservato agli abbonati",
        "Alleen voor abonnees",
        "Только для подписчиков",
        "この記事は会員限定です。続きを読むには",
        "La suite est réservée aux abonnés. Déjà abonné ? Se connecter",
        "Jetzt 1 Monat für 1 Euro testen. Jederzeit kündbar.",
        "Sie haben bereits ein Abo? Hier anmelden",
        "Μόνο για συνδρομητές",
        "למנויים בלבד",
    ],
)
def test_a_gate_after_the_text_is_a_paywall(gate):
    assert of_page(SHORT, shown=f"{SHORT}\n{gate}") == "paywalled"


def test_an_offer_elsewhere_on_the_page_is_no_paywall():
    menu = "Subscribe to read on paper. " + "Menu entry. " * 300
    assert of_page(SHORT, shown=f"{menu}{SHORT}") == "full"


def test_what_json_ld_says_counts_when_the_text_bears_it_out():
    assert of_page(SHORT, free=False) == "paywalled"
    assert of_page(PROSE, free=False) == "full"
    assert of_page(SHORT, free=False, paid_words=400) == "full"
    assert of_page(SHORT, free=True) == "full"


def test_less_than_the_feed_has_is_a_teaser():
    assert of_page(SHORT, entry=Entry(guid="1", text=PROSE)) == "teaser"
    assert of_page(PROSE, entry=Entry(guid="1", text=SHORT)) == "full"
    assert of_page(f"{SHORT} Read more…") == "teaser"
    assert of_page(SHORT, entry=Entry(guid="1", text=SHORT)) == "teaser"
    assert of_page(SHORT, entry=Entry(guid="1", text="Few words.")) == "full"
    assert of_page(f"{PROSE} Read more…") == "full"


def test_nothing_is_empty_or_failed():
    assert of_page("") == "empty"
    assert of_page("", shown="word " * 2000) == "failed"


@pytest.mark.parametrize(
    ("text", "summary_only", "state"),
    [
        (PROSE, False, "full"),
        (PROSE, True, "full"),
        (SHORT, True, "teaser"),
        (f"{PROSE} [...]", False, "teaser"),
        (f"{PROSE} Weiterlesen", False, "teaser"),
        ("", False, "empty"),
    ],
)
def test_feeds_own_content(text, summary_only, state):
    assert quality.of_feed(text, summary_only) == state


def test_length_knows_scripts_without_spaces():
    assert quality.length("three plain words") == 3
    assert quality.length("これは橋についての記事です") >= 6


def test_words_in_common():
    entry = Entry(
        guid="1", title="Harbour bridge reopens", text="The harbour bridge was reopened on Tuesday by engineers."
    )
    assert quality.speaks_of("Engineers said the harbour bridge was safe when it reopened on Tuesday.", entry)
    assert not quality.speaks_of("Accept cookies and subscribe to our newsletter today", entry)
    assert quality.speaks_of("anything", None)
    assert quality.share_of("橋が開通した記事", "橋が開通した記事") == 1.0


def test_the_paid_part_is_found_by_simple_selectors():
    tree = parsed("<div class='x paid'>one two</div><p id=gate>three</p>")
    assert quality.paid_part(tree, [".paid"]) == 2
    assert quality.paid_part(tree, ["#gate", "p > .x", "section.paid"]) == 3
    assert quality.paid_part(tree, ["'] | //*"]) == 0
