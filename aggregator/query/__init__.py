"""The one query language: rules in feeds.toml, outputs, the search box and `?q=`.

    prague spring          both words, in any order          "prague spring"     next to each other, in this order
    tanks OR hungary       either                            -sport, NOT sport   without
    (a OR b) c             grouping                          demo*               words that begin so
    title:putin            in this field alone               title:(a OR b), title:"a b"
    url:/deals/            a piece of the path               lang:en             also en-GB
    age<7d  age>30d        hours, days, weeks, months of 30 days, years of 365: h d w m y
    /regex/                only where the caller allows it: in feeds.toml

AND is implied, may be written, and binds tighter than OR; the operators are capitals. A word without a field is looked
for in title, text and tags; the fields are title text author url feed tag lang. Case, width and accents don't count,
as `aggregator.tokens` has it, and what holds punctuation (`covid-19`, `U.S.`) is a phrase of its parts. Punctuation
that stands alone between words (`rock & roll`) is passed over.

`matches` answers True, False or None: not to be told from what is known so far. This package parses, matches and says
how an index may narrow a search; it runs no search.
"""

from aggregator.query.match import Subject, index_row, matches
from aggregator.query.narrow import And, Narrow, Or, Phrase, Prefix, Term, narrow
from aggregator.query.nodes import QueryError
from aggregator.query.syntax import Query, both, parse, rule_hash
from aggregator.tokens import tokens

__all__ = [
    "And",
    "Narrow",
    "Or",
    "Phrase",
    "Prefix",
    "Query",
    "QueryError",
    "Subject",
    "Term",
    "both",
    "index_row",
    "matches",
    "narrow",
    "parse",
    "rule_hash",
    "tokens",
]
