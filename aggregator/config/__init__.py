"""feeds.toml and the environment, read into one frozen `Config`; and a source appended to feeds.toml by `add`.

Everything is checked before anything is touched: what is wrong is refused with file, line, key and what to do. Does not
open the store, reach the network or remember anything between two calls.
"""

from aggregator.config.adding import append_feed
from aggregator.config.loading import find, load
from aggregator.config.values import Config, Output

__all__ = ["Config", "Output", "append_feed", "find", "load"]
