"""Which story an item is: the feed's own id, else the link, else a hash of the content.

An id that a feed gives to several stories is no identity. Two items of one document show it whose links and headlines
both differ; with one of them the same, one item repeats or edits the other. Readers that go by the id alone
(Miniflux, NetNewsWire) then lose all stories but one, and FreshRSS, which distrusts every id of such a feed from then
on, shows all its stories anew. Here the one id is distrusted, and the story that had it first keeps it: it is stored
under it. The others are known by their links, which is remembered, since they may stand alone in the next document.
Likewise a link that items without ids share under several titles: these are known by link and title.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Final

from aggregator import urls
from aggregator.parse import text
from aggregator.parse.draft import Draft

GUID: Final = 1000  # bytes; PostgreSQL's index takes 2704. A longer one is replaced by its hash
MARK_SIZE: Final = 6  # bytes

Shared = Mapping[bytes, bytes]  # by the mark of an id that several stories have, the mark of the place of its owner


def claimed(draft: Draft) -> str:
    """What the item says that it is."""
    return _bounded(text.legal(draft.id).strip()) or _without_id(draft)


def guid(draft: Draft, claim: str, shared: Shared) -> str:
    """What it is, knowing the ids that several stories have. `claim` is what `claimed` gives."""
    owner = shared.get(mark(claim)) if shared else None
    if owner is None or owner == mark(_place(draft)):
        return claim
    if not draft.id:
        return _hashed(_place(draft))
    return _bounded(_address(draft)) or _content_id(draft)  # tracked by another name at each poll, it is still the same


def mark(identity: str) -> bytes:
    """MARK_SIZE bytes that tell whether another item has the same identity; zeros for none."""
    if not identity:
        return bytes(MARK_SIZE)
    return blake2b(identity.encode("utf-8", "replace"), digest_size=MARK_SIZE).digest()


def shared_ids(drafts: Sequence[Draft], *, before: Shared, stored: Collection[int]) -> Shared:
    """The ids that several stories have: those known `before` and what all items of a document, `drafts`, show.

    `stored` are the numbers of the items that the last document held too.
    """
    found = dict(before)
    for claim, numbers in _repeated(drafts):
        key, same = mark(claim), [drafts[number] for number in numbers]
        if key in found:
            continue
        if len(same) == len(drafts) and len({draft.link or _content_id(draft) for draft in same}) > 1:
            found[key] = bytes(MARK_SIZE)  # an id of all items never was anyone's
        elif any(_is_another(draft, same[0]) for draft in same):
            owners = [drafts[number] for number in numbers if number in stored] or [_oldest(same)]
            found[key] = mark(_place(owners[0]))
    return found


def _repeated(drafts: Sequence[Draft]) -> Iterator[tuple[str, list[int]]]:
    """Each id, or link in its stead, that several items have, with their numbers."""
    ids = [draft.id.strip() or draft.link for draft in drafts]
    if len(set(ids)) == len(ids):
        return
    found: dict[str, list[int]] = {}
    for number, draft in enumerate(drafts):
        if draft.id or draft.link:
            found.setdefault(claimed(draft), []).append(number)
    yield from ((claim, numbers) for claim, numbers in found.items() if len(numbers) > 1)


def _is_another(one: Draft, other: Draft) -> bool:
    """Are these two stories, although their id, or the link in its stead, is one?"""
    if not one.id and not other.id:
        return "" != one.title.casefold() != other.title.casefold() != ""
    if _address(one) == _address(other):
        return False
    if one.title or other.title:
        return one.title.casefold() != other.title.casefold()
    return _content_id(one) != _content_id(other)


def _oldest(same: Sequence[Draft]) -> Draft:
    """By their dates, else the last in the document: most feeds begin with the newest."""
    dates = [draft.published or draft.updated for draft in same]
    dated = [(date, -place) for place, date in enumerate(dates) if date]
    return same[-min(dated)[1]] if len(dated) == len(same) else same[-1]


def _place(draft: Draft) -> str:
    if not draft.id:
        return f"{draft.link}\0{draft.title}"
    return _address(draft) or _content_id(draft)


def _address(draft: Draft) -> str:
    """The same for a link that moved to https, or is tracked by another name."""
    files = (each.url for each in draft.enclosures[:1])
    return urls.canonical(draft.link) or next(files, "")


def _without_id(draft: Draft) -> str:
    return _bounded(draft.link) or _content_id(draft)


def _bounded(identity: str) -> str:
    return identity if len(identity.encode()) <= GUID else _hashed(identity)


def _content_id(draft: Draft) -> str:
    files = (each.url for each in draft.enclosures)
    seen = "\0".join((draft.title, draft.content or draft.summary, *files))
    return _hashed(seen)


def _hashed(seen: str) -> str:
    return f"urn:blake2b:{blake2b(seen.encode('utf-8', 'replace'), digest_size=20).hexdigest()}"
