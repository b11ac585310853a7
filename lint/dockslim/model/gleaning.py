"""What one Python file after another says of the programs, libraries and files that it wants when it runs."""

from __future__ import annotations

import re

from dockslim.later import later
from dockslim.model.python_calls import HELD, IMPORTS, MODULES, Calls, calls
from dockslim.model.python_meanings import LONGEST
from dockslim.model.python_sources import Sources

__all__ = ["Gleaned", "glean"]

#: A library by the name that only its development package has, and what loads by name.
UNVERSIONED = later(r"""["'/}*=](lib[\w+-]+\.so)(?=["':\s])""")
COMPILES = later(
    r"\btorch\.compile\b|^[ \t]*(?:import|from)[ \t]+(?:triton|pyximport|cppyy|pythran|numba\.pycc)\b|"
    r"\bfrom[ \t]+numba[ \t]+import[ \t][^\n]*\bpycc\b|\bufuncify\(|"
    r"@cython\.compile\b|\bload_inline\(|"
    r"\bcpp_extension\b|\bffi\.verify\(|\bpyximport\b|\bdistutils\.ccompiler\b|\bnew_compiler\(|"
    r"\bffi(?:builder)?\.compile\(|^[ \t]*from[ \t]+torch[ \t]+import\s[^\n]*\bcompile\b|\bcython\.inline\(|"
    r"\bscript_args\s*=\s*\[|\bf2py\.compile\(|\brun_setup\(|"
    r"\bfrom\s+scipy\s+import\s[^\n]*\bweave\b|\bweave\.(?:inline|blitz)\(|\bsympy\.utilities\.autowrap\b|"
    r"\.compile\(\s*(?:mode|backend|fullgraph|dynamic)\s*=|\b(?:model|net|module|self|m)\.compile\(\s*\)",
    re.MULTILINE,
)
TKINTER = later(
    r"^[ \t]*(?:import[ \t]+(?:[\w.]+[ \t]*,[ \t]*)*|from[ \t]+)(?:tkinter|turtle|_tkinter|idlelib)\b|"
    r"[\"']tkinter[\"']",
    re.MULTILINE,
)
#: Words of a file that asks for the type of a file by its name, or serves files, and of one that opens fonts.
MIME_TYPES = (
    "mimetypes guess_type StaticFile staticfiles FileResponse send_file send_from_directory static_file( add_static( "
    "static_folder /etc/mime.types file:// Flask( Quart( Sanic( Dash( upload_from_filename files={ files=[ files=files"
).split()
FONTS = ".ttf .ttc truetype( TTFont( /usr/share/fonts findSystemFonts fc-list fc-match".split()
#: pip, called as a module by a program, or by what makes environments for some of its work.
INSTALLS = later(
    r"\bpip\.main\(|\bpip\._internal\b|\bfrom[ \t]+pip[ \t]+import\b|\brun_module\(\s*[\"']pip\b|\bPipInstall\(|"
    r"\bPythonVirtualenvOperator\b|@task\.virtualenv\b|[\"']pip[\"']\s*:\s*\["
)
#: Python as the distribution has it, which headers and full images bring.
SYSTEM_PYTHON = later(r"#! ?/usr/bin/python")
#: What loads a library by its name; that of C, and the program itself, are always there.
LOADERS = ("find_library(", "CDLL(", "LoadLibrary(", ".dlopen(")
LOADS = later(r"(?:find_library|CDLL|LoadLibrary|\.dlopen)\(\s*(?![\"'](?:libc\.so\.6|c)[\"']|None\b)")
#: Methods of HTTP, one of which is called like a program.
METHODS = later(r"[\"'](?i:get|post|put|delete)[\"']")
#: Words without which no pattern matches; to look for them first costs a tenth.
COMPILERS = (
    "torch triton pyximport cppyy pythran .verify( ccompiler new_compiler ffi.compile ffibuilder.compile set_source( "
    "FFI( cython numba ufuncify autowrap load_inline( cpp_extension script_args f2py run_setup( weave cppimport"
).split()
#: Words of a file that starts programs, be it by names that others give.
STARTERS = (
    "subprocess",
    "Popen",
    "os.system",
    "os.popen",
    "os.exec",
    "os.spawn",
    "posix_spawn",
    "pexpect",
    "pty.spawn",
)
STARTING = later(
    r"(?m)^[ \t]*(?:import|from)[ \t]+(?:invoke|fabric|plumbum|sh|delegator|envoy|sarge|tornado\.process)\b"
)
#: So many command lines are looked at; a program has fewer.
MOST_LINES = 1_000
#: Programs that build tools and full images bring; the second group are words that people write, too.
SPOKEN = later(
    r"""(?:["']|&&[ ]*|[|;][ ]*|\$\(|sudo[ ])(?:/usr/bin/|/bin/)?"""
    r"""(git|curl|wget|gcc|g\+\+|c\+\+|clang(?:\+\+)?|gfortran|nvcc|cmake|ninja|msgfmt|xgettext|swig|gdb|perl|svn|hg|ssh|scp|"""
    r"""sftp|ssh-keygen|ssh-keyscan|gpg|unzip|bzip2|xz|mogrify|mysql_config|pg_config|ps|pkill|pgrep|vmstat|autoconf|"""
    r"""automake|pkg-config|javac|doxygen|bison|objdump|readelf)(?:-\d+)?(?=["'\s])"""
    r"""|[\[(]\s*["'](?:/usr/bin/)?(make|cc|file|patch|convert|identify|montage|dot|jar|strip|ld|ar)["']\s*[,\]]"""
    r"""|["'](?:/usr/bin/)?(make|file|patch|convert|identify|montage|dot|jar)[ ](?=[-/{])"""
)


class Gleaned:
    """What has been found so far, in one file after another."""

    def __init__(self) -> None:
        self.commands: dict[tuple[str, str], None] = {}
        self.named: dict[tuple[str, str], None] = {}
        self.found: dict[str, str] = {}
        self.texts: list[tuple[str, str]] = []
        #: Those that start nothing themselves, but may hand a command line to one that does.
        self.unasked: list[tuple[str, str]] = []
        self.starts = False

    def read(self, path: str, text: str) -> None:
        """Look into one file."""
        first = self.found.setdefault
        may_compile = any(word in text for word in COMPILERS)
        by_name = may_compile or any(word in text for word in MODULES)
        whole = by_name or IMPORTS.search(text) is not None
        read = calls(text) if whole else None
        if by_name and read is None:
            first("unread", path)
        found = read or Calls(())
        self.commands.update(((path, line), None) for line in found.started)
        self.named.update(((path, line), None) for line in found.named)
        starts = bool(found.started) or STARTING.search(text) is not None or any(word in text for word in STARTERS)
        self.starts = self.starts or starts
        self.texts.append((path, text))
        if not whole and HELD.search(text):
            self.unasked.append((path, text))
        # cffi: what is set as a source is compiled with the same builder
        if may_compile and (found.compiles or COMPILES.search(text) or ("set_source(" in text and ".compile(" in text)):
            first("compiles", path)
        if (
            "tkinter" not in self.found
            and any(word in text for word in ("tkinter", "turtle", "idlelib"))
            and TKINTER.search(text)
        ):
            first("tkinter", path)
        if "library" not in self.found and ".so" in text:
            named = UNVERSIONED.search(text)
            if named is not None:
                first("library", f"{path}: {named[1]}")
        if "mime_types" not in self.found and any(word in text for word in MIME_TYPES):
            first("mime_types", path)
        if "fonts" not in self.found and any(word in text for word in FONTS):
            first("fonts", path)
        if "find_library" in text:
            first("find_library", path)
        if any(word in text for word in LOADERS) and LOADS.search(text):
            first("loads", path)
        if any(word in text for word in ("pip", "irtualenv", "PipInstall")) and INSTALLS.search(text):
            first("installs", path)
        if text.startswith("#!") and SYSTEM_PYTHON.match(text):
            first("system_python", path)

    def result(self, *, complete: bool) -> Sources:
        """Return all that was found."""
        spoken: dict[str, str] = {}
        for path, text in self.texts if self.starts else ():
            for match in SPOKEN.finditer(text):
                name = match[1] or match[2] or match[3]
                if name != "patch" or not METHODS.search(text, max(match.start() - 80, 0), match.end() + 80):
                    spoken.setdefault(name, path)
        for path, text in self.unasked if self.starts else ():
            held = calls(text)
            self.named.update(((path, line), None) for line in (held.named if held is not None else ()))
        lines = [pair for pair in (*self.commands, *self.named) if len(pair[1]) > LONGEST]
        complete = complete and not lines and len(self.commands) + len(self.named) <= MOST_LINES
        return Sources(
            commands=tuple(self.commands)[:MOST_LINES],
            named=tuple(self.named)[:MOST_LINES] if self.starts else (),
            spoken=tuple(sorted(spoken.items())),
            complete=complete,
            **self.found,
        )


def glean(path: str, text: str) -> Sources:
    """Return what one script wants, or some code: Python whose name does not say so."""
    gleaned = Gleaned()
    gleaned.read(path, text)
    return gleaned.result(complete=True)
