"""The command as people call it, without the half second in which Python loads it: that is most of what a test waits for.

A process loads the command once; each call is a copy (fork) of it with the folder, environment, input and output that
were asked for. Whatever a command does, it does itself; only modules are there already. What must begin with Python
itself (another environment of Python's, a terminal, the service) is started as always.
"""

import atexit
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile

PATIENCE = 300.0  # seconds


def call(
    *arguments: str, cwd: Path, env: Mapping[str, str] | None = None, given: str | None = None
) -> subprocess.CompletedProcess[str]:
    """`aggregator ARGUMENTS...` in a folder: its exit code and what it says. Without `env` it knows nothing of ours."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("AGGREGATOR")} if env is None else env
    with TemporaryFile() as stdin, TemporaryFile() as stdout, TemporaryFile() as stderr:
        stdin.write((given or "").encode())
        stdin.seek(0)
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(PATIENCE)
            link.connect(_loaded())
            asked = {"arguments": arguments, "cwd": str(cwd), "env": dict(env)}
            socket.send_fds(link, [b"."], [stdin.fileno(), stdout.fileno(), stderr.fileno()])
            link.sendall(json.dumps(asked).encode())
            link.shutdown(socket.SHUT_WR)
            code = int(link.makefile().read())
        said = []
        for file in (stdout, stderr):
            file.seek(0)
            said.append(file.read().decode())
    return subprocess.CompletedProcess(arguments, code, *said)


@cache
def _loaded() -> str:
    """The address at which the process that has loaded the command takes calls."""
    process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None and process.stdout is not None

    def end() -> None:
        process.communicate()

    atexit.register(end)
    return "\0" + process.stdout.readline().strip()


def serve() -> socket.socket | None:
    """Take calls until the tests have ended. Comes back with the call in each copy of this process that is to answer one."""
    ended, wake = socket.socketpair()
    for end in (ended, wake):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno())
    name, calls = f"aggregator-tests-{os.getpid()}", dict[int, socket.socket]()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0" + name)
        listener.listen(50)
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
        while sys.stdin not in (ready := select.select([listener, sys.stdin, ended], [], [])[0]):
            if ended in ready:
                ended.recv(4096)
                _reply(calls)
            if listener in ready:
                link, _ = listener.accept()
                if not (pid := os.fork()):
                    return link
                calls[pid] = link
    return None


def _reply(calls: dict[int, socket.socket]) -> None:
    while calls and (ended := os.waitpid(-1, os.WNOHANG))[0]:
        with calls.pop(ended[0]) as link, suppress(OSError):  # nobody waits for it any more
            link.sendall(str(os.waitstatus_to_exitcode(ended[1])).encode())


def become(link: socket.socket) -> None:
    """Be the command that was asked for."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with link:
        _, files, _, _ = socket.recv_fds(link, 1, 3)
        asked = json.loads(link.makefile().read())
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = ["aggregator", *asked["arguments"]]
    runpy.run_module("aggregator", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    import aggregator.app
    import aggregator.cli  # noqa: F401 - to have them loaded

    if (asked := serve()) is not None:
        become(asked)
