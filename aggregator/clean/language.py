"""Which language a text is in and which way it runs: as declared, unless the text plainly says otherwise.

The detector takes seconds and much memory to load, so it is asked last, and imported only then.
"""

import re
from collections import Counter
from typing import Final

_CODE: Final = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]{2,8}){0,2}", re.IGNORECASE)
_RIGHT_TO_LEFT: Final = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "ps", "sd", "ug", "ur", "yi"})
_SCRIPTS: Final = (  # a script that few languages write: the range, and the languages that may be meant by it
    (re.compile("[\u3040-\u30ff]"), ("ja",)),
    (re.compile("[\uac00-\ud7af]"), ("ko",)),
    (re.compile("[\u4e00-\u9fff]"), ("zh", "ja", "yue")),
    (re.compile("[\u0e00-\u0e7f]"), ("th",)),
    (re.compile("[\u0590-\u05ff]"), ("he", "iw", "yi")),
    (re.compile("[\u0600-\u06ff]"), ("ar", "fa", "ur", "ps", "ckb", "ug", "sd", "ks")),
    (re.compile("[\u0370-\u03ff]"), ("el",)),
    (re.compile("[\u0400-\u04ff]"), ("ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "tg", "mn", "tt")),
    (re.compile("[\u0900-\u097f]"), ("hi", "mr", "ne", "sa")),
)
_WORDS: Final = (  # small words that hardly any other language has
    ("en", "the and of to is that with for was are"),
    ("de", "der die und das nicht mit ist ein von auf"),
    ("fr", "les des est une dans pour qui pas sur avec"),
    ("es", "los las una por con para que del como más"),
    ("it", "che gli della per con una sono non più nel"),
    ("nl", "het een van niet dat zijn voor met ook aan"),
    ("pt", "não uma para com dos são mais que foi pelo"),
    ("pl", "nie się jest oraz dla przez jak był ale już"),
    ("sv", "och att det som för inte med den till har"),
    ("cs", "se na je že jako pro ale by nebo jsem"),
    ("tr", "bir ve bu için ile olarak daha gibi çok kadar"),
)
_SAMPLE: Final = 4000  # characters
_FEW: Final = 40  # letters; with fewer nothing can be told


def code(declared: str) -> str:
    """A BCP 47 tag in its usual spelling (`en`, `pt-BR`), or "" for what is none."""
    bare = re.split("[,;]", declared.strip())[0].strip()
    if not _CODE.fullmatch(bare):
        return ""
    parts = bare.replace("_", "-").split("-")
    rest = [part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part.lower() for part in parts[1:]]
    return "-".join([parts[0].lower(), *rest])


def settled(text: str, *, page: str, feed: str) -> str:
    """The language of a text: the page's or the feed's word for it unless the text plainly says otherwise."""
    told = by_sight(text)
    for declared in (code(page), code(feed)):
        if declared and (not told or declared.split("-", 1)[0] in told):
            return declared
    return told[0] if len(told) == 1 else detected(text) or code(page) or code(feed)


def by_sight(text: str) -> tuple[str, ...]:
    """The languages the text can be in by its script, else the one its small words tell; empty when they don't."""
    sample = text[:_SAMPLE]
    letters = sum(map(str.isalpha, sample))
    if letters < _FEW:
        return ()
    if not sample.isascii():
        for pattern, languages in _SCRIPTS:
            if len(pattern.findall(sample)) > 0.3 * letters:
                return languages
    return _by_small_words(re.findall(r"\w+", sample.casefold()))


def _by_small_words(words: list[str]) -> tuple[str, ...]:
    tally = Counter(words)
    counts = sorted(((sum(tally[word] for word in listed.split()), name) for name, listed in _WORDS), reverse=True)
    (best, name), (second, _) = counts[0], counts[1]
    return (name,) if len(words) >= 30 and best > 0.06 * len(words) and best > 1.6 * second else ()


def detected(text: str) -> str:
    """The language by the detector; "" when the text is too short for it."""
    if sum(map(str.isalpha, text[:_SAMPLE])) < _FEW:
        return ""
    from py3langid import classify  # noqa: PLC0415 - numpy and a model that takes seconds to load: only when asked

    return str(classify(text[:_SAMPLE])[0])


def direction(declared: str, language: str, text: str) -> str:
    """`rtl` or nothing: by the page's word where its letters bear it out, else by the language's script."""
    if declared in {"rtl", "ltr"}:
        return "rtl" if declared == "rtl" and _much_right_to_left(text) else ""
    return "rtl" if language.split("-", 1)[0] in _RIGHT_TO_LEFT else ""


def _much_right_to_left(text: str) -> bool:
    sample = text[:_SAMPLE]
    return sum("\u0590" <= character <= "\u08ff" for character in sample) >= 0.2 * sum(map(str.isalpha, sample))
