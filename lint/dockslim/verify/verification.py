"""Verifying one Dockerfile: build both forms, compare, and say what would mend it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dockslim.engine.reading import UnreadableError, read_bytes
from dockslim.verify.bench import Bench, Form, Options
from dockslim.verify.compare import compare, from_bases, problems_of
from dockslim.verify.dockerfile import readable
from dockslim.verify.engines import Engine, choose
from dockslim.verify.faults import Fault
from dockslim.verify.progress import Progress
from dockslim.verify.remedies import with_remedies
from dockslim.verify.results import Complaint, Verification

__all__ = ["judge", "verify"]


def verify(
    dockerfile: Path,
    *,
    against: Path | None = None,
    options: Options | None = None,
    engine: Engine | None = None,
    progress: Progress | None = None,
    after_build: Callable[[Bench, Form | None, Form], None] | None = None,
) -> Verification:
    """Build ``dockerfile`` and what ``fix`` would make of it (or the file ``against``), and compare the images.

    ``after_build`` is called while both images still stand.  Raises Fault when nothing could be verified.
    """
    options = options or Options()
    original = _read(dockerfile)
    notes: tuple[str, ...] = ()
    if against is not None:
        changed, name = _read(against), "other file"
    else:
        from dockslim.verify.rewriting import rewritten

        rewrite = rewritten(dockerfile, options)
        changed, notes, name = rewrite.data, rewrite.notes, "rewritten file"
    engine = engine or choose("auto")
    with Bench(engine, dockerfile, options, progress) as bench:
        before = bench.form("original", original)
        if changed == original:
            verification = judge(bench, None, before, notes)
            if after_build is not None:
                after_build(bench, None, before)
            return verification
        after = bench.form(name, changed, against)
        verification = judge(bench, before, after, notes)
        if after_build is not None:
            after_build(bench, before, after)
        return verification


def judge(bench: Bench, before: Form | None, after: Form, notes: tuple[str, ...] = ()) -> Verification:
    """Return the verdict on two built forms (or on one alone)."""
    regressions: tuple[Complaint, ...]
    if before is None:
        regressions, problems = (), tuple(problems_of(after.image))
    else:
        inherited: tuple[Complaint, ...] = ()
        if before.written.base != after.written.base:
            own = before.written.settings() | after.written.settings()
            inherited = from_bases(before.image, after.image, own)
            notes = (*notes, *(f"the base images differ: {each.what}" for each in inherited))
        regressions, problems = compare(before.image, after.image, inherited)
    if not after.image.look.how:
        notes = (*notes, "nothing in the image could be asked: it has neither Python nor a shell")
    elif after.image.look.how == "sh":
        notes = (*notes, "the image has no Python: packages were listed, nothing was imported")
    regressions = with_remedies(bench, regressions, before, after)
    problems = with_remedies(bench, problems, before, after)
    return Verification(
        path=readable(str(bench.path)),
        engine=bench.engine.name,
        before=before.image if before is not None else None,
        after=after.image,
        regressions=regressions,
        problems=problems,
        notes=notes,
        text=after.written.data.decode("utf-8", "surrogateescape"),
    )


def _read(path: Path) -> bytes:
    try:
        return read_bytes(path)
    except UnreadableError as error:
        raise Fault("bad-input", f"{path}: {error}") from error
