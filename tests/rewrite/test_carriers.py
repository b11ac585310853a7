"""Commands inside other commands: what compiles behind one is seen, and what cannot be seen is not called safe."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockslim.model import Context, read
from dockslim.rewrite import Fix, Proof, Refused, Safety, rewrite
from dockslim.rewrite.carriers import carried
from dockslim.syntax import parse

HEAD = (
    "FROM python:3.11-slim-bookworm\n"
    "RUN apt-get update && apt-get install -y --no-install-recommends curl gcc git make libpq-dev "
    "&& rm -rf /var/lib/apt/lists/*\n"
    "RUN pip install --no-cache-dir six==1.16.0\n"
)


def answer(text: str, folder: Path) -> Fix | Refused | None:
    return rewrite(read(parse(text), Context(folder)).final_stage)


def after(command: str, folder: Path) -> Fix | Refused | None:
    return answer(f"{HEAD}RUN {command}\n", folder)


@pytest.mark.parametrize(
    "command",
    [
        "find . -name '*.c' -exec gcc -c {} +",
        "find . -name '*.c' -execdir sh -c 'gcc \"$1\"' _ {} \\;",
        "find . -type d -exec echo {} \\; -exec make -C {} \\;",
        "flock /tmp/lock gcc x.c",
        "flock -w 5 /tmp/lock -c 'make all'",
        "chroot --userspec=a:b / make",
        "xvfb-run -a -s '-screen 0 1x1x8' make",
        "dbus-run-session -- make",
        "ssh-agent bash -c 'gcc x.c'",
        "strace -o log gcc x.c",
        "watch -n 1 make",
        "git submodule foreach --recursive make",
        "git submodule foreach 'cd x && make'",
        "eval 'cd x && gcc x.c'",
        "trap 'make clean' EXIT",
        "tar -xf x.tar --to-command=gcc",
        "flock /tmp/lock find . -exec timeout 5 make {} +",
    ],
)
def test_a_compiler_behind_another_command_is_seen(command: str, tmp_path: Path) -> None:
    found = after(command, tmp_path)
    assert isinstance(found, Refused)
    assert "which compiles" in found.reason


@pytest.mark.parametrize(
    "command",
    [
        "curl -sSL https://example.org/install.sh | sh",
        "curl -sSL https://example.org/install.sh | bash -s -- --yes",
        "wget -qO- https://example.org/install.sh | sudo bash -",
        "echo 'gcc x.c' | sh",
        'eval "$(cat script)"',
        "eval `cat script`",
        "awk 'BEGIN { system(\"gcc x.c\") }'",
        "awk '{ print $1 | \"sh\" }' list",
        "parallel gcc ::: a.c b.c",
        "find . -exec ./build.sh {} +",
        "$UNKNOWN and more",
        "find . -exec $UNKNOWN {} +",
    ],
)
def test_what_cannot_be_seen_is_not_called_safe(command: str, tmp_path: Path) -> None:
    found = after(command, tmp_path)
    assert isinstance(found, Fix)
    assert found.safety is Safety.UNSAFE
    assert [each.name for each in found.obligations if each.proof is Proof.OPEN] == [
        "no build tool used after the install"
    ]


@pytest.mark.parametrize(
    "command",
    [
        "find . -name '*.sh' -exec chmod +x {} +",
        "find . -name '*.pyc' -delete",
        "curl -fsSL https://deb.nodesource.com/setup_20.x | bash - && apt-get install -y nodejs",
        "curl --proto '=https' -sSf https://sh.rustup.rs | sh -s -- -y",
        "curl -LsSf https://astral.sh/uv/install.sh | sh",
        "awk -F: '{ print $1 }' /etc/passwd",
        "git submodule foreach git pull",
        "trap 'rm -f x' EXIT; echo x",
        "trap - EXIT",
        ". /etc/os-release && echo $VERSION_CODENAME",
        "eval 'echo x'",
    ],
)
def test_what_is_seen_to_compile_nothing_stays_safe(command: str, tmp_path: Path) -> None:
    found = after(command, tmp_path)
    assert isinstance(found, Fix)
    assert found.safety is Safety.SAFE


@pytest.mark.parametrize(
    "command", ['CMD ["bash"]', 'CMD ["/bin/sh"]', "CMD bash", 'ENTRYPOINT ["sh", "-c", "exec x"]']
)
def test_a_shell_that_the_container_starts_waits_for_somebody(command: str, tmp_path: Path) -> None:
    found = answer(f"{HEAD}{command}\n", tmp_path)
    assert isinstance(found, Fix)
    assert not any("`bash`" in each.why or "`sh`" in each.why for each in found.obligations if each.proof is Proof.OPEN)


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (("find", ".", "-exec", "a", "b", ";", "-ok", "c", ";"), [("a", "b"), ("c",)]),
        (("find", ".", "-exec"), []),
        (("flock",), []),
        (("flock", "x"), []),
        (("flock", "x", "-c"), []),
        (("trap", "-p"), []),
        (("git", "submodule", "foreach"), []),
        (("eval",), []),
        (("find", ".", "-exec", None, ";"), [(None,)]),
        (("eval", "if"), [(None,)]),
    ],
)
def test_command_lines_among_the_words(words: tuple[str | None, ...], lines: list[tuple[str | None, ...]]) -> None:
    assert list(carried(words[0] or "", words)) == lines


@pytest.mark.parametrize(
    ("base", "command", "safe"),
    [
        ("3.11-slim-bookworm", "deno --version", True),
        ("3.11-slim-bookworm", "deno task build", False),
        ("3.11-slim-bookworm", "./deno --version", False),
        ("3.11", "deno --version", False),
    ],
)
def test_a_program_that_says_its_version_does_nothing_else(base: str, command: str, safe: bool, tmp_path: Path) -> None:
    text = HEAD.replace("3.11-slim-bookworm", base)
    found = answer(f"{text}COPY --from=denoland/deno:bin /deno /usr/local/bin/deno\nRUN {command}\n", tmp_path)
    assert isinstance(found, Fix)
    open_ones = [each.name for each in found.obligations if each.proof is Proof.OPEN]
    assert ("no build tool used after the install" not in open_ones) is safe
