"""The loop: build a rewrite, see what its binaries really need, and write that into the Dockerfile as a plain list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dockslim import knowledge
from dockslim.rewrite.edits import Obligation, Proof
from dockslim.verify.bench import Bench, Form, Options
from dockslim.verify.compare import normal
from dockslim.verify.engines import Engine, choose
from dockslim.verify.faults import Fault
from dockslim.verify.look import find_owners
from dockslim.verify.progress import Progress
from dockslim.verify.remedies import manager_of
from dockslim.verify.results import Complaint, Verification
from dockslim.verify.verification import judge

__all__ = ["Completion", "complete", "discharged"]

_ROUNDS = 4
# The names of dockslim.rewrite.obligations that a verification without regressions answers.
_SHOWN = frozenset(
    {
        "runtime libraries all known",
        "requirements readable",
        "same base in both stages",
        "files of the install copied",
    }
)
_ANY_RELEASE = "bookworm"  # what compiles at run time does so on all of them
_NOTHING_JIT = "nothing compiled at run time"
_PROGRAMS = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/games/")


@dataclass(frozen=True, slots=True)
class Completion:
    """The completed text, what was added to and dropped from the rewrite, and the verdict on the last image."""

    data: bytes
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    verification: Verification

    @property
    def proven(self) -> bool:
        """Whether the completed rewrite showed no regression: its library obligations are discharged."""
        return not self.verification.regressions


def discharged(obligations: Iterable[Obligation], verification: Verification) -> tuple[Obligation, ...]:
    """Return the obligations with those proven that building both forms and comparing them shows to hold.

    What only happens at run time (a compiler called by the application) no build can prove: that stays as it was.
    """
    if verification.before is None or verification.regressions:
        return tuple(obligations)
    installed = verification.after.look.distributions
    why = f"shown by building both with {verification.engine}: {verification.after.look.imported} modules import"
    shown = set(_SHOWN)
    if installed and not any(knowledge.python_needs(normal(each.name), _ANY_RELEASE).jit for each in installed):
        shown.add(_NOTHING_JIT)  # now that all that is installed is known by name
    return tuple(
        each._replace(proof=Proof.PROVEN, why=why) if each.name in shown and each.proof is Proof.OPEN else each
        for each in obligations
    )


def complete(
    dockerfile: Path,
    original: bytes,
    rewrite: bytes,
    *,
    options: Options | None = None,
    engine: Engine | None = None,
    progress: Progress | None = None,
    keep: Iterable[str] = (),
) -> Completion:
    """Build ``original`` and ``rewrite`` (both as they would stand at ``dockerfile``) until nothing is missing.

    Packages whose absence explains a regression are added to the final stage's install; runtime libraries that the
    rewrite brought and no binary links to or loads are dropped, but for those in ``keep``.  Nothing is written.  Raises
    Fault when an image cannot be built.
    """
    engine = engine or choose("auto")
    with Bench(engine, dockerfile, options, progress) as bench:
        before = bench.form("original", original)
        after = bench.form("rewritten file", rewrite)
        verification = judge(bench, before, after)
        added: list[str] = []
        for _ in range(_ROUNDS):
            wanted = _missing(verification.regressions, added)
            manager = manager_of(after.image)
            if not wanted or manager is None:
                break
            bench.progress.say(str(dockerfile), f"adding {', '.join(wanted)}")
            after = bench.form("rewritten file", after.written.with_packages(wanted, manager).data)
            added += wanted
            verification = judge(bench, before, after)
        dropped = _idle(bench, before, after, {*keep, *added, *_loaded_later(after)})
        if dropped and not verification.regressions:
            bench.progress.say(str(dockerfile), f"trying without {', '.join(dropped)}")
            smaller, verdict = _without(bench, before, after, dropped)
            if smaller is not None and verdict is not None:
                return Completion(smaller.written.data, tuple(added), tuple(dropped), verdict)
        return Completion(after.written.data, tuple(added), (), verification)


def _loaded_later(form: Form) -> set[str]:
    """Return packages that an installed distribution is known to open by name, perhaps long after its import."""
    release = form.written.stage.base.release or _ANY_RELEASE
    needs = [knowledge.python_needs(normal(each.name), release) for each in form.image.look.distributions]
    return {package for need in needs for package in need.loaded}


def _missing(regressions: Iterable[Complaint], tried: Iterable[str]) -> list[str]:
    named = {complaint.fix.package for complaint in regressions if complaint.fix is not None}
    return sorted(package for package in named if package is not None and package not in tried)


def _idle(bench: Bench, before: Form, after: Form, keep: set[str]) -> list[str]:
    """Return packages that only the rewrite installs, that hold nothing but libraries, and that nothing uses."""
    new = set(after.written.packages()) - set(before.written.packages()) - keep
    used = {library.package for library in after.image.look.libraries}
    idle = sorted(new - used)
    if not idle or not after.image.look.libraries:
        return []
    answer = find_owners(bench.engine, after.image.image, after.image.config, run_id=bench.run_id, packages=idle)
    # A package with programs was kept for them (git, curl), one without libraries for its data: both stay.
    return [
        package
        for package in idle
        if any(".so" in path for path in answer.contents.get(package, ()))
        and not any(path.startswith(_PROGRAMS) for path in answer.contents.get(package, ()))
    ]


def _without(bench: Bench, before: Form, after: Form, packages: list[str]) -> tuple[Form | None, Verification | None]:
    data = after.written.without_packages(packages)
    if data == after.written.data:
        return None, None
    try:
        form = bench.form("rewritten file", data)
    except Fault as fault:
        if fault.kind != "build-failed":
            raise
        return None, None
    verdict = judge(bench, before, form)
    return (None, None) if verdict.regressions else (form, verdict)
