"""The HTML report in a real browser: what it asks for, and whether it fits."""

from __future__ import annotations

import http.server
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dockslim.verify.output import html
from dockslim.verify.results import Complaint, Image, Remedy, Verification

pytestmark = pytest.mark.image  # slow, and needs what a plain machine has not

BROWSER = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), "")
MEASURE = """<script>addEventListener('load', () => {
  const texts = [...document.querySelectorAll('h1, h2, p, .tile b, .tile span, td, th, text')];
  parent.document.title = JSON.stringify({
    width: document.documentElement.scrollWidth, inner: innerWidth, colour: getComputedStyle(document.body).color,
    background: getComputedStyle(document.body).backgroundColor, texts: texts.length,
    out: texts.filter(t => t.getBoundingClientRect().right > innerWidth + 1 && !t.closest('.scroll'))
      .map(t => t.textContent),
  });
});</script>"""


@pytest.fixture
def page(make_image: Callable[..., Image]) -> str:
    names = tuple(f"package-with-a-long-name-{index}" for index in range(120))
    fix = Remedy("install libodbc2 in the final stage", "libodbc2", 8, "RUN apt-get install -y libodbc2 " + "x" * 120)
    lost = Complaint("library", "libodbc.so.2 is missing: needed by /" + "very-long-path/" * 12 + "x.so", fix)
    before, after = make_image(packages=names), make_image(packages=names[:40], size=150_000_000)
    return html.render([("services/" * 8 + "Dockerfile", Verification("p", "docker", before, after, (lost,)))])


@pytest.fixture
def served(tmp_path: Path, page: str) -> Iterator[tuple[str, list[str]]]:
    """The page on a local address, and everything that anybody asks of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            # A browser window has a least width; a frame in it has none.
            width = self.path.partition("?")[2]
            frame = f'<!DOCTYPE html><title>?</title><iframe src="/report" width="{width}" height="900"></iframe>'
            self.wfile.write((frame if width else page.replace("</head>", MEASURE + "</head>")).encode())

        def log_message(self, *arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/frame", asked
    server.shutdown()
    server.server_close()


@pytest.mark.skipif(not BROWSER, reason="no Chromium on PATH")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [400, 1100])
def test_the_page_fits_and_asks_for_nothing(
    served: tuple[str, list[str]], tmp_path: Path, width: int, dark: bool
) -> None:
    address, asked = served
    scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
    done = subprocess.run(
        [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", *scheme, "--window-size=1300,1000",
            f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=3000", "--dump-dom", f"{address}?{width}",
        ],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    found = re.search(r"<title>(\{.*?\})</title>", done.stdout, re.DOTALL)
    assert found is not None, done.stderr[-500:]
    measured = json.loads(found[1].replace("&amp;", "&").replace("&gt;", ">").replace("&lt;", "<"))
    assert [path for path in asked if path not in ("/report", f"/frame?{width}", "/favicon.ico")] == []
    assert measured["inner"] == width
    assert measured["width"] <= width
    assert measured["out"] == []
    assert measured["texts"] > 40
    ink, paper = (sum(map(int, re.findall(r"\d+", measured[name])[:3])) for name in ("colour", "background"))
    assert (ink > paper) is dark
