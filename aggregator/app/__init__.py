"""Puts the parts together for the commands.

build.py     the edges from a Config
service.py   `aggregator run`
commands.py  one round, an import, a second cleaning, a look at feeds: what ends by itself
files.py     the outputs as static files
"""
