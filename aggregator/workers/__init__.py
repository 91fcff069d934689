"""Killable processes for what hostile bytes could stall or blow up: parsing, cleaning, sanitising.

A task that overruns its time or memory loses its process, not the service. What the tasks do is not known here.
"""

from aggregator.workers.pool import Workers
from aggregator.workers.processes import MAX_RESULT, Remote

__all__ = ["MAX_RESULT", "Remote", "Workers"]
