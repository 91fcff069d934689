"""Ports for servers of tests: below those that the kernel gives to connections, so that none takes one in between."""

import random
import socket
from contextlib import ExitStack

FIRST, LAST = 15_000, 32_000


def free_port(neighbours: int = 0) -> int:
    """A port that nobody listens on, as are so many after it."""
    while True:
        port = random.SystemRandom().randrange(FIRST, LAST)
        with ExitStack() as stack:
            try:
                for number in range(port, port + neighbours + 1):
                    stack.enter_context(socket.socket()).bind(("", number))
            except OSError:
                continue
            return port
