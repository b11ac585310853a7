"""The command lines that Python code starts, as its text tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockslim.model import commands


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("import os\nos.system('gcc x.c')", "gcc x.c"),
        ("from os import system\nsystem('gcc x.c')", "gcc x.c"),
        ("from os import popen as p\np('ls')", "ls"),
        ("import subprocess as sp\nsp.run(['gcc', '-c', name])", "gcc -c $_"),
        ("from subprocess import run\nrun(args=['make', f'-j{n}'])", "make -j$_"),
        ("from subprocess import Popen\nPopen(('git', *rest))", "git $_"),
        ("import subprocess\ncmd = ['make']\nsubprocess.call(cmd + ['all', x])", "make all $_"),
        ("import subprocess\nsubprocess.call('gcc -o %s %(b)s' % x, shell=True)", "gcc -o $_ $_"),
        ("import subprocess\nsubprocess.call('gcc {} -o {out}'.format(a).split())", "gcc $_ -o $_"),
        ("import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'pip', 'list'])", "python -m pip list"),
        ("import subprocess, shlex\nsubprocess.run(shlex.split(f'du {x}'))", "du $_"),
        ("import subprocess, os\nsubprocess.run([os.path.join(home, 'bin/tool')])", "$_/bin/tool"),
        ("import subprocess\nsubprocess.run([\"it's\", 'a b'])", "'it'\"'\"'s' 'a b'"),
        ("import subprocess\nclass A:\n    cmd = ['clang']\n    def f(self): subprocess.run(self.cmd)", "clang"),
        ("import os\nos.execvp('gcc', ['gcc', '-c'])", "gcc -c"),
        ("import os\nos.execlp('gcc', 'gcc', '-c')", "gcc -c"),
        ("import os\nos.spawnlp(os.P_WAIT, 'cp', 'cp', 'a')", "cp a"),
        ("import os\nos.spawnvp(os.P_WAIT, 'cp', ['cp', 'a'])", "cp a"),
        ("async def f():\n    await asyncio.create_subprocess_exec('ffmpeg', '-i', x)", "ffmpeg -i $_"),
        ("import sh\nsh.gcc('-c', x)", "gcc -c $_"),
        ("from plumbum.cmd import gcc\ngcc('-c')", "gcc -c"),
        ("from plumbum import local\nlocal['gcc']('-c')", "gcc"),
        ("import pexpect\npexpect.spawn('ssh', ['host'])", "ssh host"),
        ("import shutil\nif shutil.which('git'): pass", "git"),
        ("import subprocess\nsubprocess.run(unknown)", "$_"),
        ("import subprocess\nsubprocess.run()", "$_"),
    ],
)
def test_one_call(code: str, line: str) -> None:
    found = commands(code)
    assert found is not None
    assert found[0] == line


def test_all_that_a_name_may_mean() -> None:
    code = "import os\nx = 'gcc' if old else 'clang'\nos.system(x)\nx = 'make'\n"
    assert commands(code) == ("gcc", "clang", "make")


@pytest.mark.parametrize("code", ["print(run('ls'))", "self.run(['ls'])", "os.path.join('a')", "import subprocess", ""])
def test_what_starts_nothing(code: str) -> None:
    assert commands(code) == ()


@pytest.mark.parametrize("code", ["print 1", "\0", "def", "x = " + "(" * 5_000])
def test_what_is_no_python(code: str) -> None:
    assert commands(code) is None


@pytest.mark.parametrize(
    "newer",
    [
        "try: pass\nexcept ValueError, a.TypeError: pass",
        "type Handler = Callable[[], X] | Y",
        "type Pair[A, B] = tuple[A, B]",
        "def first[T](items: list[T]) -> T: ...",
        "class Box[T: (int, str), *Ts]: ...",
        "async def retry[F: Callable[[], int]](call: F): ...",
        "name = f'{settings['name']}.{x.replace('\\n', '')}'",
        'name = f"{a["b"]}"; other = f"{c["d"]}"',
    ],
)
def test_what_only_a_newer_python_reads(newer: str) -> None:
    assert commands(f"import os\n{newer}\nos.system('gcc x.c')\n") == ("gcc x.c",)


def test_names_that_mean_each_other_come_to_an_end() -> None:
    values = "\n".join(f"a = [a, b, '{number}']\nb = a + b" for number in range(300))
    assert commands(f"import os\n{values}\nos.system(a)\nos.system(b)") is not None


def test_python_itself_is_told_nothing_while_it_reads(recwarn: pytest.WarningsRecorder) -> None:
    assert commands("import os\nos.system('\\d')\nx = 1 is 1\n") == ("\\d",)
    assert not recwarn.list


#: Pieces that calls are made of.
NAMES = st.sampled_from(
    ["os.system", "run", "sp.Popen", "sh.x", "f", "os.execlp", "shlex.split", "''.join", "os.path.join"]
)
TEXTS = st.recursive(
    st.sampled_from(["'gcc'", "f'a{b}'", "b'x'", "1", "x", "a.b", "None", "'%s'", "'{}'"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.tuples(inner, st.sampled_from("+%/"), inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(NAMES, st.lists(inner, max_size=3)).map(lambda call: f"{call[0]}({', '.join(call[1])})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} if q else {pair[1]})"),
    ),
    max_leaves=8,
)


@given(st.lists(st.one_of(TEXTS, TEXTS.map(lambda text: f"x = {text}")), max_size=5))
def test_whatever_an_expression_is(lines: list[str]) -> None:
    found = commands("import subprocess as sp, os, sh, shlex\nfrom subprocess import run\n" + "\n".join(lines))
    assert found is not None
    assert all(isinstance(line, str) for line in found)
