"""A background service that polls feeds, cleans the stories behind them and republishes one combined feed."""

from typing import Final

__version__: Final = "0.1.0"
