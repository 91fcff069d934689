"""Worker processes: what comes back, what is killed, and that nothing is left behind."""

import asyncio
import os
import pickle
import resource
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest
import worker_tasks as tasks

from aggregator.errors import ParseError, WorkerError
from aggregator.model import Enclosure, Removed
from aggregator.workers import MAX_RESULT, Remote, Workers
from aggregator.workers.processes import Nursery

MEMORY = 256 * 2**20


@pytest.fixture
async def workers():
    pool = Workers(2, timeout=20.0, memory=MEMORY)
    yield pool
    await pool.aclose()
    assert _children() == _children("nursery") == []


def _children(name="worker"):
    """The workers that are alive, or nurseries; other tests' processes may be there too."""
    alive = [child for child in psutil.Process().children(recursive=True) if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in alive if _said(child, child.name) == name and _is_ours(child)]


def _is_ours(child):
    return any(part.endswith("/workers/child.py") for part in _said(child, child.cmdline) or ())


def _said(child, of):
    try:
        return of()
    except psutil.NoSuchProcess:
        return None


async def failed(action, kind=WorkerError):
    with pytest.raises(kind) as caught:
        await action
    assert caught.value.message.isprintable()
    return caught.value


async def test_a_task_runs_elsewhere_and_its_process_is_used_again(workers):
    first = await workers.run(os.getpid)
    assert first != os.getpid()
    assert await workers.run(os.getpid) == first
    assert await workers.run(tasks.echo, {"a": (1, "ü", b"\0", None, {2, 3})}) == {"a": (1, "ü", b"\0", None, {2, 3})}


async def test_only_as_many_are_started_as_are_needed():
    pool = Workers(3, timeout=20.0, memory=MEMORY, patience=600.0)
    assert _children() == []
    pids = await asyncio.gather(*(pool.run(os.getpid) for _ in range(9)))
    assert len(set(pids)) == 1
    await pool.aclose()


async def test_a_task_that_has_waited_long_gets_a_process_of_its_own():
    pool = Workers(2, timeout=60.0, memory=MEMORY, patience=0.05)
    pids = await asyncio.gather(*(pool.run(tasks.sleep, 0.3) for _ in range(6)))
    assert len(set(pids)) == 2
    await pool.aclose()
    assert _children() == []


async def test_a_task_that_waits_for_a_process_that_dies_gets_another_one():
    pool = Workers(2, timeout=20.0, memory=MEMORY, patience=600.0)
    first, second = await asyncio.gather(pool.run(os._exit, 3), pool.run(os.getpid), return_exceptions=True)
    assert isinstance(first, WorkerError)
    assert isinstance(second, int)
    await pool.aclose()


async def test_a_nursery_outlives_its_workers_for_a_while():
    pool = Workers(2, timeout=20.0, memory=MEMORY, idle=0.5)
    first = await pool.run(os.getpid)
    (nursery,) = _children("nursery")
    while _children():
        await asyncio.sleep(0.02)
    assert _children("nursery") == [nursery]
    assert await pool.run(os.getpid) != first
    while _children("nursery"):
        await asyncio.sleep(0.05)
    await pool.aclose()


async def test_workers_share_what_was_made_ready_once():
    pool = Workers(2, timeout=60.0, memory=MEMORY, patience=0.0)
    ready = Remote("worker_tasks", "made_ready", "make_ready")
    assert await pool.run(tasks.made_ready) == []
    (first,) = _children("nursery")
    assert [await pool.run(ready) for _ in range(3)] == [[first.pid]] * 3
    assert await asyncio.gather(*(pool.run(Remote("worker_tasks", "sleep", "make_ready"), 0.2) for _ in range(2)))
    assert [await pool.run(ready) for _ in range(3)] == [[first.pid]] * 3
    assert await pool.run(tasks.made_ready) == [first.pid]  # what has more will do
    await pool.aclose()


@pytest.mark.parametrize(("module", "ready"), [("no_such_module", ""), ("worker_tasks", "fail_to_load")])
async def test_what_cannot_be_loaded_is_told_and_costs_nobody_else(workers, module, ready):
    error = await failed(workers.run(Remote(module, "echo", ready), 1))
    assert error.error_class == "crashed"
    assert "can't be loaded" in error.message
    assert "Traceback" in error.__notes__[0]
    assert await workers.run(tasks.echo, 1) == 1


async def test_a_nursery_that_dies_is_replaced(workers):
    assert await workers.run(tasks.echo, 1) == 1
    running = asyncio.create_task(workers.run(tasks.sleep, 60))
    await asyncio.sleep(0.1)
    (nursery,) = _children("nursery")
    nursery.kill()
    assert (await failed(running)).error_class == "out_of_memory"
    assert await workers.run(tasks.echo, 1) == 1
    assert _children("nursery") != [nursery]


async def test_a_nursery_that_dies_as_it_loads_is_told(workers):
    error = await failed(workers.run(Remote("worker_tasks", "echo", "crash"), 1))
    assert error.error_class == "crashed"
    assert "starts workers" in error.message
    assert await workers.run(tasks.echo, 1) == 1


async def test_giving_up_as_a_process_starts_leaves_none_behind(workers):
    starting = asyncio.create_task(workers.run(Remote("worker_tasks", "echo", "load_slowly"), 1))
    while not _children("nursery"):
        await asyncio.sleep(0.01)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert await workers.run(tasks.echo, 1) == 1
    while len(_children()) > 1:
        await asyncio.sleep(0.02)


async def test_closing_refuses_what_waits_for_a_process():
    pool = Workers(2, timeout=60.0, memory=MEMORY, patience=600.0)
    running = [asyncio.create_task(pool.run(tasks.sleep, 60)) for _ in range(3)]
    await asyncio.sleep(0.1)
    await pool.aclose()
    ends = await asyncio.gather(*running, return_exceptions=True)
    assert [isinstance(end, WorkerError) for end in ends] == [True] * 3
    assert _children() == []


async def test_our_errors_come_back_as_they_are(workers):
    error = await failed(workers.run(tasks.refuse, "no feed at all"), ParseError)
    assert (error.message, error.error_class) == ("no feed at all", "not_a_feed")


async def test_any_other_exception_is_a_crash_with_its_trace_as_a_note(workers):
    error = await failed(workers.run(tasks.fail, "odd\x1b[2J\nthing"))
    assert error.error_class == "crashed"
    assert "worker_tasks.py" in error.__notes__[0]
    assert "RuntimeError" in error.__notes__[0]
    for task in (tasks.recurse, tasks.leave):
        assert (await failed(workers.run(task, 3))).error_class == "crashed"
    assert await workers.run(tasks.echo, 1) == 1


@pytest.mark.parametrize("task", [(tasks.spin,), (tasks.sleep, 60)])
async def test_a_task_over_its_time_is_killed_and_others_go_on(workers, task):
    error = await failed(workers.run(*task, timeout=0.3))
    assert error.error_class == "timeout"
    assert await workers.run(tasks.echo, 1) == 1


@pytest.mark.parametrize(
    ("task", "said"),
    [((tasks.crash,), "SIGSEGV"), ((os._exit, 7), "code 7"), ((os.abort,), "SIGABRT"), ((tasks.die, 8), "SIGFPE")],
)
async def test_a_process_that_dies_is_told_and_replaced(workers, task, said):
    error = await failed(workers.run(*task))
    assert error.error_class == "crashed"
    assert said in error.message
    assert await workers.run(tasks.echo, 1) == 1


async def test_memory_is_bounded(workers):
    assert await workers.run(tasks.grow, MEMORY // 2) == MEMORY // 2
    for size in (MEMORY + 2**20, 2**40):
        assert (await failed(workers.run(tasks.grow, size))).error_class == "out_of_memory"
    assert (await failed(workers.run(tasks.die, signal.SIGKILL))).error_class == "out_of_memory"  # the kernel's way
    assert await workers.run(tasks.echo, 1) == 1


async def test_large_arguments_and_results_cross(workers):
    data = os.urandom(2**20) * 24
    assert await asyncio.wait_for(workers.run(tasks.echo, data), 30) == data
    halves = await asyncio.gather(*(workers.run(tasks.echo, data) for _ in range(2)))
    assert halves == [data, data]


async def test_a_huge_result_is_refused():
    pool = Workers(1, timeout=20.0, memory=2**30)
    assert (await failed(pool.run(tasks.result, MAX_RESULT + 1))).error_class == "too_large"
    assert await pool.run(tasks.echo, 1) == 1
    await pool.aclose()


@pytest.mark.parametrize("name", ["unknown", "evil", "foreign", "function"])
async def test_a_result_that_is_no_plain_value_is_refused(workers, name):
    error = await failed(workers.run(tasks.value, name))
    assert error.error_class == "crashed"
    assert "may give" in error.message or "failed" in error.message
    assert await workers.run(tasks.value, "ours") == Enclosure(url="https://x.example/")


async def test_nonsense_on_the_socket_is_a_crash_not_a_wait(workers):
    assert (await failed(asyncio.wait_for(workers.run(tasks.garbage), 15))).error_class == "crashed"
    assert await workers.run(tasks.echo, 1) == 1


async def test_a_process_that_has_grown_is_replaced(workers):
    first = await workers.run(tasks.hoard, 2**20)
    assert await workers.run(tasks.hoard, MEMORY // 3) == first
    assert await workers.run(tasks.hoard, 1) != first


async def test_a_large_task_gives_its_memory_back(workers):
    first = await workers.run(tasks.scatter, 100_000)
    (worker,) = workers._idle
    assert worker.grown < 2**25
    assert await workers.run(tasks.sleep, 0) == first


async def test_a_process_is_replaced_after_many_tasks():
    pool = Workers(2, timeout=20.0, memory=MEMORY, tasks=5)
    pids = [await pool.run(os.getpid) for _ in range(6)]
    assert len(set(pids[:5])) == 1
    assert pids[5] != pids[0]
    assert len(_children()) == 1
    await pool.aclose()


async def test_a_process_with_nothing_to_do_ends_and_another_one_is_started():
    others = psutil.Process().children()
    pool = Workers(2, timeout=20.0, memory=MEMORY, idle=0.2)
    pids = set(await asyncio.gather(*(pool.run(tasks.sleep, 0.3) for _ in range(2))))
    while psutil.Process().children() != others:  # the dead ones are forgotten too
        await asyncio.sleep(0.05)
    assert await pool.run(os.getpid) not in pids
    assert await pool.run(tasks.sleep, 0.6)  # longer than it may be idle
    await pool.aclose()
    assert _children() == []


async def test_a_child_knows_little_and_holds_nothing(workers, monkeypatch, tmp_path):
    monkeypatch.setenv("AGGREGATOR_TOKEN", "secret")
    monkeypatch.setenv("PGPASSWORD", "secret")
    with (tmp_path / "open").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        facts = await workers.run(tasks.facts)
    assert not {"httpx", "sqlalchemy", "asyncio", "aggregator.cli", "aggregator.workers"} & set(facts["modules"])
    assert "secret" not in str(facts["environment"])
    assert facts["environment"]["OPENBLAS_NUM_THREADS"] == "1"
    assert not any(str(tmp_path) in name for name in facts["files"])
    assert len(facts["files"]) <= 5
    assert facts["session"] == facts["pid"]
    with pytest.raises(WorkerError):
        await workers.run(tasks.write, str(tmp_path / "large"))


@pytest.mark.parametrize("forbidden", [False, True])
async def test_a_child_keeps_bytecode_where_its_parent_may(monkeypatch, forbidden):
    monkeypatch.setattr(sys, "dont_write_bytecode", forbidden)
    pool = Workers(1, timeout=20.0, memory=MEMORY)
    facts = await pool.run(tasks.facts)
    assert ("PYTHONDONTWRITEBYTECODE" in facts["environment"]) is forbidden
    await pool.aclose()


async def test_signals_to_the_group_end_no_worker(workers):
    assert await workers.run(tasks.survive_signals) == "alive"
    running = asyncio.create_task(workers.run(tasks.sleep, 0.4))
    await asyncio.sleep(0.1)
    for child in _children():
        child.send_signal(signal.SIGTERM)
        child.send_signal(signal.SIGINT)
    assert await running


async def test_a_task_must_have_a_name(workers):
    with pytest.raises(ValueError, match="by name"):
        await workers.run(lambda: 1)


async def test_a_cancelled_task_leaves_no_process(workers):
    running = asyncio.create_task(workers.run(tasks.spin))
    await asyncio.sleep(0.3)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await workers.run(tasks.echo, 1) == 1
    assert len(_children()) <= 1


async def test_closing_kills_what_runs_and_refuses_what_comes():
    pool = Workers(2, timeout=60.0, memory=MEMORY)
    await pool.run(tasks.echo, 1)
    running = [asyncio.create_task(pool.run(tasks.spin)) for _ in range(4)]
    await asyncio.sleep(0.3)
    await asyncio.wait_for(pool.aclose(), 10)
    ends = await asyncio.gather(*running, return_exceptions=True)
    assert {(type(end), end.error_class) for end in ends} == {(WorkerError, "crashed")}
    assert _children() == []
    assert "ending" in (await failed(pool.run(tasks.echo, 1))).message
    await pool.aclose()


async def test_closing_waits_for_those_who_wait_for_an_answer(monkeypatch):
    pool = Workers(1, timeout=60.0, memory=MEMORY)
    await pool.run(tasks.echo, 1)
    running = asyncio.create_task(pool.run(tasks.spin))
    await asyncio.sleep(0.3)

    async def told_early(_nursery, _pid):
        return -signal.SIGKILL

    monkeypatch.setattr(Nursery, "end", told_early)
    await asyncio.wait_for(pool.aclose(), 10)
    with pytest.raises(WorkerError, match="ending"):
        await running


PARENT = """
    import asyncio, sys
    sys.path.insert(0, {tests!r})
    import worker_tasks as tasks
    from aggregator.workers import Workers

    async def main():
        pool = Workers(3, timeout=60.0, memory=2**28)
        await pool.run(tasks.echo, 1)
        busy = [asyncio.create_task(pool.run(tasks.spin)), asyncio.create_task(pool.run(tasks.sleep, 50))]
        pids = [await asyncio.sleep(0.4)]
        idle = await pool.run(tasks.sleep, 0)
        print("ready", idle, flush=True)
        await asyncio.gather(*busy)

    asyncio.run(main())
"""


def test_kill_9_of_the_parent_leaves_no_child():
    script = textwrap.dedent(PARENT).format(tests=str(Path(__file__).parent))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout.readline().startswith("ready")
        children = psutil.Process(parent.pid).children(recursive=True)
        assert sorted(child.name() for child in children) == ["nursery", "worker", "worker", "worker"]
        parent.kill()
        parent.wait()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert [child for child in alive if child.status() != psutil.STATUS_ZOMBIE] == []


def test_a_child_ends_with_the_socket():
    script = "import socket,subprocess,sys,os;a,b=socket.socketpair();from aggregator.workers import processes;"
    script += "p=subprocess.Popen([sys.executable,'-P',str(processes._CHILD),str(b.fileno()),str(os.getpid())],"
    script += "pass_fds=(b.fileno(),));b.close();a.close();print(p.wait(20))"
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "0"
    assert time.monotonic() - start < 60


async def test_other_bounds_count_for_tasks_that_begin_from_then_on(workers):
    first = await workers.run(os.getpid)
    running = asyncio.create_task(workers.run(tasks.sleep, 1.0))
    while not workers._busy:
        await asyncio.sleep(0)
    workers.adopt(timeout=0.2, memory=2 * MEMORY)
    error = await failed(workers.run(tasks.sleep, 30.0))
    assert error.error_class == "timeout"
    await running  # with the time that it began with
    workers.adopt(timeout=20.0, memory=2 * MEMORY)
    pids = {await workers.run(os.getpid) for _ in range(3)}
    assert first not in pids
    assert await workers.run(tasks.grow, MEMORY + 2**20) == MEMORY + 2**20


def test_a_removed_block_crosses_whole() -> None:
    block = Removed("Share this", "share", 0.25, 7)
    assert pickle.loads(pickle.dumps(block)) == block


async def test_a_system_that_gives_no_process_is_told(workers):
    bound = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, bound[1]))
    try:
        error = await failed(workers.run(tasks.echo, 1))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, bound)
    assert (error.error_class, "can be started" in error.message) == ("crashed", True)
    assert await workers.run(tasks.echo, 1) == 1
