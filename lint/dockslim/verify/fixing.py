"""What ``dockslim fix --verify`` does with one file: rewrite, build, complete, and only then hand over the new text."""

from __future__ import annotations

from dataclasses import replace

from dockslim.engine.fixer import FixResult, Reason, Refusal, fix
from dockslim.engine.guarding import violations
from dockslim.engine.linter import Linter
from dockslim.engine.session import Work
from dockslim.rewrite.edits import Note, Proof, Safety
from dockslim.verify.bench import Options
from dockslim.verify.completion import Completion, complete, discharged
from dockslim.verify.engines import Engine
from dockslim.verify.progress import Progress

__all__ = ["verified_fix"]


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
    regression, or of which something stays open that only a person can judge, is withheld, saying why.  A file without
    a rewrite is fixed without building anything.  Raises Fault when an image cannot be built.
    """
    plain = fix(work.data, work.path, work.reader, work.linter, unsafe=unsafe)
    result = plain if unsafe else fix(work.data, work.path, work.reader, _rewriting_only(work.linter), unsafe=True)
    if result.rewrite != "done":
        return plain
    options = options or Options()
    options = replace(options, context=work.reader.context, target=work.reader.target)
    if not options.build_args:
        options = replace(options, build_args=dict(work.reader.build_args))
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
    facts, findings = work.linter.judge(work.reader.facts(done.data, work.path))
    effects = frozenset(effect for each in result.applied for effect in each.fix.effects)
    against = violations(work.facts, facts, effects, work.linter.lint(work.facts), findings)
    if against:
        why = "the guard holds the completed rewrite back: " + "; ".join(against)
        return _withheld(work, plain, result, "held-back", why)
    notes = _notes(done)
    told = tuple(Reason(_code(result), note.line, f"{note.action}: {note.what} ({note.why})") for note in notes)
    others_unsafe = unsafe and any(
        each.fix.safety is Safety.UNSAFE and each.code != _code(result) for each in result.applied
    )
    return replace(
        result,
        text=facts.file.text,
        data=done.data,
        changed=done.data != work.data,
        safety=Safety.UNSAFE if still_open or others_unsafe else Safety.SAFE,
        obligations=obligations,
        notes=(*result.notes, *notes),
        reasons=(*result.reasons, *told),
        findings=tuple(findings),
        facts=facts,
    )


def _rewriting_only(linter: Linter) -> Linter:
    """Return a linter that offers no unsafe fix but the rewrite's."""
    spared = {rule.code for rule in linter.rules if rule.safety is Safety.UNSAFE and not rule.rewrites}
    return Linter(linter.rules, linter.running - spared, linter.severities, linter.on_crash)


def _code(result: FixResult) -> str:
    """Return the code of the rule whose fix is the rewrite (it alone has obligations)."""
    return next((each.code for each in result.applied if each.fix.obligations), result.applied[0].code)


def _withheld(work: Work, plain: FixResult, result: FixResult, refusal: Refusal, why: str) -> FixResult:
    applied = next((each for each in result.applied if each.fix.obligations), result.applied[0])
    if any(each.code == applied.code for each in plain.applied):
        # Not even a safe rewrite is written once its image was seen to fail.
        plain = replace(
            plain, text=work.facts.file.text, data=work.data, changed=False, applied=(), notes=(), facts=work.facts,
            findings=tuple(work.linter.lint(work.facts)),
        )  # fmt: skip
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


def _notes(done: Completion) -> tuple[Note, ...]:
    before = done.verification.before
    users: dict[str, str] = {}
    for library in before.look.libraries if before is not None else ():
        if library.package is not None and library.needed_by:
            verb = "links to" if library.linked else "loads"
            users.setdefault(library.package, f"{library.needed_by[0].rsplit('/', 1)[-1]} {verb} {library.soname}")
    added = [Note("added", name, users.get(name, "an import needs it"), 1) for name in done.added]
    return (*added, *(Note("dropped", name, "nothing installed links to it or loads it", 1) for name in done.dropped))
