"""Pictures of the terminal: what the program prints on a terminal, drawn as SVG by rich's own export."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).parent.parent
COLUMNS = 100
CASE = "corpus/blog-pyodbc/Dockerfile"
#: Each picture and the command that it shows.
PICTURES = {"check": ("check", CASE), "fix": ("fix", "--diff", CASE)}

#: A ground of its own, so that a page may be light or dark; each colour stands out from it by at least 4.5 to 1.
THEME = TerminalTheme(
    (30, 33, 39),
    (222, 226, 230),
    [
        (30, 33, 39),
        (255, 123, 114),
        (126, 211, 135),
        (240, 196, 92),
        (121, 184, 255),
        (210, 168, 255),
        (98, 211, 222),
        (222, 226, 230),
    ],
)

#: rich's own, without the fonts that it has a browser fetch.
FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
    font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
    font-size: {char_height}px;
    line-height: {line_height}px;
    font-variant-east-asian: full-width;
}}
.{unique_id}-title {{
    font-size: 18px;
    font-weight: bold;
    font-family: sans-serif;
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def pictures() -> dict[Path, str]:
    """Each picture's file and its text.  Runs the program, once a picture."""
    folder = ROOT / "docs" / "pictures"
    return {folder / f"{name}.svg": drawn(name, arguments) for name, arguments in PICTURES.items()}


def drawn(name: str, arguments: tuple[str, ...]) -> str:
    """The SVG of one command and what it prints, without anything that differs from one run to the next."""
    console = Console(file=io.StringIO(), record=True, width=COLUMNS, force_terminal=True, color_system="standard")
    shown = Text.assemble(("$ ", "green"), ("dockslim " + " ".join(arguments), "bold"), "\n")
    console.print(shown + Text.from_ansi(on_a_terminal(arguments).rstrip("\n")))
    svg = console.export_svg(title="dockslim", theme=THEME, code_format=FORMAT, unique_id=f"dockslim-{name}")
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


def on_a_terminal(arguments: tuple[str, ...]) -> str:
    """What dockslim prints on a terminal of ``COLUMNS`` columns, colours and all."""
    master, slave = os.openpty()
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "PATH": os.defpath,
            "HOME": folder,
            "DOCKSLIM_CACHE_DIR": folder,
            "TERM": "xterm-256color",
            "COLUMNS": str(COLUMNS),
            "PYTHONUTF8": "1",
        }
        command = [sys.executable, "-m", "dockslim", *arguments]
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.PIPE
        )
        os.close(slave)
        data = b""
        while piece := _read(master):
            data += piece
        os.close(master)
        complaints = process.communicate()[1]
    if process.returncode not in (0, 1) or complaints:
        raise RuntimeError(f"{' '.join(command)}: exit code {process.returncode}: {complaints.decode()}")
    return data.decode().replace("\r\n", "\n")


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65536)
    except OSError:  # Linux's word for the end, once nobody holds the other side
        return b""
