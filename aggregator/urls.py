"""Addresses: made absolute, cleaned of tracking, and brought to one form for comparing.

Does not fetch, and does not judge whether an address may be fetched: that is guard's. Nothing here raises, whatever the
string; what is no http(s) address comes back as "".
"""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from w3lib.url import canonicalize_url

MAX_URL: Final = 2048  # characters; what browsers and feed readers are sure to take
MAX_HOST: Final = 253  # RFC 1035; checked before IDNA, which is quadratic in Python's codec

# What was worked out lately is kept, a few MB at most: a story's address is asked about again and again on its way.
_KEPT: Final = 2048
_KEPT_LENGTH: Final = 512  # characters; longer ones are rare, and a hostile feed could fill memory with them

# Query parameters that say how a reader came, not what is read. The last group also carries meaning elsewhere and goes
# only with a value that says "came by the feed". Matched against a whole `name=value`.
_TRACKING: Final = re.compile(
    r"""(?:
    (?: utm_ | mtm_ | pk_ | hsa_ | _hs | stm_ | oly_ | vero_ | matomo_ | piwik_ | itm_ | guce_ | trk_ | hmb_ | cvo_
      | at_(?:campaign|medium|custom|link|format|ptr_|bbc) | ns_(?:mchannel|source|campaign|linkname|fee)
      | mc_[ce]id | fb_(?:action|ref|source) | sc_(?:cid|channel|campaign) | wt[._](?:mc|zmc) | xtor | ml_subscriber
    )[^=]*
    | (?: fbclid | gclid | gclsrc | dclid | [gw]braid | msclkid | ys?clid | twclid | ttclid | igsh(?:id)? | li_fat_id
      | mkt_tok | _openstat | cmpid | cmp | ocid | icid | ncid | smid | emc | ftag | s_cid | mbid | sr_share | srsltid
      | __twitter_impression | guccounter | _ga | _gl | _ke | __s | __tn__ | __hs[a-z]* | ck_subscriber_id | wickedid
      | rb_clickid | s_kwcid | ef_id | epik | traffic_source | feature_source | soc_src | soc_trk | spm | scm
      | share_(?:source|medium) | sharetype | tduid | zanpid | irclickid | irgwc | awc | dm_i | oref | nr_email_referer
      | feedname | feedtype | rssfeed | rss_source | referral_source
    )
    )(?:=.*)?\Z
    | (?P<told> (?: ref | source | src | from | via | partner | medium | cid | share | rss | referrer | origin )
      =(?: rss(?:[12]?|20|[12]\.0|[_-]?feed) | atom | feeds? | xml | 1 )\Z)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
# A query with one of these was signed as a whole: nothing can be taken out of it.
_SIGNED: Final = re.compile(
    r"[?&](?:[\w-]*signature|sig|sign|hmac|hash|token|key-pair-id|x-amz-[\w-]+|x-goog-[\w-]+)=", re.IGNORECASE
)

# Before another parameter within the value of one, where a site parts them by other signs than "&".
_PARTED: Final = re.compile(r"[;?](?=[^=;?]+=)")

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_SLASHES: Final = re.compile(r"^(?:feed:)?(https?):[\\/]*|^feed:[\\/]*(?=\w)", re.IGNORECASE)
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
# What `resolve` gives back as it is, which is most of what pages hold, and what it puts behind a site's root
_WRITTEN: Final = r"(?:[A-Za-z0-9_.~/:@!$&'()*+,=-]|%[0-9A-Fa-f]{2})"
_BEHIND: Final = rf"{_WRITTEN}*(?:\?(?:{_WRITTEN}|[?;])+)?(?:\#(?:{_WRITTEN}|[?;])+)?"
_WHOLE: Final = re.compile(
    rf"https?://(?=[^/]{{1,{MAX_HOST}}}/)[a-z0-9]+(?:(?:-+|\.)[a-z0-9]+)*(?::[1-9][0-9]{{0,3}})?/{_BEHIND}"
)
_ROOTED: Final = re.compile(rf"/(?!/)(?![^?#]*/\.)(?!\.){_BEHIND}")
_STRAY_PERCENT: Final = re.compile(r"%(?![0-9a-fA-F]{2})")
_ASCII_HOST: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\Z")
_IPV6: Final = re.compile(r"\[[0-9a-f:.]+\]\Z")
_VARIANT_HOST: Final = re.compile(r"^(?:(?:www\d?|m|mobile|amp)\.)+(?=[^.]+\.[^.])")
_AMP_CACHE: Final = re.compile(
    r"https://(?:google\.[a-z.]{2,6}/amp/|[\w-]+\.cdn\.ampproject\.org/[cvw]/)(?:s/)?+(?=\w+\.\w)", re.IGNORECASE
)
_AMP_PARAMETER: Final = re.compile(r"(?:amp(?:=(?:1|true)?)?|outputtype=amp)\Z", re.IGNORECASE)
_PATH_END: Final = re.compile(
    r"(?:/amp|/index\.(?:html?|php)|\.amp(?:\.html?)?|;jsessionid=[^/;]*|[/;])+\Z", re.IGNORECASE
)
_PATH_START: Final = re.compile(r"^(?:/amp(?=/))+", re.IGNORECASE)
_ASKED: Final = re.compile(r"([^:/?#]+)://((?:[^/?#]*@)?)([^/?#]*)/?([^#]*)", re.DOTALL)
_OWN_PORT: Final = {"http": ":80", "https": ":443"}


def is_http(url: str) -> bool:
    """Is this an absolute http or https address with a host?"""
    return bool(host(url))


def host(url: str) -> str:
    """The host in lower-case ASCII (IDNA), IPv6 in brackets; "" when there is none or the scheme is another."""
    return _kept_host(url) if len(url) <= _KEPT_LENGTH else _host(url)


def _host(url: str) -> str:
    parts = _split(url.strip())
    return _ascii_host(parts) if parts else ""


_kept_host: Final = lru_cache(maxsize=_KEPT)(_host)


def site(url: str) -> str:
    """The key of a site's memory: the host without www., m., mobile. and amp."""
    return _VARIANT_HOST.sub("", host(url))


def without_login(url: str) -> str:
    """The same address as it may be shown: without the user name and password that any scheme's may carry."""
    scheme, mark, rest = url.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    return f"{scheme}{mark}{rest[authority.rfind('@') + 1 :]}"


def asked(url: str) -> str:
    """What a request for this address asks for, to compare: neither the case of scheme and host, nor the scheme's own
    port, an empty path or a fragment makes another of it.
    """
    found = _ASKED.match(url)
    if not found:
        return url
    scheme, host = found[1].lower(), found[3].lower()
    return f"{scheme}://{found[2]}{host.removesuffix(_OWN_PORT.get(scheme, ''))}/{found[4]}"


def resolve(base: str, link: str) -> str:
    """`link` as an absolute http(s) address in ASCII of at most MAX_URL characters, or "".

    Takes what feeds really hold: blanks, backslashes, `http:/host`, `www.host` without a scheme, IRIs. Credentials are
    left out, since a link that inherits those of the feed's own address would publish them.
    """
    if len(link) <= MAX_URL and _WHOLE.fullmatch(link):
        return str(link)  # lxml's strings are a kind of their own, hold their page, and can't go to another process
    if len(link) <= _KEPT_LENGTH >= len(base) and _ROOTED.fullmatch(link):
        root = _root(base)
        return f"{root}{link[1:]}" if root else ""
    return _resolved(base, link)


def _resolved(base: str, link: str) -> str:
    link = _plain_link(link)
    if not link or len(link) > 2 * MAX_URL:
        return ""
    if not _SCHEME.match(link):
        link = _join(base, link)
    parts = _split(link)
    name = _ascii_host(parts) if parts else ""
    if not parts or not name:
        return ""
    port = f":{parts.port}" if parts.port is not None else ""
    query = f"?{_quote(parts.query)}" if parts.query else ""
    fragment = f"#{_quote(parts.fragment)}" if parts.fragment else ""
    url = f"{parts.scheme}://{name}{port}{_quote(parts.path) or '/'}{query}{fragment}"
    return url if len(url) <= MAX_URL else ""


@lru_cache(maxsize=_KEPT)
def _root(base: str) -> str:
    return _resolved(base, "/")


def strip_tracking(url: str) -> str:
    """The same address for people: tracking parameters taken out, everything else byte for byte as it was."""
    head, hash_mark, fragment = url.partition("#")
    path, mark, query = head.partition("?")
    if mark:
        kept = [part for part in query.split("&") if not _is_tracking(part)]
        head = path + mark + "&".join(kept) if any(kept) else path
    if fragment and (fragment.startswith(":~:") or all(_is_tracking(part) for part in fragment.split("&"))):
        hash_mark = fragment = ""
    return head + hash_mark + fragment


def for_readers(url: str) -> str:
    """The address to be clicked on: without the tracking parameters that can't say what is read.

    What carries meaning elsewhere stays, and an address with a signature stays whole.
    """
    head, hash_mark, fragment = url.partition("#")
    path, mark, query = head.partition("?")
    if not mark or _SIGNED.search(head):
        return url
    parts = query.split("&")
    kept = [part for part in parts if not _is_tracking(part, surely=True)]
    if len(kept) == len(parts):
        return url
    left = f"{mark}{'&'.join(kept)}" if any(kept) else ""
    return f"{path}{left}{hash_mark}{fragment}"


def canonical(url: str) -> str:
    """One form for all the spellings of an address: to compare and as a key, never to fetch. "" when not http(s).

    Folds http and https, host variants (`site`), default ports, credentials, fragments (but `#!`), tracking, the order
    of parameters, a trailing slash or index page, doubled slashes, percent-encoding, and AMP in all its forms.
    """
    return _kept_canonical(url) if len(url) <= _KEPT_LENGTH else _canonical(url)


def _canonical(url: str) -> str:
    absolute = resolve("", url)
    if not absolute:
        return ""
    parts = urlsplit(strip_tracking(absolute))
    query = "&".join(part for part in parts.query.split("&") if part and not _AMP_PARAMETER.match(part))
    port = f":{parts.port}" if parts.port not in {None, 80, 443} else ""
    fragment = f"#{parts.fragment}" if parts.fragment.startswith("!") else ""
    address = f"https://{site(absolute)}{port}{re.sub('/{2,}', '/', parts.path)}?{query}{fragment}"
    normal = canonicalize_url(address, keep_fragments=True)
    folded = _fold_path(normal)
    cached = _AMP_CACHE.match(normal) or _AMP_CACHE.match(folded)
    return canonical(f"https://{cached.string[cached.end() :]}") if cached else folded


_kept_canonical: Final = lru_cache(maxsize=_KEPT)(_canonical)


def _fold_path(url: str) -> str:
    parts = urlsplit(url)
    path = _PATH_START.sub("", _PATH_END.sub("", parts.path)) or "/"
    return parts._replace(path=path).geturl()


def _is_tracking(parameter: str, *, surely: bool = False) -> bool:
    found = [_TRACKING.match(part) for part in _PARTED.split(parameter)]
    return all(each is not None and not (surely and each["told"]) for each in found)


def _plain_link(link: str) -> str:
    """Without blanks around it and control characters inside (as browsers do), slashes the right way and number."""
    link = _CONTROL.sub("", link.strip()).strip()
    head, mark, tail = re.match(r"([^?#]*)([?#]?)(.*)", link, re.DOTALL).groups()  # type: ignore[union-attr]  # matches ""
    link = head.replace("\\", "/") + mark + tail
    return _SLASHES.sub(lambda found: f"{(found[1] or 'http').lower()}://", link)


def _join(base: str, link: str) -> str:
    if link.lower().startswith("www."):
        return f"http://{link}"
    if ":" in re.split("[/?#]", link, maxsplit=1)[0]:
        return ""  # a broken scheme, as in `java script:`, is no path
    if link.startswith("//"):
        return f"{base.partition(':')[0] if is_http(base) else 'https'}:{link}"
    try:
        return urljoin(_plain_link(base), link)
    except ValueError:
        return ""


def _split(url: str) -> SplitResult | None:
    """The parts of an http(s) address with a usable port, else None."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return parts if usable else None


def _ascii_host(parts: SplitResult) -> str:
    try:
        name = (parts.hostname or "").rstrip(".")
        if not name or len(name) > MAX_HOST:
            return ""
        if ":" in name:
            name = f"[{name}]"
            return name if _IPV6.match(name) else ""
        if not name.isascii():
            name = name.encode("idna").decode("ascii").lower()
    except ValueError:
        return ""
    return name if _ASCII_HOST.match(name) and len(name) <= MAX_HOST and ".." not in name else ""


def _quote(part: str) -> str:
    """Percent-encodes what a URL may not hold, leaving what is encoded already as it is."""
    return quote(_STRAY_PERCENT.sub("%25", part), safe="/%:@!$&'()*+,;=~-._?")
