"""SLIM110."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import CulpritKind, Example, Finding, Refused, Rule, Severity, Stage, culprits, rewrite

__all__ = ["CompilerForRunTime"]


class CompilerForRunTime(Rule):
    """A compiler is kept because a requirement compiles while it runs.

    torch.compile and Triton, PyTensor, cmdstanpy and their like call a C compiler in the running container. There it is
    no leftover, and dockslim does not move it out. This is information, not a fault: it says which requirement is the
    reason. If you do not use that part of it, the compiler may go.
    """

    code = "SLIM110"
    name = "compiler-for-run-time"
    severity = Severity.INFO
    examples = (
        Example(
            bad=(
                "FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y g++\n"
                "RUN «pip install pytensor==2.25.4»\n"
            ),
        ),
        Example(
            allow=(
                "FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y g++\n"
                "RUN pip install numba==0.60.0\n"
            ),
            note="numba brings its own compiler.",
        ),
        Example(
            allow="FROM python:3.12-slim-bookworm\nRUN pip install pytensor==2.25.4\n",
            note="No compiler is here.",
        ),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Ask the rewrite why it declines."""
        tools = [culprit.name for culprit in culprits(stage) if culprit.kind is CulpritKind.BUILD_TOOL]
        answer = rewrite(stage) if tools else None
        if isinstance(answer, Refused) and answer.span is not None and "compiles at run time" in answer.reason:
            yield self.finding(answer.span, f"{answer.reason}: {', '.join(tools)} stays for it")
