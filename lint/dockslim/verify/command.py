"""``dockslim verify``: the click command, and nothing that measures."""

from __future__ import annotations

import math
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

import click

from dockslim.later import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from dockslim.verify.bench import Options
    from dockslim.verify.faults import Fault
    from dockslim.verify.output.document import Outcome
    from dockslim.verify.process import Cancel
    from dockslim.verify.progress import Progress
    from dockslim.verify.results import Verification

__all__ = ["command"]

_FORMATS = ("text", "json", "markdown", "html")
_FAILED, _INTERRUPTED = 2, 130


def _build_args(ctx: click.Context, parameter: click.Parameter, values: Sequence[str]) -> dict[str, str | None]:
    # NAME alone takes the value from the environment, as docker does.
    pairs = [each.partition("=") for each in values]
    for name, equals, value in pairs:
        if not name:
            raise click.UsageError(f"--build-arg: {equals + value!r} names no argument; write NAME=VALUE")
    return {name: value if equals else None for name, equals, value in pairs}


class _Seconds(click.FloatRange):
    """A time, which ends: neither nan nor inf."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """As click has it."""
        seconds = super().convert(value, param, ctx)
        if not math.isfinite(seconds):
            self.fail(f"{value} is no number of seconds.", param, ctx)
        return seconds


_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command("verify")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DOCKERFILE...")
@click.option("--against", type=_FILE, metavar="OTHER", help="Compare with this file instead of the rewrite.")
@click.option("--context", type=_FOLDER, metavar="DIR", help="The build context; else each Dockerfile's folder.")
@click.option("--build-arg", "build_args", multiple=True, callback=_build_args, metavar="NAME[=VALUE]",
              help="As docker build takes it.")  # fmt: skip
@click.option("--target", metavar="STAGE", help="The stage that ships, if it is not the last.")
@click.option("--platform", metavar="OS/ARCH", help="Build and run for this platform.")
@click.option("--engine", type=click.Choice(("auto", "docker", "podman", "buildah")), default="auto", show_default=True,
              help="What builds and runs; auto takes the first that answers.")  # fmt: skip
@click.option("--builder", metavar="NAME", help="Build with this buildx builder (docker).")
@click.option("--network", metavar="MODE", help="Network of builds and of the smoke command; the look inside has none.")
@click.option("--smoke", metavar="COMMAND", help="Run this in both images too; it must do as well after as before.")
@click.option("--timeout", type=_Seconds(min=1), default=60.0, show_default=True, metavar="SECONDS",
              help="For the smoke command and for each import.")  # fmt: skip
@click.option("--build-timeout", type=_Seconds(min=1), default=3600.0, show_default=True, metavar="SECONDS",
              help="For each build.")  # fmt: skip
@click.option("--scan", metavar="trivy|grype|FILE", help="Count vulnerabilities: by a scanner or from its report.")
@click.option(
    "--jobs", type=click.IntRange(min=1), default=1, show_default=True, metavar="N", help="Files verified at a time."
)
@click.option("--keep", is_flag=True, help="Keep the images that were built.")
@click.option("--output-format", type=click.Choice(_FORMATS), default="text", show_default=True)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False, writable=True), metavar="FILE",
              help="Write the report there.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@click.option("-v", "--verbose", is_flag=True, help="List everything.")
@click.pass_context
def command(ctx: click.Context, /, paths: Sequence[Path], **given: Any) -> None:
    """Build images before and after, weigh them, look inside, compare.

    Each DOCKERFILE is built as it is and as `fix` would write it (or as the file given by --against).

    Exit code: 0 all well, 1 regressions (or problems, where there is only one form), 2 could not verify.
    """
    from dockslim.report.formats import no_place
    from dockslim.verify.bench import Options
    from dockslim.verify.faults import Fault, Interrupted
    from dockslim.verify.process import Cancel
    from dockslim.verify.progress import Silent, progress_for

    options = Options(
        **{name: given[name] for name in ("context", "build_args", "target", "platform", "network", "builder")},
        **{name: given[name] for name in ("smoke", "timeout", "build_timeout", "keep")},
    )
    cancel = Cancel()
    outcomes: list[Outcome] = []
    found = _discovered(paths, outcomes)
    if given["against"] is not None and len(found) != 1:
        raise click.UsageError("--against compares one DOCKERFILE with one other")
    if not found and not outcomes:
        raise click.UsageError(f"{' '.join(map(str, paths))}: no Dockerfile found")
    place = given["output"]
    wrong = no_place(place) if place is not None else None
    if wrong:
        raise click.UsageError(f"{place}: {wrong}")
    signal.signal(signal.SIGTERM, _interrupt)
    progress = Silent() if given["quiet"] else progress_for()
    try:
        outcomes += _run(found, given, options, cancel, progress)
    except (KeyboardInterrupt, Interrupted):
        progress.close()
        click.echo("interrupted: images and containers that were made are removed", err=True)
        ctx.exit(_INTERRUPTED)
    finally:
        progress.close()
    _deliver(outcomes, given)
    failed = any(isinstance(result, Fault) for _, result in outcomes)
    ctx.exit(_FAILED if failed else max((_exit_code(result) for _, result in outcomes), default=0))


def _exit_code(result: Verification | Fault) -> int:
    return getattr(result, "exit_code", _FAILED)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _discovered(paths: Sequence[Path], outcomes: list[Outcome]) -> list[Path]:
    from dockslim.engine.discovery import discover
    from dockslim.verify.faults import Fault

    def complain(path: Path, message: str) -> None:
        outcomes.append((str(path), Fault("bad-input", message)))

    return list(discover(list(paths), complain))


def _run(
    paths: Sequence[Path], given: dict[str, Any], options: Options, cancel: Cancel, progress: Progress
) -> list[Outcome]:
    from dockslim.engine.discovery import STDIN
    from dockslim.verify.engines import choose
    from dockslim.verify.faults import Fault

    try:
        engine = choose(given["engine"], cancel) if paths else None
    except Fault as fault:
        return [(str(path), fault) for path in paths]

    def one(path: Path) -> Outcome:
        from dockslim.verify.scan.counting import verify_and_scan

        try:
            if path == STDIN:
                raise Fault("bad-input", "verify builds files; standard input has no build context")
            assert engine is not None
            return str(path), verify_and_scan(
                path, given["scan"], against=given["against"], options=options, engine=engine, progress=progress
            )
        except Fault as fault:
            return str(path), fault

    if len(paths) == 1 or given["jobs"] == 1:
        return [one(path) for path in paths]
    return _in_parallel(one, paths, given["jobs"], cancel)


def _in_parallel(one: Any, paths: Sequence[Path], jobs: int, cancel: Cancel) -> list[Outcome]:
    """Run in threads; Ctrl-C reaches this one alone, so it tells the others and waits until they have cleaned up."""
    pool = ThreadPoolExecutor(max_workers=jobs)
    futures: list[Future[Outcome]] = [pool.submit(one, path) for path in paths]
    try:
        pending: set[Future[Outcome]] = set(futures)
        while pending:
            done, pending = wait(pending, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
        return [future.result() for future in futures]
    except BaseException:
        cancel.set()
        for future in futures:
            future.cancel()
        raise
    finally:
        from dockslim.verify.process import shielded

        with shielded():
            pool.shutdown(wait=True)


def _deliver(outcomes: list[Outcome], given: dict[str, Any]) -> None:
    from dockslim.verify.faults import Fault

    form, place = given["output_format"], given["output"]
    if form == "text":
        from dockslim.verify.output.text import print_fault, print_outcomes

        if place is None:
            print_outcomes(outcomes, sys.stdout, verbose=given["verbose"])
        else:
            from dockslim.report.formats import PlainText

            page = PlainText()
            print_outcomes(outcomes, page, verbose=given["verbose"])
            _write(place, page.getvalue())
        for path, result in outcomes:
            if isinstance(result, Fault):
                print_fault(path, result, sys.stderr)
        return
    from dockslim.verify.output import document, html, markdown

    text = {"json": document, "markdown": markdown, "html": html}[form].render(outcomes)
    if place is not None:
        _write(place, text)
    else:
        click.echo(text, nl=False)
    if form != "json":
        from dataclasses import replace

        from dockslim.verify.output.text import print_fault

        for path, result in outcomes:
            if isinstance(result, Fault):
                print_fault(path, replace(result, details=""), sys.stderr)


class _Unwritten(click.ClickException):
    exit_code = _FAILED


def _write(place: Path, text: str) -> None:
    from dockslim.engine.writing import WriteError, create

    try:
        create(place, text.encode("utf-8", "backslashreplace"))
    except WriteError as error:
        raise _Unwritten(f"{place}: {error}") from error
