"""feeds.toml and the environment, read into one frozen `Config`; and sources appended to feeds.toml by `add` and
`import`.

Everything is checked before anything is touched: what is wrong is refused with file, line, key and what to do. Does not
open the store, reach the network or remember anything between two calls.
"""

from aggregator.config.adding import append_feed, append_feeds
from aggregator.config.loading import find, load
from aggregator.config.values import Config, Output

__all__ = ["Config", "Output", "append_feed", "append_feeds", "find", "load"]
