"""Which language a text is in and which way it runs: as declared, or told from the text when nothing convincing is.

The detector is heavy, so it is imported when it is first needed.
"""

import re
from functools import cache
from typing import Any, Final

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
_WORDS: Final = {  # small words that hardly any other language has
    "en": "the and of to is that with for was are",
    "de": "der die und das nicht mit ist ein von auf",
    "fr": "les des est une dans pour qui pas sur avec",
    "es": "los las una por con para que del como más",
    "it": "che gli della per con una sono non più nel",
    "nl": "het een van niet dat zijn voor met ook aan",
    "pt": "não uma para com dos são mais que foi pelo",
    "pl": "nie się jest oraz dla przez jak był ale już",
    "sv": "och att det som för inte med den till har",
    "cs": "se na je že jako pro ale by nebo jsem",
    "tr": "bir ve bu için ile olarak daha gibi çok kadar",
}
_SAMPLE: Final = 4000  # characters


def code(declared: str) -> str:
    """A BCP 47 tag in its usual spelling (`en`, `pt-BR`), or "" for what is none."""
    bare = declared.strip().split(",")[0].split(";")[0].strip()
    if not _CODE.fullmatch(bare):
        return ""
    parts = bare.replace("_", "-").split("-")
    rest = [part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part.lower() for part in parts[1:]]
    return "-".join([parts[0].lower(), *rest])


def settled(text: str, *, page: str, feed: str) -> str:
    """The language of a text: the page's or the feed's word for it unless the text plainly says otherwise."""
    for declared in (code(page), code(feed)):
        if declared and fits(text, declared):
            return declared
    return detected(text) or code(page) or code(feed)


def fits(text: str, declared: str) -> bool:
    """Could the text be in that language, by its script and its small words? True where there's too little to tell."""
    sample = text[:_SAMPLE]
    letters = sum(character.isalpha() for character in sample)
    if letters < 40:
        return True
    base = declared.split("-")[0]
    for pattern, languages in _SCRIPTS:
        if len(pattern.findall(sample)) > 0.3 * letters:
            return base in languages
    if any(base in languages for _, languages in _SCRIPTS):
        return False
    return _small_words_fit(sample, base)


def detected(text: str) -> str:
    """The language by the detector; "" when the text is too short for it."""
    if sum(character.isalpha() for character in text[:_SAMPLE]) < 40:
        return ""
    return str(_detector().classify(text[:_SAMPLE])[0])


def direction(declared: str, language: str, text: str) -> str:
    """ "rtl" or "": by the page's word, else by the language's script."""
    if declared in {"rtl", "ltr"}:
        return "rtl" if declared == "rtl" and fits_right_to_left(text) else ""
    return "rtl" if language.split("-")[0] in _RIGHT_TO_LEFT else ""


def fits_right_to_left(text: str) -> bool:
    """Is a good part of the text in a script that runs from right to left? True when there's none at all."""
    sample = text[:_SAMPLE]
    letters = sum(character.isalpha() for character in sample)
    return not letters or sum("\u0590" <= character <= "\u08ff" for character in sample) > 0.2 * letters


def _small_words_fit(sample: str, base: str) -> bool:
    if base not in _WORDS:
        return True
    words = re.findall(r"\w+", sample.casefold())
    counts = {name: sum(map(words.count, listed.split())) for name, listed in _WORDS.items()}
    best = max(counts.values())
    return len(words) < 30 or counts[base] >= 0.6 * best or best < 0.05 * len(words)


@cache
def _detector() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - numpy and a large model: only when asked

    return LanguageIdentifier.from_pickled_model(MODEL_FILE)
