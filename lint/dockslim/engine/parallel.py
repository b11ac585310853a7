"""Many files over several processes: the same answers in the same order as one process gives."""

from __future__ import annotations

import gc
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator

from dockslim.engine.checked import Checked, UnpackableError
from dockslim.engine.discovery import STDIN
from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess
    from typing import Any

    from dockslim.engine.discovery import Found
    from dockslim.engine.session import Choices, Session

__all__ = ["default_jobs", "each_checked"]

#: Fewer files are checked before another process has started.
FEW = 50
#: So many files are handed over at once: few enough for all of their names to fit into a pipe.
BATCH = 8
#: So many files are looked at ahead of the one whose turn it is.
AHEAD = 512
#: More processes are started only for those who ask: each takes about 30 MB.
MOST_JOBS = 4
#: And no more than so many, whatever is asked for: nothing gets faster, and a machine has its limits.
MOST_PROCESSES = 64
#: Syntax trees are many objects that go soon: the collector need not look at them often.
COLLECT_AFTER = 20_000


def default_jobs() -> int:
    """How many processes check files where nobody says: as many as there are cores, at most four."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity is not None else os.cpu_count() or 1
    return min(cores, MOST_JOBS)


def each_checked(session: Session, files: Iterable[Found]) -> Iterator[Checked]:
    """Check files, and yield them in their order; what cannot be read goes to the session's problems."""
    listed = list(files)
    before = gc.get_threshold()
    if len(listed) > FEW:
        gc.set_threshold(COLLECT_AFTER, *before[1:])
    try:
        if session.jobs > 1 and len(listed) > FEW and session.crashes is None:
            yield from _Parallel(session, listed).run()
        else:
            yield from (checked for checked in map(_one(session), listed) if checked is not None)
    finally:
        gc.set_threshold(*before)


def _one(session: Session) -> Any:
    def check(found: Found) -> Checked | None:
        known = session.memory.get(found) if session.memory is not None else None
        return known or session.examine(found)

    return check


class _Slot:
    """A file whose turn comes; ``done`` when it is known what there is to yield and to complain of."""

    __slots__ = ("checked", "done", "found", "notes", "problems")

    def __init__(self, found: Found, checked: Checked | None) -> None:
        self.found = found
        self.checked = checked
        self.problems: list[tuple[str, str]] = []
        self.notes: list[tuple[str, int, str, int]] = []
        self.done = checked is not None


class _Parallel:
    def __init__(self, session: Session, files: list[Found]) -> None:
        self.session = session
        self.files = iter(files)
        self.slots: deque[_Slot] = deque()
        self.batch: list[_Slot] = []
        self.team: _Team | None = None
        self.failed = False

    def run(self) -> Iterator[Checked]:
        try:
            while True:
                self._look_ahead()
                if not self.slots:
                    return
                slot = self.slots[0]
                while not slot.done:
                    self._get_on(slot)
                self.slots.popleft()
                self._complain(slot)
                if slot.checked is not None:
                    yield slot.checked
        finally:
            if self.team is not None:
                self.team.end()

    def _look_ahead(self) -> None:
        """Find out which of the next files are known, and hand the others over."""
        while len(self.slots) < AHEAD:
            found = next(self.files, None)
            if found is None:
                return
            known = self.session.memory.get(found) if self.session.memory is not None else None
            slot = _Slot(found, known)
            self.slots.append(slot)
            if not slot.done and found.path != STDIN and not found.builds:
                self.batch.append(slot)
                if len(self.batch) == BATCH:
                    self._hand_over()

    def _hand_over(self) -> None:
        if self.team is None and not self.failed:
            self.team = _start(self.session)
            self.failed = self.team is None
        if self.team is not None:
            self.team.take(self.batch)
        self.batch = []

    def _get_on(self, slot: _Slot) -> None:
        """Get nearer to knowing of ``slot``: wait for the others, or work oneself."""
        if self.team is not None and self.team.has(slot):
            self.team.wait()
            return
        self.batch = [each for each in self.batch if each is not slot]
        slot.checked = self.session.examine(slot.found)
        slot.done = True

    def _complain(self, slot: _Slot) -> None:
        from dockslim.engine.session import Problem

        for path, message in slot.problems:
            problem = Problem(path, message)
            if path or problem not in self.session.problems:
                self.session.problems.append(problem)
        if slot.notes:
            from dockslim.engine.unread import Note

            self.session.notes.extend(Note(*note) for note in slot.notes)


class _Worker:
    """Another process; ``tasks`` are the batches that it has and has not answered."""

    def __init__(self, process: BaseProcess, connection: Connection) -> None:
        self.process = process
        self.connection = connection
        self.tasks: deque[list[_Slot]] = deque()


class _Team:
    """The other processes and what they are at.  Whatever one that dies has left undone is no longer the team's."""

    def __init__(self) -> None:
        self.workers: list[_Worker] = []
        self.queue: deque[list[_Slot]] = deque()
        self.theirs: set[int] = set()

    def has(self, slot: _Slot) -> bool:
        return id(slot) in self.theirs

    def take(self, batch: list[_Slot]) -> None:
        self.queue.append(batch)
        self.theirs.update(map(id, batch))
        self._share_out()

    def _share_out(self) -> None:
        # Two batches each, so that nobody waits for us.
        for depth in (1, 2):
            for worker in list(self.workers):
                if self.queue and len(worker.tasks) < depth:
                    batch = self.queue.popleft()
                    worker.tasks.append(batch)
                    try:
                        worker.connection.send([(slot.found.path, slot.found.named) for slot in batch])
                    except OSError:
                        self._lose(worker)
        if not self.workers:
            self.queue.clear()
            self.theirs.clear()

    def wait(self) -> None:
        from multiprocessing.connection import wait

        ready = wait([worker.connection for worker in self.workers])
        for worker in [each for each in self.workers if each.connection in ready]:
            try:
                answers = worker.connection.recv()
            except (EOFError, OSError):
                self._lose(worker)
                continue
            for slot, answer in zip(worker.tasks.popleft(), answers, strict=True):
                self.theirs.discard(id(slot))
                if answer is None:  # it cannot be told from one process to another
                    continue
                path, data, packed, slot.problems, slot.notes = answer
                slot.checked = None if packed is None else Checked.unpack(path, data, packed)
                slot.done = True
        self._share_out()

    def _lose(self, worker: _Worker) -> None:
        self.workers.remove(worker)
        for batch in worker.tasks:
            self.theirs.difference_update(map(id, batch))
        worker.connection.close()
        worker.process.kill()
        if not self.workers:
            self.queue.clear()
            self.theirs.clear()

    def end(self) -> None:
        for worker in self.workers:
            worker.process.terminate()
        for worker in self.workers:
            worker.process.join()
            worker.connection.close()


def _start(session: Session) -> _Team | None:
    """Start the other processes; None where that cannot be done."""
    # Imported before the fork, the rules are shared, and what is wrong with them is known here.
    _ = session.rules
    team = _Team()
    try:
        import multiprocessing

        context: BaseContext = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        forked = context.get_start_method() == "fork"
        choices = session.choices._replace(build_args=dict(session.choices.build_args))
        sys.stdout.flush()
        sys.stderr.flush()
        for _ in range(min(session.jobs, MOST_PROCESSES)):
            ours, theirs = context.Pipe()
            inherited = [*(worker.connection for worker in team.workers), ours] if forked else []
            arguments = (theirs, choices, session.render, session.memory is not None, inherited)
            process = context.Process(target=_serve, args=arguments, daemon=True)  # type: ignore[attr-defined]
            process.start()
            theirs.close()
            team.workers.append(_Worker(process, ours))
    except (OSError, ImportError, ValueError, RuntimeError, TypeError, AttributeError):
        # No processes here, or nothing that could be handed over to one.
        if not team.workers:
            return None
    return team


def _serve(
    connection: Connection, choices: Choices, render: Any, remembering: bool, inherited: list[Connection]
) -> None:
    """What another process does: answer batch after batch, until nobody asks any more."""
    import signal

    from dockslim.engine.session import Session

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is interrupted ends us
    for each in inherited:
        each.close()
    if "dockslim.knowledge.store" in sys.modules:
        from dockslim.knowledge.store import open_suite

        open_suite.cache_clear()  # a database is not to be read through a connection of another process
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 50)
    session = Session([], choices)
    session.render = render
    if remembering:
        from dockslim.engine.recall import recall

        session.memory = recall(session)
    _ = session.rules
    try:
        while True:
            connection.send([_answer(session, path, named) for path, named in connection.recv()])
    except (EOFError, OSError):
        return


def _answer(session: Session, path: Any, named: bool) -> Any:
    from dockslim.engine.discovery import Found

    before, noted = len(session.problems), len(session.notes)
    checked = session.examine(Found(path, named))
    problems = [tuple(problem) for problem in session.problems[before:]]
    notes = [tuple(note) for note in session.notes[noted:]]
    if checked is None:
        return path, b"", None, problems, notes
    try:
        return checked.path, checked.data, checked.pack(), problems, notes
    except UnpackableError:
        return None
