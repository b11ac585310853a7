"""Programs by what they do to the question "is a compiler still needed?"."""

from __future__ import annotations

import re

from dockslim.later import later
from dockslim.rewrite.python_line import is_python, python_line

__all__ = [
    "bare",
    "compiles",
    "delegates",
    "harmless",
    "installer_only",
    "installs",
    "is_python",
    "of_the_system",
    "python_line",
    "starts_others",
]

#: Programs that compile, or that call a compiler when it suits them.
COMPILING = frozenset(
    """
    ar as autoconf autoreconf bazel bundle c++ c89 c99 cargo cc clang clang++ cmake configure cpan cpanm cpp cython
    cythonize f77 f95 g++ gcc gem gfortran ghc go gradle javac ld luarocks make meson mvn nasm ninja node-gyp npm
    nvcc ocaml pecl pnpm qmake R Rscript rustc rustup sbt scons stack swift tsc yarn yasm
    """.split()
)

#: Programs of the system, and servers and clients of databases, that neither compile nor call a compiler.
SYSTEM = frozenset(
    """
    [ [[ : . add-apt-repository addgroup adduser apk apt apt-get apt-key apt-mark aptitude awk base64 basename break
    bzip2 cat cd chgrp chmod chown chsh command continue cp crontab curl cut date dd deluser df dirname dnf dpkg
    dpkg-divert dpkg-reconfigure du dumb-init echo env eval exec exit expr export fc-cache fc-list false file find
    getent git git-lfs gosu gpg grep egrep fgrep groupadd groupmod gunzip gzip head hostname id install jq kill
    ldconfig let ln local locale-gen localedef ls lsb_release md5sum microdnf mkdir mkfifo mktemp mount mv nc nginx
    nice node nohup nproc openssl passwd patch pg_isready pgrep ping pkill popd printf ps psql mysql mysqladmin
    pushd pwd read readlink realpath redis-cli redis-server return rm rmdir rsync sed seq service set shift sh
    sha256sum sha512sum shasum sleep sort source ssh-keygen ssh-keyscan stat stty su su-exec sudo supervisorctl
    sync sysctl tail tar tee test time timeout tini touch tr trap true type tzdata ulimit umask uname
    uniq unset unzip update-alternatives update-ca-certificates update-locale useradd usermod wait wc wget which
    whoami xargs xvfb-run xz yes yum zcat zip bash dash ash zsh
    """.split()
)

#: Python itself, and commands that Python packages bring.
OF_PYTHON = frozenset(
    """
    aerich airflow alembic aws azure black celery chainlit coverage daphne dbt django-admin fastapi flake8 flask
    gdown gunicorn huggingface-cli hypercorn ipython jupyter jupyter-lab jupyter-notebook kubectl locust mkdocs
    mlflow mypy nltk pip pip3 playwright poetry pre-commit prefect prisma pypy3 pytest python python3 rasa rq ruff
    sanic scrapy spacy sphinx-build sqlite3 streamlit superset tox twine uv uvicorn uvx uwsgi wait-for-it
    waitress-serve
    """.split()
)


#: Installers of Python projects, and the words that make them build what they install.
INSTALLERS = {
    "poetry": {"install", "add", "sync", "build"},
    "pipenv": {"install", "sync", "update"},
    "pdm": {"install", "sync", "add", "build"},
    "uv": {"sync", "add", "build"},
    "rye": {"sync", "build"},
}


def bare(program: str) -> str:
    """Return a program's name without a version at its end: `gcc-12`, `python3.11`."""
    return re.sub(r"-?\d+(\.\d+)*$", "", program) or program if program[-1:].isdigit() else program


def compiles(program: str, words: tuple[str | None, ...]) -> bool:
    """Whether a command line is one that compiles."""
    name = bare(program)
    second = words[1] if len(words) > 1 else None
    if is_python(program):
        line = python_line(words)
        return line.kind == "script" and (line.what or "").rsplit("/", 1)[-1] == "setup.py"
    if name in INSTALLERS:
        return bool(INSTALLERS[name] & {word for word in words[1:3] if word})
    if name in ("npm", "pnpm", "yarn"):
        return second not in ("start", "run", "serve", "exec", "config", "cache", "--version", "-v")
    # `pg_config`, `gdal-config`: they come with headers and are asked by builds only
    return (
        name in COMPILING
        or program in COMPILING
        or (program.endswith(("-config", "_config")) and program != "dpkg-config")
    )


def harmless(program: str) -> bool:
    """Whether a program surely compiles nothing."""
    return of_the_system(program) or bare(program) in OF_PYTHON or program in OF_PYTHON


def of_the_system(program: str) -> bool:
    """Whether a program is one of the system's, which no Python package brings."""
    return bare(program) in SYSTEM or program in SYSTEM


def installer_only(program: str, words: tuple[str | None, ...]) -> bool:
    """Whether a command is pip or uv at other work than installing, or Python making an environment."""
    name, rest = bare(program), words[1:]
    if name == "python":
        return rest[:1] in (("--version",), ("-V",)) or rest[:2] in (("-m", "venv"), ("-m", "ensurepip"), ("-m", "pip"))
    return name in ("pip", "uv")


#: Programs that start what their own files say: a crontab, a Procfile.
STARTERS = frozenset(
    "anacron cron crond circusd forego foreman go-crontab honcho incrond monit overmind pm2 procodile runit runsvdir "
    "s6-svscan supercronic yacron".split()
)


def starts_others(program: str, words: tuple[str | None, ...]) -> bool:
    """Whether a program starts others that its own files name, or is told to start one (`service cron start`)."""
    return program in STARTERS or (program in ("service", "rc-service", "systemctl") and bool(STARTERS & set(words)))


#: What a compressed archive's name or an option of tar says about the program that tar calls.
UNPACKERS = {
    "xz": later(r"\.t?xz$|^--(xz|lzma)$|^-?[a-zA-Z]*J[a-zA-Z]*$|\.lzma$"),
    "bzip2": later(r"\.(bz2|tbz2?)$|^--bzip2$|^-?[a-zA-Z]*j[a-zA-Z]*$"),
    "zstd": later(r"\.t?zst$|^--zstd$"),
}


def implied(program: str, words: tuple[str | None, ...]) -> tuple[str, ...]:
    """Return the programs that a command calls in its turn, as far as its words tell."""
    rest = [word for word in words[1:] if word is not None]
    if program in ("tar", "bsdtar", "gtar"):
        return tuple(name for name, sign in UNPACKERS.items() if any(map(sign.search, rest)))
    if program == "apt-key" and not {"list", "finger"} & set(rest):
        return ("gpg",)
    if program in ("which", "command", "type", "hash") and (program != "command" or rest[:1] in (["-v"], ["-V"])):
        return tuple(word for word in rest if not word.startswith("-"))
    django = program == "django-admin" or any(word.rsplit("/", 1)[-1] == "manage.py" for word in (program, *rest[:1]))
    return ("msgfmt",) if django and {"compilemessages", "makemessages"} & set(rest) else ()


#: Modules of Python that a RUN may call without anything being compiled for the image.
MODULES = frozenset("pip venv ensurepip compileall nltk spacy playwright http.server json.tool site".split())


#: Python code that may start another program, or compile.
HANDS_OVER = later(
    r"subprocess|os\.(system|exec|popen|spawn)|Popen|\bpip\b|distutils|setuptools|cffi|Cython|(?<![.\w])(exec|open)\("
)


def delegates(program: str, words: tuple[str | None, ...]) -> bool:
    """Whether a command hands over to what cannot be seen from here: a program of the user's, or another install."""
    name, rest = bare(program), words[1:]
    if is_python(program):
        line = python_line(words)
        if line.kind == "-m":
            return line.what not in MODULES or bool(INSTALLING.get(line.what or "", frozenset()) & set(line.rest))
        if line.kind == "-c":
            return line.what is None or HANDS_OVER.search(line.what) is not None
        if line.kind in ("-", ""):  # what it does comes from its input, if it does anything
            return set(words[1:]) - {"--version", "-V", "-VV", "--help", "-h"} != set() or len(words) == 1
        return line.what is not None and line.what.endswith(".py") and line.what.rsplit("/", 1)[-1] != "manage.py"
    return bool(INSTALLING.get(name, frozenset()) & set(rest)) or name in BUILDING or runs_others(program, words)


#: Programs that run what files of their own say: workflows, notebooks, the configuration of documentation.
RUNNERS = frozenset("behave doit invoke papermill robot snakemake sphinx-build".split())


#: Files that Python runs and nobody reads here.
ELSEWHERE = (".pyz", ".pyw", ".ipynb")


def runs_others(program: str, words: tuple[str | None, ...]) -> bool:
    """Whether a command runs files that are not looked at: those of a runner, an archive, or another language's."""
    name, rest = bare(program), [word or "" for word in words[1:]]
    if is_python(program):
        line = python_line(words)
        script = (line.what or "") if line.kind == "script" else ""
        return (line.kind == "-m" and line.what in RUNNERS) or line.kind == "-" or script.endswith(ELSEWHERE)
    if name in ("node", "nodejs"):
        return any(not word.startswith("-") for word in rest)
    return name in RUNNERS


def installs(program: str, words: tuple[str | None, ...]) -> bool:
    """Whether a command installs or builds projects, by its name or as a module: a container may do so as it starts."""
    name, rest = bare(program), words[1:]
    if is_python(program):
        line = python_line(words)
        name, rest = (line.what or "") if line.kind == "-m" else "", line.rest
        if name.partition(".")[0].lower() in BUILDING or name in BUILDING_MODULES:
            return True
    return name in ("pip", "uv", "pipx") and bool(INSTALLING[name] & set(rest))


#: Modules that compile, or build a project.
BUILDING_MODULES = frozenset("build cython cffi numpy.f2py setuptools.launch distutils.core installer zipapp".split())

#: Programs of Python projects that build or install by themselves, with whatever they find in the image.
BUILDING = frozenset(
    "uvx tox nox pex shiv pip-compile pip-sync pyinstaller nuitka mypyc f2py conan maturin buildozer briefcase pio "
    "platformio pythran cibuildwheel install_cmdstan pyoxidizer cythonize hatch flit".split()
)

#: Words by which a tool installs something that nobody can see from here.
INSTALLING = {
    "pip": frozenset({"install", "wheel", "download"}),
    "pipx": frozenset({"install", "inject", "run", "upgrade", "install-all"}),
    "uv": frozenset({"tool", "--with", "--with-requirements", "--with-editable", "build", "pip"}),
    "pre-commit": frozenset({"install-hooks", "run", "--install-hooks"}),
}
