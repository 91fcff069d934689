"""Serves feeds, pages, health and the API over HTTP. Reads the store through a protocol, changes nothing on GET."""

from aggregator.web.app import create_app
from aggregator.web.deps import Health, WebDeps

__all__ = ["Health", "WebDeps", "create_app"]
