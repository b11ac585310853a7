"""The command lines that Python code starts, as its text tells."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockslim.model import Context, sources
from dockslim.model.python_calls import calls


def commands(code: str) -> tuple[str, ...] | None:
    found = calls(code)
    return None if found is None else found.started


def named(code: str) -> tuple[str, ...]:
    found = calls(code)
    assert found is not None
    return found.named


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("import os\nos.system('gcc x.c')", "gcc x.c"),
        ("from os import system\nsystem('gcc x.c')", "gcc x.c"),
        ("from os import popen as p\np('ls')", "ls"),
        ("import subprocess as sp\nsp.run(['gcc', '-c', name])", "gcc -c $_"),
        ("from subprocess import run\nrun(args=['make', f'-j{n}'])", "make -j_"),
        ("from subprocess import Popen\nPopen(('git', *rest))", "git $_"),
        ("import subprocess\ncmd = ['make']\nsubprocess.call(cmd + ['all', x])", "make all $_"),
        ("import subprocess\nsubprocess.call('gcc -o %s %(b)s' % x, shell=True)", "gcc -o $_ $_"),
        ("import subprocess\nsubprocess.call('gcc {} -o {out}'.format(a).split())", "gcc $_ -o $_"),
        ("import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'pip', 'list'])", "python -m pip list"),
        ("import subprocess, shlex\nsubprocess.run(shlex.split(f'du {x}'))", "du $_"),
        ("import subprocess, os\nsubprocess.run([os.path.join(home, 'bin/tool')])", "_/bin/tool"),
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
        ("import shutil\nif shutil.which('git'): pass", "which git"),
        ("import subprocess\nsubprocess.run(unknown)", "$_"),
        ("import os as o\no.system('make')", "make"),
        ("import sh as shell\nshell.make('all')", "make all"),
        ("import os, sh  # noqa\nsh.make('all')", "make all"),
        ("from subprocess import *\nrun(['make'])", "make"),
        ("import subprocess\nrun = subprocess.run\nrun(['make'])", "make"),
        ("try:\n    import subprocess32 as subprocess\nexcept E:\n    import subprocess\nsubprocess.run('ls')", "ls"),
        ("from gevent import subprocess\nsubprocess.run('ls')", "ls"),
        ("__import__('os').system('make')", "make"),
        ("import os\ngetattr(os, 'system')('make')", "make"),
        ("import functools, subprocess\nf = functools.partial(subprocess.run, ['make', 'x'])", "make x"),
        ("import subprocess\ncmd = ['make']\nsubprocess.run([*cmd, 'all'])", "make all"),
        ("import subprocess\ncmd = ['pip']\ncmd += ['install', x]\nsubprocess.run(cmd)", "pip install $_"),
        ("import subprocess\ncmd = ['pip']\ncmd.extend(['install'])\nsubprocess.run(cmd)", "pip install"),
        ("import os, sys\nos.system(f'{sys.executable} -m pip install x')", "python -m pip install x"),
        ("import os, sys\nos.system('%s setup.py %s' % (sys.executable, x))", "python setup.py $_"),
        ("import os, sys\nos.system('{py} {1}'.format(a, 'x.py', py=sys.executable))", "python x.py"),
        ("import subprocess\nsubprocess.run(['bash', '-c', f'cd {d} && make'])", "bash -c 'cd _ && make'"),
        ("import os, subprocess\nsubprocess.run([os.environ['CC'], 'x.c'])", "'$CC' x.c"),
        ("import os\nos.system(os.environ.get('CC', 'gcc') + ' x.c')", "$CC x.c"),
        ("from setuptools import setup\nsetup(name='x')", "python setup.py"),
        ("from Cython.Build import cythonize as c\nc('x.pyx')", "cythonize"),
        ("import runpy\nrunpy.run_path('setup.py')", "python setup.py"),
        ("import importlib\no = importlib.import_module('os')\no.system('make')", "make"),
        ("import sh\nsh.git.clone(url)", "git clone $_"),
        ("from plumbum.cmd import make\nmake['all']()", "make all"),
        ("import os\ndef f(cmd='make all'): os.system(cmd)", "make all"),
        ("import os\nos.system(' && '.join(['cd x', 'make']))", "cd x && make"),
        ("import os\nos.system('g++-%s x.c' % v)", "g++-_ x.c"),
        ("import anyio\nasync def f(): await anyio.run_process(['make'])", "make"),
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


@pytest.mark.parametrize(
    "code",
    [
        "print(run('ls'))",
        "self.run(['ls'])",
        "os.path.join('a')",
        "import subprocess",
        "",
        "sh = gc.open('x')\nsh.cc('x')",
    ],
)
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


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("helper('make', 'all')", "make all"),
        ("helper('cd x && make')", "cd x && make"),
        ("for c in (['make'], ['ls']): run(c)", "make"),
        ("Thread(target=f, args=('cmake', '--build', '.'))", "cmake --build ."),
        ("STEPS = {'build': 'npm install'}", "npm install"),
        ("class A:\n    step: str = 'cargo build'", "cargo build"),
        ("def f(c='pip install x'): ...", "pip install x"),
        ("loop.run_in_executor(None, os.system, 'make')", "make"),
        ("helper(sys.executable, 'setup.py', 'build_ext')", "python setup.py build_ext"),
        ("self._run(['env', 'A=1', 'ninja'])", "env A=1 ninja"),
    ],
)
def test_what_code_only_holds(code: str, line: str) -> None:
    assert line in named(code)


@pytest.mark.parametrize(
    "code",
    [
        '"""make all of it"""',
        "raise ImportError('x is missing; pip install x')",
        "log.info('make sure that gcc is there')",
        "parser.add_argument('--x', help='cmake is slow')",
        "words = {'verb': 'make', 'noun': 'go'}",
        "help = 'make sure'",
        "names = ['a', 'make']",
    ],
)
def test_what_is_only_said(code: str) -> None:
    assert named(code) == ()


@pytest.mark.parametrize(
    ("code", "compiles"),
    [
        ("import torch as t\nt.compile(m)", True),
        ("import torch\n@torch.compile\ndef f(): ...", True),
        ("from Cython.Build.Inline import cython_inline\ncython_inline('x')", True),
        ("import cython\ncython.inline('x')", True),
        ("from cffi import FFI\nf = FFI()\nf.verify('')", True),
        ("from cffi import FFI\nf = FFI()\nf.dlopen('x')\njwt.verify('')", False),
        ("import re\nre.compile('x')", False),
    ],
)
def test_what_compiles(code: str, compiles: bool) -> None:
    found = calls(code)
    assert found is not None
    assert found.compiles is compiles


@pytest.mark.parametrize(
    "code",
    [
        "import os as o\no.system('make')",
        "from os import system as s\ns('make')",
        "import os, sh\nsh.make()",
        "from plumbum.cmd import make\nmake()",
        "import delegator\ndelegator.run('make')",
        "import envoy\nenvoy.run('make')",
        "import sarge\nsarge.run('make')",
        "import trio\ntrio.run_process('make')",
        "from distutils.spawn import spawn\nspawn(['make'])",
        "import commands\ncommands.getoutput('make')",
        "import pty\npty.spawn('make')",
        "import posix\nposix.system('make')",
        "import os\nos.execl('make', 'make')",
        "import os\nos.spawnv(os.P_WAIT, 'make', ['make'])",
        "from fabric.api import local\nlocal('make')",
        "import invoke\ninvoke.run('make')",
        "\ufefffrom os import popen\npopen('make')",
    ],
)
def test_no_way_is_passed_over_unread(code: str, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(code)
    assert [line for _, line in sources(Context(tmp_path)).commands] == ["make"]


@pytest.mark.parametrize(
    "code",
    [
        "import os\n" + "x = y\n" * 20_000 + "os.system(x)\n" * 300,
        "import os\n" + "".join(f"x = y{n}\ny{n} = x + x\n" for n in range(3_000)) + "os.system(x)\n" * 100,
        "import os\nos.system('%" + "0" * 20_000 + "' % x)",
        "import os\nos.system('" + "%(a)s" * 20_000 + "' % x)",
        "FFI() " * 10_000,
        "import os\na = getattr(b, c.d(a))\nb = getattr(a, str(b))\nc = d = a\na()\nos.system(a)",
        "import os\na.b = getattr(x, str(y.b))\nx = a.b\ny.b = str(x)\ny = x\nx()\nos.system(x)",
        "import os\nos.system(" + "[" * 80 + "]" * 80 + ")",
        "import os\nx = " + " + ".join(["'a'"] * 2_000) + "\nos.system(x)",
        "import os\n" + 'x = f"{d["a"]}"\n' * 5_000,
    ],
)
def test_hostile_code_comes_to_an_end(code: str) -> None:
    calls(code)


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
