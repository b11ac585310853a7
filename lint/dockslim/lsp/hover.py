"""What a pointer is told: of the package under it, and of the finding that marks it."""

from __future__ import annotations

from collections.abc import Sequence

from dockslim import documents
from dockslim.engine.finding import Finding
from dockslim.engine.rule import Rule
from dockslim.later import TYPE_CHECKING
from dockslim.syntax.span import Span

if TYPE_CHECKING:
    from dockslim.model import Facts, PackageInstall, PackageWord, Stage

__all__ = ["hover"]


def hover(
    facts: Facts, findings: Sequence[Finding], rules: Sequence[type[Rule]], offset: int
) -> tuple[str, Span] | None:
    """Markdown and the words it speaks of; None where there is nothing to say."""
    parts: list[str] = []
    span: Span | None = None
    package = _package(facts, offset)
    if package is not None:
        stage, action, word = package
        parts.append(_described(stage, action, word))
        span = word.span
    by_code = {rule.code: rule for rule in rules}
    for finding in findings:
        if finding.span.start <= offset <= finding.span.end and finding.code in by_code:
            span = span or finding.span
            parts.append(f"**{finding.code}** {finding.message}" + (f"\n\n{finding.help}" if finding.help else ""))
            parts.append(documents.page(by_code[finding.code]))
    return ("\n\n---\n\n".join(parts), span) if span is not None else None


def _package(facts: Facts, offset: int) -> tuple[Stage, PackageInstall, PackageWord] | None:
    from dockslim.model import PackageInstall

    for stage in facts.stages:
        for action in stage.actions:
            if isinstance(action, PackageInstall):
                for word in action.packages:
                    if word.name is not None and word.span.start <= offset <= word.span.end:
                        return stage, action, word
    return None


def _described(stage: Stage, action: PackageInstall, word: PackageWord) -> str:
    """A package's role, what it stands for at run time, and what installing it alone brings and weighs."""
    from dockslim import knowledge
    from dockslim.knowledge.declared import declared
    from dockslim.knowledge.why import render, why

    name = word.name or ""
    title = f"**{name}**" + (f" on {stage.release}" if stage.release else "")
    if not stage.release:
        found = knowledge.role(name, None)
        own = declared(name)
        runtime = own.runtime_in(None) if own is not None else None
        stands = f"  \n  runtime: {' '.join(runtime) or 'nothing'}" if runtime is not None else ""
        return f"{title}: {found.kind.value} ({found.reason}){stands}"
    recommends = "--no-install-recommends" not in action.options
    facts = why((name,), stage.release, stage.base.knowledge_base, recommends)
    lines = (
        render(facts).strip().removeprefix(name).replace("installing them on", "installing it alone on").splitlines()
    )
    return title + "  \n".join(lines)
