"""Run the fixes and print or write what comes of them."""

from __future__ import annotations

import sys
from collections.abc import Callable

from dockslim.engine.fixer import FixResult, fix
from dockslim.engine.own import SyntaxProblem, Template
from dockslim.engine.session import Session, Work
from dockslim.engine.writing import WriteError, write
from dockslim.records import NamedTuple

__all__ = ["CannotFixError", "Wanted", "run"]


#: The rules that say why a file as a whole is left alone: who does not want to hear of it deselects them.
_SPARED = (SyntaxProblem.code, Template.code)


class CannotFixError(Exception):
    """Something outside of dockslim kept it from fixing a file; the message says what."""


class Wanted(NamedTuple):
    """What is to be done with the fixes."""

    write: bool = False
    diff: bool = False
    unsafe: bool = False
    output_format: str = "text"
    verbose: bool = False
    fixer: Callable[[Work], FixResult] | None = None  # in the place of the plain one: it may build and look


def run(session: Session, wanted: Wanted) -> bool:
    """Fix all files; whether something is left: unfixed, withheld or not written."""
    results: list[tuple[str, FixResult]] = []
    left = found = False
    for work in session.works():
        found = True
        try:
            if wanted.fixer is not None:
                result = wanted.fixer(work)
            else:
                result = fix(work.data, work.path, work.reader, work.linter, unsafe=wanted.unsafe)
        except CannotFixError as error:
            session.complain(work.path, str(error))
            continue
        except Exception as error:  # a mistake of ours in one file must not cost the others' fixes
            session.complain(work.path, f"could not be fixed ({type(error).__name__}: {error}); please report this")
            continue
        done = _deliver(session, work, result, wanted)
        withheld = any(reason.code not in _SPARED for reason in result.withheld)
        left = left or bool(result.findings) or withheld or (result.changed and not done)
        if wanted.verbose:
            _tell_of_second_reader(work)
        if wanted.output_format == "json":
            results.append((work.facts.file.source.path, result))
        else:
            _tell(work, result, wanted, done)
    if wanted.output_format == "json":
        from dockslim.report import json

        sys.stdout.write(json.fixes(results, session.problems, session.notes))
    elif not found and not session.problems:
        from dockslim.report.page import show
        from dockslim.report.summary import summary_line

        show([summary_line(0, 0, 0, 0)])
    return left


def _deliver(session: Session, work: Work, result: FixResult, wanted: Wanted) -> bool:
    """Put the new text where it belongs; whether it got there."""
    if work.stdin:
        if wanted.diff or wanted.output_format == "json":
            return False
        sys.stdout.flush()
        sys.stdout.buffer.write(result.data)
        sys.stdout.buffer.flush()
        return True
    if not (wanted.write and result.changed):
        return False
    try:
        write(work.path, result.data, work.data)
    except WriteError as error:
        session.complain(work.path, str(error))
        return False
    return True


def _tell_of_second_reader(work: Work) -> None:
    """Say where dockerfile-parse could not stand guard, because it reads the original differently."""
    from dockslim.rewrite.second_reader import agrees

    if not agrees(work.facts.file):
        sys.stderr.write(f"{work.path}: dockerfile-parse reads this file differently, so it was not asked\n")


def _tell(work: Work, result: FixResult, wanted: Wanted, done: bool) -> None:
    from dockslim.report import fixes
    from dockslim.report.page import clean, coloured, show, show_bytes, width_of

    # The new text of standard input goes to standard output, alone; what there is to say of it goes beside.
    beside = work.stdin and not wanted.diff
    stream = sys.stderr if beside else sys.stdout
    verbatim = not stream.isatty() and not coloured(stream)
    lines = fixes.full(work.path.as_posix(), work.facts.file, result, verbatim=verbatim, width=width_of(stream))
    (show_bytes if verbatim else show)(lines, stream)
    if done and not work.stdin:
        show([[("bold green", "written: "), ("", clean(work.path.as_posix()))]])
