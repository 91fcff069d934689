"""What `clean` shows of documents, to people or as JSON: one as itself, several in turn under their names."""

from collections.abc import Iterator
from dataclasses import asdict

from aggregator.app.commands import Looked
from aggregator.cli.frame import as_json, counted, note, out, shown
from aggregator.cli.jsonl import told
from aggregator.model import Cleaned

_LINE = 160  # characters of a block's line where no terminal says how many


class Printer:
    """Prints one document after the other. The first waits for a second, which decides whether it needs a name."""

    def __init__(self, *, explain: bool, as_data: bool) -> None:
        self.failed = 0
        self._print = _data if as_data else _explained if explain else _text
        self._as_data = as_data
        self._first: Looked | None = None
        self._printed = self._skipped = 0

    def take(self, one: Looked) -> None:
        """The next document, or what is none."""
        if one.skipped:
            self._skipped += 1
        elif self._first is None:
            self._first = one
        else:
            if not self._printed:
                self._named(self._first)
            self._named(one)

    def close(self) -> None:
        """All have been taken."""
        if self._printed:
            if self._as_data:
                out("\n]")
            note(f"{counted(self._printed, 'document', 'documents')}, {self.failed} without an article")
        elif self._first is not None:
            self._alone(self._first)
        else:
            self.failed += 1
            note("there is nothing to clean in it")
        if self._skipped:
            note(f"{counted(self._skipped, 'file', 'files')} of kinds that hold no article passed over")

    def _alone(self, one: Looked) -> None:
        self.failed += not _whole(one)
        if one.whole is not None:
            self._print(one.whole.cleaned, {})
            if self._as_data:
                out()

    def _named(self, one: Looked) -> None:
        self.failed += not _whole(one)
        if self._as_data:
            out("," if self._printed else "[")
        else:
            out(f"{chr(10) if self._printed else ''}== {shown(one.name)}")
        self._printed += 1
        if one.whole is not None:
            self._print(one.whole.cleaned, {"name": one.name})
        elif self._as_data:
            print(as_json({"name": one.name, "error": one.problem}, indent=2), end="")


def _whole(one: Looked) -> bool:
    """Whether all of an article was found; says on standard error what is missing."""
    if one.whole is None:
        note(one.problem)
        return False
    article = one.whole.cleaned.article
    if one.whole.error:
        note(f"only a part: {one.whole.error.message}")
    elif not (article.text or article.html):
        note(f"{one.name}: no article found in it ({article.quality}); --explain shows why")
    return not one.whole.error and bool(article.text or article.html)


def _data(cleaned: Cleaned, head: dict[str, str]) -> None:
    print(as_json(head | told(cleaned) | asdict(cleaned), indent=2), end="")


def _text(cleaned: Cleaned, _: dict[str, str]) -> None:
    article = cleaned.article
    out(shown(article.title))
    for paragraph in ("", *article.text.split("\n")):
        out(shown(paragraph))


def _explained(cleaned: Cleaned, _: dict[str, str]) -> None:
    """The document's blocks in order, kept or removed; in colour and as wide as the terminal where there is one."""
    from rich.console import Console
    from rich.text import Text

    article = cleaned.article
    console = Console(highlight=False, soft_wrap=True)
    width = console.width if console.is_terminal else _LINE
    console.print(Text(shown(article.title), style="bold"))
    for line in _decided(cleaned):
        console.print(Text(line))
    marked = [("+", "green", block) for block in cleaned.kept] + [("-", "red", block) for block in cleaned.removed]
    for mark, style, block in sorted(marked, key=lambda row: row[2].place):
        row = Text(f"{mark} {block.score:4.2f} {block.reason:24} {shown(block.text)}", style=style)
        row.truncate(width, overflow="ellipsis")
        console.print(row)


def _decided(cleaned: Cleaned) -> Iterator[str]:
    article = cleaned.article
    published = article.published.isoformat() if article.published else "-"
    yield (
        f"decided by {cleaned.layer or 'nothing: there is no story in it'}; {article.quality}; "
        f"author {shown(article.author) or '-'}; published {published}; language {article.language or '-'}"
    )
    if cleaned.pages:
        yield f"put together from {len(cleaned.pages)} pages: {' '.join(map(shown, cleaned.pages))}"
    yield "+ kept, - removed; the number is the judge's probability that the block is part of the story"
