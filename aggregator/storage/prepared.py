"""For the statements that every story and every changed feed runs: compiled once, executed by the driver itself.

SQLAlchemy takes several times as long as SQLite over one row found by its key. Values reach the driver as they are
(numbers, texts, bytes, None), rows are plain tuples, and errors are the driver's own, which `database` puts into words.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Dialect, Executable, Insert

KEPT: Final = 1000  # compiled statements: of one with a list there is one for each length of that

Lengths = tuple[int, ...]  # of the values that are lists; -1 for what is none

_LAST: Final = "last"  # in a connection's `info`: what is done at the end of its transaction


def run(connection: Connection, statement: Executable, values: Mapping[str, Any]) -> Any:
    """Execute; gives the driver's cursor."""
    lengths = tuple([len(value) if isinstance(value, list) else -1 for value in values.values()])
    text, order, fixed = _compiled(statement, connection.dialect, tuple(values), lengths)
    given = {**fixed, **(values if max(lengths, default=-1) < 0 else _flat(values))}
    return _driver(connection).execute(text, given if order is None else [given[name] for name in order])


def many(connection: Connection, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
    """Execute for each of the rows, which all have the same names and no lists."""
    text, order, fixed = _compiled(statement, connection.dialect, tuple(rows[0]), (-1,) * len(rows[0]))
    given = [{**fixed, **row} for row in rows] if fixed else rows
    ordered = given if order is None else [[row[name] for name in order] for row in given]
    _driver(connection).cursor().executemany(text, ordered)


def at_last(connection: Connection, statement: Executable, row: Mapping[str, Any]) -> None:
    """Execute at the end of the transaction, together with what else waits for it."""
    connection.info.setdefault(_LAST, []).append((statement, row))


def finish(connection: Connection) -> None:
    """Execute now what was to be done at the end."""
    waiting: dict[Executable, list[Mapping[str, Any]]] = {}
    for statement, row in forget(connection):
        waiting.setdefault(statement, []).append(row)
    for statement, rows in waiting.items():
        many(connection, statement, rows)


def forget(connection: Connection) -> list[tuple[Executable, Mapping[str, Any]]]:
    """What was to be done at the end, which is no longer waited for: a connection outlives its transactions."""
    left: list[tuple[Executable, Mapping[str, Any]]] = connection.info.pop(_LAST, [])
    return left


def _driver(connection: Connection) -> Any:
    return connection.connection.dbapi_connection  # with a driver that isn't async, the driver's own


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Each item of a list under the name that SQLAlchemy gives it."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, list):
            flat.update((f"{name}_{place}", item) for place, item in enumerate(value, start=1))
        else:
            flat[name] = value
    return flat


@lru_cache(maxsize=KEPT)
def _compiled(
    statement: Executable, dialect: Dialect, names: tuple[str, ...], lengths: Lengths
) -> tuple[str, tuple[str, ...] | None, dict[str, Any]]:
    """The SQL, the names in order where the driver takes values by place, and the values that the statement has."""
    given = {name: None if length < 0 else [None] * length for name, length in zip(names, lengths, strict=True)}
    keys = list(names) if isinstance(statement, Insert) else None
    compiled: Any = statement.compile(dialect=dialect, column_keys=keys)  # type: ignore[attr-defined]  # as all of ours
    state = compiled.construct_expanded_state(given)
    order = None if state.positiontup is None else tuple(state.positiontup)
    own = state.parameters.keys() - _flat(given).keys()
    return state.statement, order, {name: state.parameters[name] for name in own}
