"""For the statements that every story and every changed feed runs: compiled once, executed by the driver itself.

SQLAlchemy takes several times as long as SQLite over one row found by its key. Values reach the driver as they are
(numbers, texts, bytes, None), rows are plain tuples, and errors are the driver's own, which `database` puts into words.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Dialect, Executable, Insert

KEPT: Final = 1000  # compiled statements: of one with a list there is one for each length of that

Names = tuple[tuple[str, int], ...]  # of the values, and the length of a list's; -1 for what is none


def run(connection: Connection, statement: Executable, values: Mapping[str, Any]) -> Any:
    """Execute; gives the driver's cursor."""
    names = tuple((name, len(value) if isinstance(value, list) else -1) for name, value in values.items())
    text, order, fixed = _compiled(statement, connection.dialect, names)
    given = fixed | _flat(values)
    return _driver(connection).execute(text, given if order is None else [given[name] for name in order])


def many(connection: Connection, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
    """Execute for each of the rows, which all have the same names and no lists."""
    text, order, fixed = _compiled(statement, connection.dialect, tuple((name, -1) for name in rows[0]))
    given = [fixed | dict(row) for row in rows]
    ordered = given if order is None else [[row[name] for name in order] for row in given]
    _driver(connection).cursor().executemany(text, ordered)


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


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
    statement: Executable, dialect: Dialect, names: Names
) -> tuple[str, tuple[str, ...] | None, dict[str, Any]]:
    """The SQL, the names in order where the driver takes values by place, and the values that the statement has."""
    given = {name: None if length < 0 else [None] * length for name, length in names}
    keys = [name for name, _ in names] if isinstance(statement, Insert) else None
    compiled: Any = statement.compile(dialect=dialect, column_keys=keys)  # type: ignore[attr-defined]  # as all of ours
    state = compiled.construct_expanded_state(given)
    order = None if state.positiontup is None else tuple(state.positiontup)
    return state.statement, order, dict(state.parameters)
