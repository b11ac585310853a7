from __future__ import annotations

import contextlib
import inspect
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dockslim.cli import cli

# A shell that runs the tests in the background has them ignore Ctrl-C, and the programs that they start with them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the cache of whoever runs the tests."""
    monkeypatch.setenv("DOCKSLIM_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "cache"))


class Runner(CliRunner):
    """Standard error apart, and all of it, with click before 8.2 too."""

    def __init__(self) -> None:
        mixed = "mix_stderr" in inspect.signature(CliRunner).parameters
        super().__init__(**({"mix_stderr": False} if mixed else {}))

    @contextlib.contextmanager
    def isolation(self, *arguments: Any, **more: Any) -> Iterator[Any]:
        with super().isolation(*arguments, **more) as streams:
            sys.stderr.reconfigure(write_through=True)  # type: ignore[union-attr]
            yield streams


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Call the command line in this process, without colour and without what the caller's environment says."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str | Path, stdin: bytes | None = None) -> Result:
        result = Runner().invoke(cli, [str(argument) for argument in arguments], input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


@pytest.fixture
def forget_runtime(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, tuple[str, ...] | None], None]:
    """Let the knowledge have another answer for the runtime packages of one package, and none for any project."""
    from dockslim import knowledge
    from dockslim_rules import runtime_library_missing  # a rule has taken its look-ups by name, once it is loaded

    known = knowledge.runtime_packages

    def forget(package: str, answer: tuple[str, ...] | None) -> None:
        def runtime_packages(name: str, release: str, base: str = "slim") -> tuple[str, ...] | None:
            return answer if name == package else known(name, release, base)

        for module in (knowledge, runtime_library_missing):
            monkeypatch.setattr(module, "runtime_packages", runtime_packages)
        for module in (knowledge, runtime_library_missing):
            monkeypatch.setattr(module, "python_needs", lambda project, release: knowledge.Needs(False), raising=False)

    return forget
