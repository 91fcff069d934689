"""A background service that polls feeds, cleans the stories behind them and republishes one combined feed."""
