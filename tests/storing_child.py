"""A process of its own for the tests of the store's durability: does one thing to a store, telling what is done.

python -m tests.storing_child add FILE FROM TO [PAUSE]     one line for each article that is stored
python -m tests.storing_child open FILE
python -m tests.storing_child lock FILE                    takes the poller's lock and waits
python -m tests.storing_child full FILE BYTES              adds until files may not grow past BYTES, then without bound
python -m tests.storing_child user FILE                    opens it as nobody
"""

import os
import resource
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from aggregator.errors import StorageError
from aggregator.storage import open_storage
from tests.storing import FEED, NOW, imported, poll, work_of
from tests.storing import addition as story
from tests.storing import new as new_entry


def say(word):
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def add(path, start, stop, pause="0"):
    with closing(open_storage(f"sqlite:///{path}")) as storage:
        say("open")
        for number in range(int(start), int(stop)):
            if number % 2:
                poll(storage, new_entry(f"n{number}"), etag=f'"{number}"')
                if not storage.work(NOW, 1):  # an earlier process stored it, and was killed before it could say so
                    continue
                added = storage.add_article(story(work_of(storage, f"n{number}")), now=NOW)
            else:
                added = storage.add_article(imported(number), now=NOW)
            say(f"{number} {added.key}")
            time.sleep(float(pause))


def opened(path):
    open_storage(f"sqlite:///{path}").close()
    say("open")


def lock(path):
    with closing(open_storage(f"sqlite:///{path}")) as storage, storage.poller_lock():
        say("locked")
        time.sleep(60)


def full(path, size):
    with closing(open_storage(f"sqlite:///{path}")) as storage:
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), most))
        number = 0
        try:
            while number < 2000:
                say(storage.add_article(imported(number), now=NOW).key)
                number += 1
        except StorageError as error:
            say(f"refused {error.message}")
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, most))
        try:
            storage.writable()
        except StorageError:
            say(f"unwritable, {len(storage.live(1000, NOW))} to read")
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        storage.writable()
        say(storage.add_article(imported("after"), now=NOW).key)
        say(storage.feed_states().get(FEED.url, "no feed"))


def user(path):
    with tempfile.TemporaryDirectory() as folder:  # what is imported late is imported now, while it can be read
        open_storage(f"sqlite:///{Path(folder) / 'x.db'}").close()
    if os.getuid() == 0:
        os.setuid(65534)
    try:
        open_storage(f"sqlite:///{path}").close()
        say("opened")
    except StorageError as error:
        say(error.message)


if __name__ == "__main__":
    {"add": add, "open": opened, "lock": lock, "full": full, "user": user}[sys.argv[1]](*sys.argv[2:])
