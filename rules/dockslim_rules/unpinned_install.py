"""SLIM505."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import Action, Example, Finding, PipInstall, Rule, TargetKind

__all__ = ["UnpinnedInstall"]


class UnpinnedInstall(Rule):
    """pip installs a package by name, without a version.

    What comes depends on the day of the build. A requirements file that a tool locked (`uv pip compile`, `pip-compile`)
    says it once, for all that is pulled in, too. Off by default: `--extend-select SLIM505` turns it on.

    It has no fix: which version you meant only you can say.
    """

    code = "SLIM505"
    name = "unpinned-install"
    enabled = False
    aliases = ("DL3013",)
    examples = (
        Example(bad="FROM python:3.12-slim\nRUN pip install «flask» requests==2.32.3\n"),
        Example(allow="FROM python:3.12-slim\nRUN pip install 'flask>=3,<4'\n", note="A range is a decision."),
        Example(allow="FROM python:3.12-slim\nRUN pip install -r requirements.txt\n"),
        Example(allow="FROM python:3.12-slim\nRUN pip install -c constraints.txt flask\n"),
        Example(allow="FROM python:3.12-slim\nRUN pip install --upgrade pip setuptools wheel\n"),
    )

    def check_action(self, action: Action) -> Iterator[Finding]:
        """Flag names without any version."""
        if not isinstance(action, PipInstall) or action.bootstraps or action.of(TargetKind.CONSTRAINTS):
            return
        if action.option("--no-index", "--constraint", "--find-links") is not None:
            return
        for target in action.of(TargetKind.NAME):
            text = target.text or ""
            if target.project not in PipInstall.BOOTSTRAP and not any(sign in text for sign in "=<>~!@"):
                yield self.finding(target, f"which version of {target.project} comes depends on the day")
