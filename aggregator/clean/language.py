"""Which language a text is in and which way it runs: as declared, unless the text plainly says otherwise.

The detector takes half a second and 100 MB to load, so it is asked last, and imported only then: of a text in one of
some thirty languages next to never.
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
_OWN: Final = (  # within a script that several write: letters or words that one language alone has, the rarer first
    (re.compile("[ђћљњџј]"), ("sr",)),
    (re.compile("[ѓќѕ]"), ("mk",)),
    (re.compile("ў"), ("be",)),
    (re.compile("[әғқұһ]"), ("kk",)),
    (re.compile("[ҷӣӯ]"), ("tg",)),
    (re.compile("[ңөү]"), ("ky", "mn", "tt")),
    (re.compile("[іїєґ]"), ("uk",)),
    (re.compile("[ыэё]"), ("ru",)),
    (re.compile("[ъщ]"), ("bg",)),
    (re.compile("[ټځڅډړږښڼۍ]"), ("ps",)),
    (re.compile("[ێۆڵڕە]"), ("ckb", "ug")),
    (re.compile("[ٻڀڄڃڏڙڳڻ]"), ("sd",)),
    (re.compile("[ٹڈڑےں]"), ("ur", "ks")),
    (re.compile("[پچژگیک]"), ("fa",)),
    (re.compile("[ةىي]"), ("ar",)),
    (re.compile("[\u3040-\u30fa]"), ("ja",)),
    (re.compile("[嘅咗唔佢喺]"), ("yue",)),
    (re.compile("[\u4e00-\u9fff]"), ("zh",)),
    (re.compile(r"\b(?:आहे|आणि|नाही|होते|च्या)\b"), ("mr",)),
    (re.compile(r"\b(?:छ|छन्|गरेको|भएको|पनि)\b"), ("ne",)),
    (re.compile(r"\b(?:है|हैं|में|और|से)\b"), ("hi",)),
    (re.compile("[\u05f0-\u05f2\ufb2e\ufb2f]"), ("yi",)),
    (re.compile("[\u05d0-\u05ea]"), ("he",)),
)
_OWN_SHARE: Final = 0.004  # of the letters; a foreign name or two has none
_WORDS: Final = (  # small words that hardly any other language has; the last ones stand for what is taken for others
    ("en", "the and of to is that with for was are"),
    ("de", "der die und das nicht mit ist ein von auf"),
    ("fr", "les des est une dans pour qui pas sur avec"),
    ("es", "los las una por con para que del como más"),
    ("it", "che di il della per con una sono non è"),
    ("nl", "het een van niet dat zijn voor met ook aan"),
    ("pt", "não uma para com dos são mais que foi pelo"),
    ("pl", "i na do się nie że jest dla oraz jak"),
    ("sv", "och att det som för inte med den till har"),
    ("cs", "se na je že jako pro ale by nebo jsem"),
    ("tr", "bir ve bu için ile olarak daha gibi çok kadar"),
    ("hu", "az és hogy nem egy van meg volt csak már"),
    ("ro", "și în că din care mai este pentru sau cu"),
    ("fi", "ja on että oli myös kun mutta hän ovat joka"),
    ("vi", "của và là có trong được các cho không một"),
    ("sk", "sa ako pre alebo som pri je ktorý nie aj"),
    ("af", "nie vir wat hy hulle ons nou moet kan was"),
    ("et", "ja ka kui mis ning see oma et või aga"),
    ("gl", "unha non polo pola ao coa dun mais é foi"),
    ("da", "og til ikke af jeg fra det som"),
    ("no", "og til ikke av på jeg fra det som"),
)
_SMALL_WORDS: Final = tuple((name, tuple(listed.split())) for name, listed in _WORDS)
_FOREIGN: Final = re.compile("[\u0370-\u1fff\u2e80-\ud7ff]")  # a letter beyond the Latin ones
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
    if len(told) == 1:
        return told[0]
    return _by_letters(text, told) or detected(text) or code(page) or code(feed)


def by_sight(text: str) -> tuple[str, ...]:
    """The languages the text can be in by its script, else the one its small words tell; empty when they don't."""
    sample = text[:_SAMPLE]
    if _too_few(sample):
        return ()
    return _by_script(sample) if _FOREIGN.search(sample) else _by_small_words(sample)


def _too_few(sample: str) -> bool:
    return sum(map(str.isalpha, sample[: 2 * _FEW])) < _FEW and sum(map(str.isalpha, sample)) < _FEW


def _by_script(sample: str) -> tuple[str, ...]:
    letters = sum(map(str.isalpha, sample))
    for pattern, languages in _SCRIPTS:
        if len(pattern.findall(sample)) > 0.3 * letters:
            return languages
    return _by_small_words(sample)


def _by_small_words(sample: str) -> tuple[str, ...]:
    words = re.findall(r"\w+", sample.casefold())
    tally = Counter(words)
    counts = sorted(((sum(map(tally.__getitem__, listed)), name) for name, listed in _SMALL_WORDS), reverse=True)
    (best, name), (second, _) = counts[0], counts[1]
    return (name,) if len(words) >= 30 and best > 0.06 * len(words) and best > 1.6 * second else ()


def _by_letters(text: str, languages: tuple[str, ...]) -> str:
    """Of languages that share a script, the one that has letters or words of its own in the text; "" for none."""
    sample = text[:_SAMPLE].casefold()
    least = _OWN_SHARE * len(sample)
    for pattern, own in _OWN:
        if own[0] in languages and len(pattern.findall(sample)) > least:
            return own[0] if len(own) == 1 else ""
    return ""


def detected(text: str) -> str:
    """The language by the detector; "" when the text is too short for it."""
    if _too_few(text[:_SAMPLE]):
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
