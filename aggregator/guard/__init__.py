"""The one way out: which addresses may be asked, over which connections, and how often each host.

`allowed` and `target` judge addresses, `transport` connects to nothing else, `Hosts` gives turns. Fetching proper
(redirects, bodies, deadlines) is the business of `fetch`.
"""

from aggregator.guard.addresses import Target, allowed, refuse_literal, shown, target, told
from aggregator.guard.exchange import HungUp, failure, transport
from aggregator.guard.hosts import Hosts, Slot
from aggregator.guard.places import Places

__all__ = [
    "Hosts",
    "HungUp",
    "Places",
    "Slot",
    "Target",
    "allowed",
    "failure",
    "refuse_literal",
    "shown",
    "target",
    "told",
    "transport",
]
