"""What is loaded before workers are forked: all that a task of the kind uses, and no more than that."""

import json
import subprocess
import sys

import pytest

TASKS = """
import json
import sys
import aggregator.clean as cleaner
from aggregator.model import Document, Site
from aggregator.pipeline.edges import cleaner as task

document = Document(kind={kind!r}, body={body!r}, url="https://site.example/1")
getattr(cleaner, task(document).ready)()
before = set(sys.modules)
cleaned = cleaner.work(document, None, Site())
assert cleaned.article.text
print(json.dumps([sorted(set(sys.modules) - before), sorted(before)]))
"""
STORY = "<p>The council has said that the old bridge is to be closed for the winter, and that it was not safe.</p>" * 5


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("fragment", STORY),
        ("page", f"<html><head><title>A bridge</title></head><body><article>{STORY}</article></body></html>"),
        ("text", STORY.replace("<p>", "").replace("</p>", "\n\n")),
    ],
)
def test_a_task_finds_loaded_what_it_needs(kind: str, body: str) -> None:
    script = TASKS.format(kind=kind, body=body)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    loaded_late, loaded = json.loads(done.stdout)
    assert loaded_late == []
    assert ("trafilatura" in loaded) is (kind != "fragment")
