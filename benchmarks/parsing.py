"""How fast, how linear and how lean reading is: ``python benchmarks/parsing.py [FOLDER]``.

FOLDER holds real Dockerfiles (the corpus by default).  Prints files per second next to dockerfile-parse and the
`dockerfile` package in the same run; for texts made to hurt, the time of 10 MB over that of 1 MB (10 is linear); and
the memory that a parsed file takes, as a multiple of its size.
"""

from __future__ import annotations

import gc
import io
import logging
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from dockslim.syntax import CommandInstruction, File, parse

MEGABYTE = 1_000_000


def texts(size: int) -> dict[str, Callable[[], str]]:
    """Return what is hard to read in linear time and without recursion, about ``size`` long."""
    return {
        "continuations": lambda: "RUN a" + "\\\n" * (size // 2),
        "words cut by continuations": lambda: "ENV A=" + "b\\\n" * (size // 3),
        "comments in a continuation": lambda: "RUN a \\\n" + "# note\n" * (size // 7) + "b\n",
        "one line": lambda: "RUN " + "x y " * (size // 4) + "\n",
        "one word": lambda: "COPY " + "x" * size + " /y\n",
        "instructions": lambda: "WORKDIR /a\n" * (size // 11),
        "unknown instructions": lambda: "".join(f"RUNN{at} x\n" for at in range(size // 12)),
        "instructions that do not fit": lambda: "FROM a b\n" * (size // 9),
        "ONBUILD in ONBUILD": lambda: "ONBUILD " * (size // 8) + "RUN x\n",
        "pairs": lambda: "ENV " + "A=1 " * (size // 4) + "\n",
        "flags": lambda: "RUN " + "--mount=type=cache,target=/x " * (size // 29) + "true\n",
        "a JSON array": lambda: "CMD [" + '"a", ' * (size // 5) + '"b"]\n',
        "brackets": lambda: "CMD " + "[" * size + "\n",
        "a JSON string that does not end": lambda: 'CMD ["' + "a\\n" * (size // 3) + "\n",
        "quotes that do not end": lambda: "ENV A='" + 'b"\\' * (size // 3) + "\n",
        "here-documents": lambda: "RUN <<EOF\na\nEOF\n" * (size // 16),
        "here-documents without end": lambda: "".join(f"RUN <<E{at}\n" for at in range(size // 12)),
        "a here-document of many lines": lambda: "RUN <<EOF\n" + "EO\n" * (size // 3) + "EOF\n",
        "carriage returns": lambda: "RUN a\r" * (size // 6),
        "variables in variables": lambda: "ENV A=" + "${A:-" * (size // 6) + "}" * (size // 6) + "\n",
    }


def scripts(size: int) -> dict[str, str]:
    """Return the same for the shell, smaller by a tenth."""
    size //= 10
    return {
        "shell: a list": "RUN a" + " && b" * (size // 5) + "\n",
        "shell: subshells": "RUN " + "( " * (size // 4) + "a" + " )" * (size // 4) + "\n",
        "shell: substitutions": "RUN echo " + "$(a " * (size // 5) + ")" * (size // 5) + "\n",
        "shell: words": "RUN apt-get install " + "pkg " * (size // 4) + "\n",
        "shell: assignments": "RUN " + "A=$A && " * (size // 8) + "true\n",
        "shell: not shell": "RUN " + "( ' ; " * (size // 6) + "\n",
    }


def timed(task: Callable[[], object]) -> float:
    """Return the shorter of two runs in seconds of this process alone."""
    best = float("inf")
    for _ in range(2):
        gc.collect()
        start = time.process_time()
        task()
        best = min(best, time.process_time() - start)
    return best


def read_all(file: File) -> None:
    """Ask for everything a file holds but its scripts."""
    for _ in file.walk():
        pass


def read_scripts(text: str) -> None:
    for instruction in parse(text).find(CommandInstruction):
        for command in instruction.script.commands:
            command.argv(lambda name: None)


def growth() -> None:
    """Print how the time grows from 1 MB to 10 MB."""
    print(f"{'text':36} {'1 MB':>8} {'10 MB':>8}  ratio  and all parts")
    worst = 0.0
    for (name, small), large in zip(texts(MEGABYTE).items(), texts(10 * MEGABYTE).values(), strict=True):
        one, ten = small(), large()
        times = [timed(lambda text=text: parse(text)) for text in (one, ten)]  # type: ignore[misc]
        walks = [timed(lambda text=text: read_all(parse(text))) for text in (one, ten)]  # type: ignore[misc]
        ratio = times[1] / times[0] * (len(one) * 10 / len(ten))
        worst = max(worst, ratio)
        print(f"{name:36} {times[0]:7.3f}s {times[1]:7.3f}s {ratio:6.1f} {walks[1] / walks[0]:6.1f}", flush=True)
    for (name, one), ten in zip(scripts(MEGABYTE).items(), scripts(10 * MEGABYTE).values(), strict=True):
        times = [timed(lambda text=text: read_scripts(text)) for text in (one, ten)]  # type: ignore[misc]
        print(f"{name:36} {times[0]:7.3f}s {times[1]:7.3f}s {times[1] / times[0]:6.1f}", flush=True)
    print(f"worst ratio of reading: {worst:.1f}\n")


MEMORY = """
import resource, sys
from dockslim.syntax import parse
data = sys.stdin.buffer.read()
parse("FROM a\\n")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
file = parse(data)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((after - before) * 1024 / len(data))
"""


def memory(paths: list[Path]) -> None:
    """Print the peak memory of reading real files put together to 10 MB, and the worst of the made texts."""
    pile = b""
    while len(pile) < 10 * MEGABYTE:
        pile += b"".join(path.read_bytes() + b"\n" for path in paths[:20000])[: 10 * MEGABYTE]
    print(f"memory, real files put together: {multiple(pile[: 10 * MEGABYTE]):.1f} times the size")
    for name, make in texts(2 * MEGABYTE).items():
        print(f"memory, {name}: {multiple(make().encode()):.1f}", flush=True)
    print()


def multiple(data: bytes) -> float:
    run = subprocess.run([sys.executable, "-c", MEMORY], input=data, capture_output=True, check=True)
    return float(run.stdout)


def speed(paths: list[Path]) -> None:
    """Print files per second, three parsers in turn."""
    import dockerfile
    from dockerfile_parse import DockerfileParser

    logging.getLogger("dockerfile_parse").setLevel(logging.CRITICAL)
    datas = [path.read_bytes() for path in paths]
    names = [str(path) for path in paths]

    def ours() -> None:
        for data in datas:
            parse(data)

    def ours_walked() -> None:
        for data in datas:
            read_all(parse(data))

    def second() -> None:
        for data in datas:
            try:
                _ = DockerfileParser(fileobj=io.BytesIO(data)).structure
            except Exception:
                continue

    def package() -> None:
        for name in names:
            try:
                dockerfile.parse_file(name)
            except dockerfile.GoParseError:
                continue

    readers = {
        "dockslim": ours,
        "dockslim, all parts asked for": ours_walked,
        "dockerfile-parse": second,
        "dockerfile (BuildKit's, in Go)": package,
    }
    times: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(5):
        for name, reader in readers.items():
            gc.collect()
            start = time.perf_counter()
            reader()
            times[name].append(time.perf_counter() - start)
    size = sum(map(len, datas))
    print(f"{len(paths)} files, {size / len(paths):.0f} bytes on average")
    for name, taken in times.items():
        rates = sorted(len(paths) / each for each in taken)
        ratio = statistics.median(a / b for a, b in zip(taken, times["dockslim"], strict=True))
        print(
            f"{name:32} {rates[0]:7.0f} {statistics.median(rates):7.0f} {rates[-1]:7.0f} files/s "
            f"(least, median, most), {ratio:.2f} times dockslim's time"
        )
    print()


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "corpus"
    every = sorted(path for path in folder.rglob("*") if path.is_file() and "ockerfile" in path.name)
    paths = every[:: max(len(every) // 2000, 1)]
    speed(paths)
    growth()
    memory(every)


if __name__ == "__main__":
    main()
