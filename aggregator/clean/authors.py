"""Names of authors out of what pages write beside them: "By", roles, dates, handles and site names off."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from html import unescape
from typing import Final

_OURS: Final = r"(?:(?:our|unser\w*|onze|notre|nostr[oai]|nuestr[oa]) \w+ (?=(?-i:[A-Z])))?"  # "our correspondent"
_BY: Final = (  # what leads to a name on lines of any kind
    r"(?:(?:(?:this (?:post|article) was )?(?:(?:article|story|text|words|post|photos?|reporting|review|guest post"
    r"|blog)\s+)?"
    r"(?:written|posted|published|authored|reported|submitted|contributed|created|compiled|shared)?\s*by"
    r"|von|verfasst von|eine? \w+ von|par|écrit par|publié par|propos recueillis par|une? \w+ par"
    r"|por|escrito por|publicado por|di|a cura di|scritto da|dal(?= nostr)"
    r"|door|geschreven door|przez|av|tekst|af|yazan|napsal|oleh|ditulis oleh|írta|γράφει (?:ο|η)|του|της"
    rf"|بقلم|كتب|كتبت|מאת|โดย|글|记者|記者)(?:\s*[:：|]\s*|\s+|(?=(?-i:[A-Z][a-z]))){_OURS})"
)
_LABEL: Final = (  # and what does so with a colon, or alone on its line
    r"(?:authors?|contributors?|written|posted|published|autor(?:in|es|a|en)?|auteurs?|autore|yazar|автор(?:ка)?|текст"
    r"|writer|text|words|reporter|editor|texto|texte|testo|teksti|kirjoittaja|toimittaja|författare|forfatter|skribent"
    r"|opracowa(?:ł|ła|nie)|oprac\.|szerző|szöveg|συντάκτης|επιμέλεια|الكاتب|نویسنده|लेखक|penulis|tác giả|ผู้เขียน"
    r"|文|作者|記者|记者|撰文|取材・文|執筆者?|文責|ライター|글쓴이|기자)(?:\s*[:：・／]\s*|\s*$)"
)
_DATE_FIRST: Final = r"(?:\w{3,9}\.? \d{1,2},? \d{4}|\d{1,2}\.? \w{3,9}\.? \d{4}|\d{4}-\d\d-\d\d)\s*[·•|,–—-]*\s*"
_BYLINE: Final = re.compile(rf"^\W*(?:{_DATE_FIRST})?(?:{_BY}|{_LABEL})", re.IGNORECASE)
_TITLED: Final = re.compile(
    r"^[가-힣]{2,4}(?= ?(?:기자|특파원|논설위원|칼럼니스트|에디터)(?![가-힣]))"
)  # in Korea the role follows
_LEAD: Final = re.compile(
    rf"^\W*(?:{_DATE_FIRST})?(?:{_BY}|{_LABEL}|(?:view all posts by|see all posts by|read more (?:about|from)"
    rf"|learn more about|more (?:from|by)"
    r"|about|reviewed by|edited by|follow)\s+)|^\W*(?:\w{3,9}\.? \d{1,2},? \d{4}"
    r"|\d{1,2}\.? \w{3,9}\.? \d{4})\s*[·•|,–—-]+\s*",
    re.IGNORECASE,
)
_AGENCIES: Final = (
    r"reuters|afp|dpa|ap|ansa|efe|tass|xinhua|pti|ani|ians|kyodo|yonhap|pap|čtk|ctk|mti|apa|belga|anp|lusa|ntb|ritzau"
    r"|stt|kna|epd|sid|bernama|antara|tanjug|hina"
)
_AGENCY: Final = re.compile(_AGENCIES, re.IGNORECASE)
_MONTH: Final = (
    r"(?-i:(?:Jan|JAN|Feb|FEB|Apr|APR|Aug|AUG|Sept?|SEP|Oct|OCT|Nov|NOV|Dec|DEC|Mar|MAR|June?|JUNE?|July?|JULY?|May|MAY"
    r"|January|February|March|April|August|September|October|November|December))"
)
_END: Final = re.compile(
    r"\s+(?:[|•·–—/-]|on|in|at|for|updated|published|posted|last|follow|on behalf|is an?|has|covers|writes"
    r"|contributor|staff writer|senior"
    r"|founder|editor|author|reporter|correspondent|content|head of|director|manager|ceo|former|x\d"
    r"|photos?|photographs?|photography|fotos?|bilder|zdjęcia|kuvat?|photographies"
    r"|min read|기자|특파원|논설위원|칼럼니스트|에디터|报道|報道)\b.*$|\s*[|•·|(\[].*$|\s+[–—-]\s.*$"
    rf"|,?\s+(?:(?:le|el|am|il|em|op|dne|den)\s+)?\d.*$|(?:^|\s+|(?<=[a-z])){_MONTH}\.? \d.*$"
    rf"|\s+(?:avec|with|mit|con|com|met|med)\s+(?:agenc\w+|{_AGENCIES})\b.*$|\*+$|,\s*$",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"(?:https?://|www\.)\S+|\(?\S+@[\w.-]+\.\w+\)?|(?<=\s)@\w+")
_NOT_NAMES: Final = re.compile(
    r"@|https?:|www\.|\.(?:com|org|net|de|co)\b|^(?:admin\w*|administrator|root|editor|user|guest|staff|webmaster"
    r"|null|none|undefined|unknown|"
    r"n/?a|home|menu|search|sign ?(?:in|up)|log ?in|subscribe|share|follow|comments?|the author|authors?"
    r"|author bio|anonymous|by|posted|read more|more|"
    r"about(?: us| the author)?|contact|news|blog|(?:written|reviewed|posted|published|edited|updated) by"
    r"|website|profile|wordpress|default|test"
    r"|super ?user|ops|team|\d+.*)$"
    r"|\b(?:cookies?|click|subscribe|newsletter|sign up|article|minutes?|articles|posts|views?)\b|[<>{}=$#?!→:]",
    re.IGNORECASE,
)
_SPLIT: Final = re.compile(r"\s*(?:;|\s+&\s+|\s+(?:and|und|et|y|e|en|i|и|och|og|ve)\s+|\s*[/|]\s*)\s*")
_BETWEEN: Final = re.compile(r"(?:[\s,&]|\b(?:and|und|et|y|e|en|i|и|och|og|ve)\b)+")
_ROLE: Final = re.compile(  # what follows a comma after a name and is none
    r"\b(?:attorney|lawyer|expert|specialist|editor|writer|reporter|correspondent|director|manager|analyst|consultant"
    r"|(?:co-?)?founder|c[etf]o|president|professor|physician|dietitian|nutritionist|coach|contributor|journalist\w*"
    r"|news|media|magazine|times|university|institute|repórter|inviat[oa]"
    r"|redakteur\w*|redaktion|autor\w*|rédact\w+|periodista|giornalista|head|lead|strategist|engineer|author)\b",
    re.IGNORECASE,
)
_MARKS: Final = re.compile(r"[\W_]+")
_CREDENTIAL: Final = re.compile(
    r"^(?:(?:M|Ph|DD|Ed|Psy|D|B|R|RD|L|J)\.?\s?[DSANBPC]\.?\w{0,3}\.?[®*]?|[A-Z]{2,6}(?:-[A-Z]+)?[®*]?"
    r"|[Jj][Rr]\.?|[Ss]r\.?|I{2,3}|[Ee]sq\.?|(?:Ph|Psy|Pharm)\.?D\.?|phd|md|msc|mba|rn|rd|jd)$"
)
_JOINING: Final = frozenset(
    {"de", "van", "von", "der", "den", "da", "di", "del", "la", "le", "du", "bin", "ibn", "al", "el", "dos", "ter",
     "zu", "of", "y", "e"}
)  # fmt: skip
MOST: Final = 12  # authors of one article
_LONGEST: Final = 60  # characters of a name


def joined(values: Iterable[str], sites: Iterable[str] = ()) -> str:
    """The names in several values, each once, joined by ", "; site names and what is no name left out."""
    folded = frozenset(filter(None, map(_bare, sites)))
    given = [value for value in values if value]
    known: set[str] = set()
    names: list[str] = []
    found = [name for value in given for name in split(value) if _bare(name) not in folded]
    for name in found:
        if _bare(name) not in known:
            names.append(name)
            known.add(_bare(name))
    as_written = _as_written(given[0], names) if len(given) == 1 and len(names) == len(found) else ""
    return as_written or ", ".join(names[:MOST])


def turned(name: str) -> str:
    """ "Doe, Jane" as "Jane Doe": what catalogues and libraries state."""
    last, _, first = (part.strip() for part in name.partition(","))
    alone = len(last.split()) == 1 and 1 <= len(first.split()) <= 2 and "," not in first
    return name if not alone or _CREDENTIAL.match(first) or _ROLE.search(first) else f"{first} {last}"


def _as_written(value: str, names: Sequence[str]) -> str:
    """The part of a value from its first name to its last, when only words such as "and" stand between them."""
    text = cleaned(value)
    begin, end = (text.find(names[0]), text.rfind(names[-1]) + len(names[-1])) if names else (0, 0)
    rest = text[begin:end]
    for name in names[:MOST]:
        rest = rest.replace(name, " ", 1)
    return re.sub(r"\s+,", ",", text[begin:end]) if _BETWEEN.fullmatch(rest) and len(names) <= MOST else ""


def joins(text: str) -> bool:
    """Is it what stands between the names of two authors: a comma, an "and"?"""
    return bool(_BETWEEN.fullmatch(text) and text.strip())


def is_handle(name: str) -> bool:
    """A login rather than a name: one word, and not one that begins with its only capital."""
    return " " not in name and not name.istitle() and name.isascii()


def split(value: str) -> list[str]:
    """The names in one value."""
    text = cleaned(value)
    pieces = [piece for part in _SPLIT.split(text) for piece in _commas(part)]
    names = [cleaned(piece) for piece in pieces]
    return [name for name in names if is_name(name)]


def cleaned(value: str) -> str:
    """A byline without what leads to the name and what follows it."""
    text = " ".join(unicodedata.normalize("NFC", _ADDRESS.sub(" ", unescape(unescape(value[:1000])))).split())[
        :400
    ].strip('"“”„«»')
    for _ in range(2):
        text = _LEAD.sub("", text, count=1) if len(text) > 3 else text
    text = _END.sub("", text)
    return text.strip(" ,.;:·•|–—-") if not re.search(r"\b(?:Jr|Sr|[A-Z]|Dr|D)\.$", text) else text.strip(" ,;:·•|–—-")


def is_name(text: str) -> bool:
    """Could it be a person's or an editorial team's name?"""
    if not 2 <= len(text) <= _LONGEST or _NOT_NAMES.search(text) or not any(map(str.isalpha, text)):
        return False
    return len(text.split()) <= 7


def looks_like_person(text: str) -> bool:
    """Stricter, for text that nothing marks as a name: capitalised words, or a short name in a script without case."""
    words = text.split()
    if not is_name(text) or len(words) > 5:
        return False
    if _AGENCY.fullmatch(text):
        return True
    if not any(character.isupper() or character.islower() for character in text):
        return len(text) <= (30 if len(words) > 1 else 12)
    return len(words) >= 2 and all(word[0].isupper() or word.lower() in _JOINING for word in words)


def byline(text: str) -> str:
    """The name in a line that begins as bylines do ("By Jane Doe | 3 May"), or ""."""
    titled = _TITLED.match(text)
    if titled:
        return titled[0]
    if len(text) > 160 or not _BYLINE.match(text):
        return ""
    names = [name for name in split(text) if looks_like_person(name)]
    return _as_written(text, names) or ", ".join(names)


def is_lead(text: str) -> bool:
    """Nothing but "By" or "Written by": the name follows in the next element."""
    return bool(
        re.fullmatch(rf"\W*(?:{_BY}|{_LABEL})", f"{text.strip(' :')} ", re.IGNORECASE)
        or re.fullmatch(_LABEL, text, re.IGNORECASE)
    )


def _commas(part: str) -> Sequence[str]:
    """Names parted by commas; "Jane Doe, PhD" stays one."""
    pieces = [piece.strip() for piece in part.split(",") if piece.strip()]
    if len(pieces) < 2:
        return [part]
    names: list[str] = []
    for piece in pieces:
        if names and _CREDENTIAL.match(piece):
            names[-1] = f"{names[-1]}, {piece}"
        elif names and _ROLE.search(piece):
            break
        else:
            names.append(piece)
    return names if all(len(name.split()) >= 2 for name in names) else names[:1]


def _bare(text: str) -> str:
    return _MARKS.sub("", text.casefold())
