"""A PostgreSQL server of the tests' own, in a temporary folder, spoken to by a socket."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path


def programs() -> Path:
    """The folder of initdb and pg_ctl. Debian has one for each version, and none on the PATH."""
    if found := shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    return max(versions, key=lambda path: float(path.parent.name), default=Path("/nowhere"))


PROGRAMS = programs()
THERE = (PROGRAMS / "initdb").exists()


class Server:
    """A running server. `fresh()` gives the address of a new, empty database."""

    def __init__(self, folder):
        self.folder = folder
        self.made = 0

    def url(self, name):
        return f"postgresql://tester@/{name}?host={self.folder}"

    def command(self, *arguments):
        user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
        done = subprocess.run(
            arguments, capture_output=True, text=True, check=False, cwd=self.folder, timeout=60, **user
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def start(self):
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off -c max_connections=60"
        self.control("start", "-l", self.folder / "log", "-o", options)

    def control(self, *arguments):
        with (self.folder / "out").open("a") as out:  # a pipe would stay open for as long as the server runs
            user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
            command = [PROGRAMS / "pg_ctl", "-w", "-D", self.folder / "data", *arguments]
            subprocess.run(command, stdout=out, stderr=out, check=True, cwd=self.folder, timeout=60, **user)

    def sql(self, statement, database="postgres"):
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def fresh(self, template="template0"):
        self.made += 1
        self.sql(f"CREATE DATABASE store{self.made} TEMPLATE {template}")
        if self.made > 3:  # the first is a template; of the others a test uses two at most
            self.sql(f"DROP DATABASE store{self.made - 2} WITH (FORCE)")
        return self.url(f"store{self.made}")


@contextmanager
def running():
    """Start a server, and stop it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    folder.chmod(0o777)
    server = Server(folder)
    server.command(
        PROGRAMS / "initdb", "-D", folder / "data", "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C"
    )
    server.start()
    try:
        yield server
    finally:
        server.control("stop", "-m", "immediate")
        shutil.rmtree(folder)
