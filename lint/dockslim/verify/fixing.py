"""What ``dockslim fix --verify`` does with one file: rewrite, build, complete, and only then hand over the new text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace

from dockslim.engine.fixer import FixResult, Reason, Refusal, fix
from dockslim.engine.guarding import violations
from dockslim.engine.linter import Linter
from dockslim.engine.session import Work
from dockslim.later import TYPE_CHECKING
from dockslim.model import PipInstall, ProjectInstall
from dockslim.rewrite.edits import Fix, Note, Proof, Safety
from dockslim.verify.bench import Bench, Options
from dockslim.verify.completion import complete, discharged
from dockslim.verify.engines import Engine, choose
from dockslim.verify.progress import Progress
from dockslim.verify.remedies import manager_of
from dockslim.verify.results import Verification
from dockslim.verify.verification import judge

if TYPE_CHECKING:
    from dockslim.engine.finding import Finding
    from dockslim.model import Facts

__all__ = ["verified_fix"]

#: The rule that looks for missing libraries without building.
MISSING = "SLIM301"
ROUNDS = 4


def verified_fix(
    work: Work,
    *,
    unsafe: bool = False,
    options: Options | None = None,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> FixResult:
    """Return what ``fix`` may write after both forms were built and compared; nothing is written here.

    The multi-stage rewrite is made even where it is unsafe, for what is open of it is what verification answers; once
    nothing is open it counts as safe.  Other unsafe fixes are made only with ``unsafe``.  A rewrite that shows a
    regression, or of which something stays open that only a person can judge, is withheld, saying why.  A file that has
    a builder already is built as it is, and what its image misses is added; any other file without a rewrite is fixed
    without building anything.  Raises Fault when an image cannot be built.
    """
    plain = fix(work.data, work.path, work.reader, work.linter, unsafe=unsafe)
    result = plain if unsafe else fix(work.data, work.path, work.reader, _rewriting_only(work.linter), unsafe=True)
    options = options or Options()
    options = replace(options, context=work.reader.context, target=work.reader.target)
    if not options.build_args:
        options = replace(options, build_args=dict(work.reader.build_args))
    if result.rewrite != "done":
        if not _has_builder(work):
            return plain
        return _mended(work, plain, options, engine or choose("auto"), progress)
    done = complete(work.path, work.data, result.data, options=options, engine=engine, progress=progress)
    obligations = discharged(result.obligations, done.verification)
    still_open = [each for each in obligations if each.proof is not Proof.PROVEN]
    if not done.proven:
        why = "; ".join(each.what for each in done.verification.regressions[:3])
        why = f"the rewrite was built and does not do what the original did: {why}"
        return _withheld(work, plain, result, "verification", why)
    if still_open and not unsafe:
        why = "; ".join(f"{each.name} ({each.why})" for each in still_open)
        why = f"the rewrite was built and works, but no build can show: {why}"
        return _withheld(work, plain, result, "unsafe", why)
    facts, findings, against = _read(work, result, done.data)
    if against:
        why = "the guard holds the completed rewrite back: " + "; ".join(against)
        return _withheld(work, plain, result, "held-back", why)
    others_unsafe = unsafe and any(
        each.fix.safety is Safety.UNSAFE and each.code != _code(result) for each in result.applied
    )
    proven = Safety.UNSAFE if still_open else Safety.SAFE
    applied = tuple(
        each._replace(fix=_trusted(each.fix, proven, done.verification)) if each.code == _code(result) else each
        for each in result.applied
    )
    result = replace(result, applied=applied, obligations=obligations)
    result = _with(result, facts, findings, work, _notes(done.added, done.dropped, done.verification), _code(result))
    return replace(result, safety=Safety.UNSAFE if others_unsafe else proven)


def _trusted(fix: Fix, safety: Safety, verification: Verification) -> Fix:
    """Return a fix as it is to be judged after both forms were built."""
    return fix._replace(safety=safety, obligations=discharged(fix.obligations, verification))


def _has_builder(work: Work) -> bool:
    """Whether Python packages are installed, and what ships takes something from a stage that does not."""
    if MISSING not in work.linter.running or not work.facts.stages:
        return False
    lineage = work.facts.final_stage.lineage
    apart = any(stage not in lineage for stage in work.facts.stages[: work.facts.final_stage.index])
    installs = (PipInstall, ProjectInstall)
    return apart and any(isinstance(action, installs) for stage in work.facts.stages for action in stage.actions)


def _mended(work: Work, plain: FixResult, options: Options, engine: Engine, progress: Progress | None) -> FixResult:
    """Return the plain fixes with the packages whose absence explains what is wrong in the built image."""
    added: list[str] = []
    with Bench(engine, work.path, options, progress) as bench:
        before = after = bench.form("original", work.data)
        if plain.changed:
            after = bench.form("fixed file", plain.data)
        verdict = judge(bench, None, after)
        for _ in range(ROUNDS):
            wanted = {each.fix.package for each in verdict.problems if each.fix is not None} - {None, *added}
            manager = manager_of(after.image)
            if not wanted or manager is None:
                break
            names = sorted(name for name in wanted if name is not None)
            bench.progress.say(str(work.path), f"adding {', '.join(names)}")
            after = bench.form("fixed file", after.written.with_packages(names, manager).data)
            added += names
            verdict = judge(bench, None, after)
        compared = judge(bench, before, after) if after is not before else verdict
    # What was missing weighs something.
    lost = [each.what for each in compared.regressions if each.kind != "size"]
    line = work.facts.file.source.position(work.facts.final_stage.from_.span.start).line
    if lost:
        spared = _untouched(work, plain)
        return _telling(spared, [Reason(MISSING, line, f"what would mend it was built, and is worse: {lost[0]}")])
    left = [
        Reason(MISSING, line, f"built as it is: {each.what}; no package is known to mend it")
        for each in verdict.problems
    ]
    if not added:
        return _telling(plain, left)
    data = after.written.data
    facts, findings, against = _read(work, plain, data)
    if against:
        why = "the guard holds it back: " + "; ".join(against)
        return _telling(plain, [Reason(MISSING, line, f"add {', '.join(added)} to the final stage: {why}"), *left])
    told = [note._replace(line=line) for note in _notes(added, (), verdict)]
    return _telling(_with(plain, facts, findings, work, told, MISSING), left)


def _read(work: Work, result: FixResult, data: bytes) -> tuple[Facts, list[Finding], list[str]]:
    """Return what a completed text means, what is found in it, and what the guard has against it."""
    facts, findings = work.linter.judge(work.reader.facts(data, work.path))
    effects = frozenset(effect for each in result.applied for effect in each.fix.effects)
    return facts, findings, violations(work.facts, facts, effects, work.linter.lint(work.facts), findings)


def _with(
    result: FixResult, facts: Facts, findings: Sequence[Finding], work: Work, notes: Sequence[Note], code: str
) -> FixResult:
    """Return the result with a completed text in the place of its own, and the reasons for what was completed."""
    told = tuple(Reason(code, note.line, f"{note.action}: {note.what} ({note.why})") for note in notes)
    done = result.reasons[: len(result.reasons) - len(result.withheld)]
    return replace(
        result,
        text=facts.file.text,
        data=facts.file.data,
        changed=facts.file.data != work.data,
        safety=Safety.UNSAFE if any(each.fix.safety is Safety.UNSAFE for each in result.applied) else Safety.SAFE,
        notes=(*result.notes, *notes),
        reasons=(*done, *told, *result.withheld),
        findings=tuple(findings),
        facts=facts,
    )


def _telling(result: FixResult, reasons: Sequence[Reason]) -> FixResult:
    """Return the result with more reasons for what was not done."""
    return replace(result, withheld=(*result.withheld, *reasons), reasons=(*result.reasons, *reasons))


def _untouched(work: Work, plain: FixResult) -> FixResult:
    """Return the result of having done nothing."""
    return replace(
        plain,
        text=work.facts.file.text,
        data=work.data,
        changed=False,
        applied=(),
        notes=(),
        facts=work.facts,
        findings=tuple(work.linter.lint(work.facts)),
        reasons=plain.withheld,
    )


def _rewriting_only(linter: Linter) -> Linter:
    """Return a linter that offers no unsafe fix but the rewrite's."""
    spared = {rule.code for rule in linter.rules if rule.safety is Safety.UNSAFE and not rule.rewrites}
    only = copy(linter)  # whatever else it was told
    only.running = linter.running - spared
    return only


def _code(result: FixResult) -> str:
    """Return the code of the rule whose fix is the rewrite (it alone has obligations)."""
    return next((each.code for each in result.applied if each.fix.obligations), result.applied[0].code)


def _withheld(work: Work, plain: FixResult, result: FixResult, refusal: Refusal, why: str) -> FixResult:
    applied = next((each for each in result.applied if each.fix.obligations), result.applied[0])
    if any(each.code == applied.code for each in plain.applied):
        # Not even a safe rewrite is written once its image was seen to fail.
        plain = _untouched(work, plain)
    line = applied.fix.notes[0].line if applied.fix.notes else 1
    reason = Reason(applied.code, line, why)
    others = tuple(each for each in plain.withheld if each.code != applied.code)
    return replace(
        plain,
        rewrite="refused",
        refusal=refusal,
        withheld=(*others, reason),
        reasons=(*others, reason),
        obligations=result.obligations,
    )


def _notes(added: Iterable[str], dropped: Iterable[str], verification: Verification) -> tuple[Note, ...]:
    users: dict[str, str] = {}
    for image in (verification.before, verification.after):
        for library in image.look.libraries if image is not None else ():
            if library.package is not None and library.needed_by:
                verb = "links to" if library.linked else "loads"
                users.setdefault(library.package, f"{library.needed_by[0].rsplit('/', 1)[-1]} {verb} {library.soname}")
    return (
        *(Note("added", name, users.get(name, "an import needs it"), 1) for name in added),
        *(Note("dropped", name, "nothing installed links to it or loads it", 1) for name in dropped),
    )
