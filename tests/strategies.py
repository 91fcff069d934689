"""Hypothesis strategies shared by the tests of queries, tokens, duplicates and the search index.

Stories and queries draw from the same few words of each script, so that they meet often.
"""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from aggregator.query import Subject

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

WORDS = {
    "latin": [
        "prague",
        "Frühling",
        "café",
        "Łódź",
        "naïve",
        "I",
        "covid-19",
        "U.S.",
        "don’t",
        "demo",
        "democracy",
        "Ærø",
    ],
    "greek": ["Αθήνα", "ΑΘΗΝΑ", "λόγος", "άνοιξη"],
    "cyrillic": ["Йод", "иод", "ёлка", "весна", "Прага", "війна"],
    "arabic": ["مُحَمَّد", "محمد", "أحمد", "احمد", "ربيع", "می\u200cخواهم"],
    "hebrew": ["שלום", "שָׁלוֹם", "אביב"],
    "chinese": ["布拉格之春", "春", "布拉格", "中国", "新闻"],
    "japanese": ["プラハの春", "ﾌﾟﾗﾊ", "日本語", "ニュース", "東京"],
    "thai": ["กรุงเทพ", "ข่าว", "ไทย", "น้ำ"],
    "korean": ["프라하의", "봄", "한국", "뉴스"],
    "mixed": ["AI技術", "iPhone手机", "2026年", "Ｆｕｌｌ", "snake_case", "x²", "100%", "🔥", "—", "Ünïcode-Wörter"],
}
_ALL = [word for words in WORDS.values() for word in words]
_GAPS = st.sampled_from([" ", " ", " ", ", ", ". ", "-", "\n\n", " — ", "/", ""])
_UNSPACED = "布拉格之春中国新闻プラハの春ー日本語東京กรุงเทพขาวไทยພາສາລາວខ្មែរမြန်မာ"
_HOSTS = ["example.com", "www.example.org", "news.example.co.uk", "пример.рф"]
_PATHS = [
    "",
    "/",
    "/deals",
    "/deals/",
    "/best-deals/42",
    "/2026/11/22/Prague-Spring.html",
    "/a?q=deals&x=1#top",
    "/%D0%92",
]
_LANGUAGES = ["", "en", "en-GB", "cs", "zh-Hant-TW", "pt_BR"]


@st.composite
def text_in_any_script(draw, max_words=12):
    """Text of words from one script, or from all."""
    pool = draw(st.sampled_from([*WORDS.values(), _ALL]))
    words = draw(st.lists(st.sampled_from(pool), max_size=max_words))
    return "".join(word + draw(_GAPS) for word in words)


def unspaced_run(min_size=0, max_size=12):
    """Characters of scripts without spaces, marks kept with their base, as a list."""
    units = []
    for char in _UNSPACED:
        if units and not char.isalpha():
            units[-1] += char
        else:
            units.append(char)
    return st.lists(st.sampled_from(units), min_size=min_size, max_size=max_size)


def urls():
    """Addresses, and now and then none."""
    made = st.builds(
        "{}://{}{}".format, st.sampled_from(["http", "https"]), st.sampled_from(_HOSTS), st.sampled_from(_PATHS)
    )
    return st.just("") | made


def subjects():
    """Stories all of whose fields are known."""
    return st.builds(
        Subject,
        title=text_in_any_script(max_words=5),
        text=text_in_any_script(max_words=25),
        author=text_in_any_script(max_words=2),
        url=urls(),
        feed=text_in_any_script(max_words=2),
        tags=st.lists(text_in_any_script(max_words=2), max_size=3).map(tuple),
        language=st.sampled_from(_LANGUAGES),
        published=st.integers(-10, 900).map(lambda days: NOW - timedelta(days=days)),
    )


def partly_known(subject):
    """The same story with some of its fields not known yet, or its text known in part."""
    names = ["title", "text", "author", "url", "feed", "tags", "language", "published"]
    return st.sets(st.sampled_from(names)).map(
        lambda hidden: Subject(**{name: None if name in hidden else getattr(subject, name) for name in names})
    )


def _quoted(text):
    return '"' + text.replace('"', " ") + '"'


def _word():
    plain = st.sampled_from([word for word in _ALL if any(char.isalnum() for char in word)])
    begun = plain.filter(lambda word: len(word) > 2).map(lambda word: word[:2].rstrip("-_.’\u200c") + "*")
    piece = unspaced_run(min_size=1, max_size=3).map("".join)
    phrase = st.lists(plain, min_size=1, max_size=3).map(lambda words: _quoted(" ".join(words)))
    return plain | begun | piece | phrase


def _in_field():
    names = st.sampled_from(["title", "text", "author", "feed", "tag"])
    group = st.lists(_word(), min_size=1, max_size=3).map(lambda words: "(" + " OR ".join(words) + ")")
    url = st.sampled_from(
        ["/deals/", "/deals", "example.com", "example.com/deals", "deals", "https://www.example.org/", "пример"]
    )
    return (
        st.builds("{}:{}".format, names, _word() | group)
        | url.map("url:{}".format)
        | st.sampled_from(["lang:en", "lang:EN-gb", "lang:zh", "lang:tw", "lang:pt-BR"])
    )


def _age():
    return st.builds(
        "age{}{}{}".format, st.sampled_from(["<", ">", "<=", ">="]), st.integers(0, 60), st.sampled_from("hdwmy")
    )


def queries(*, regex=False):
    """Sources of queries that can be read; with `regex`, some hold regular expressions."""
    leaves = _word() | _word() | _in_field() | _age()
    if regex:
        leaves |= st.sampled_from(["/prag(ue|a)/", "title:/^I/", "/春$/"])
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + " ".join(parts) + ")")
            | st.lists(inner, min_size=2, max_size=3).map(lambda parts: "(" + " OR ".join(parts) + ")")
            | inner.map("-{}".format)
            | inner.map("NOT {}".format)
        ),
        max_leaves=6,
    )
