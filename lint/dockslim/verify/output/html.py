"""One page that needs nothing but itself: no script, no font, no picture from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib import resources

from dockslim.verify.faults import Fault
from dockslim.verify.output.document import Outcome
from dockslim.verify.output.treemap import Tile, svg
from dockslim.verify.output.words import change, megabytes, percent, plural, rows, severities, summary
from dockslim.verify.results import Complaint, Image, Verification

__all__ = ["render"]

_MAP_HEIGHT = 360


def render(outcomes: Sequence[Outcome]) -> str:
    """Return the whole page."""
    style = resources.files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    body = "\n".join(line for path, result in outcomes for line in _article(path, result))
    title = outcomes[0][0] if len(outcomes) == 1 else f"{len(outcomes)} Dockerfiles"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>dockslim verify: {escape(title)}</title>\n<style>\n{style}</style></head>\n"
        f"<body><main>\n{body}\n</main></body></html>\n"
    )


def _article(path: str, result: Verification | Fault) -> Iterator[str]:
    yield f"<article><h1>{escape(path)}</h1>"
    if isinstance(result, Fault):
        yield f'<p class="verdict bad">Not verified: {escape(result.message)}</p>'
        if result.details:
            yield f"<pre>{escape(result.details)}</pre>"
        yield "</article>"
        return
    yield f'<p class="soft">built and looked into with {escape(result.engine)}</p>'
    kind = "good" if result.exit_code == 0 else "bad"
    yield f'<p class="verdict {kind}">{escape(_sentence(summary(result)))}</p>'
    yield from _tiles(result)
    yield from _complaints("Regressions", "regression", result.regressions)
    yield from _complaints("Problems that are not new", "problem", result.problems)
    yield from _bars(result)
    yield from _maps(result)
    yield from _figures(result)
    yield from _scan(result)
    yield from _layers(result)
    yield from _packages(result)
    for note in result.notes:
        yield f'<p class="soft">{escape(note)}</p>'
    yield "</article>"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _tiles(result: Verification) -> Iterator[str]:
    before, after = result.before, result.after
    look = after.look
    yield '<div class="tiles">'
    if before is not None:
        saved = percent(before.size, after.size)
        yield _tile(f"{megabytes(before.size)} → {megabytes(after.size)}", f"image size {saved}")
        count = change(len(before.look.packages), len(look.packages)) or "±0"
        yield _tile(count, "distribution packages")
    else:
        yield _tile(megabytes(after.size), "image size")
    failures = len(look.import_failures)
    yield _tile(f"{look.imported} of {look.imported + failures}", "modules import")
    missing = len({each.library for each in look.missing_libraries})
    yield _tile(str(missing), "missing libraries" if missing != 1 else "missing library")
    yield "</div>"


def _tile(figure: str, label: str) -> str:
    return f'<div class="tile"><b>{escape(figure)}</b><span>{escape(label.strip())}</span></div>'


def _complaints(heading: str, kind: str, complaints: Iterable[Complaint]) -> Iterator[str]:
    complaints = list(complaints)
    if complaints:
        yield f"<h2>{escape(heading)}</h2>"
    for each in complaints:
        yield f'<div class="complaint {kind}"><span class="kind">{escape(each.kind)}</span>{escape(each.what)}'
        if each.fix is not None:
            yield f"<p>{escape(_sentence(each.fix.title))}"
            if each.fix.text is not None:
                yield f" Line {each.fix.line}:</p><pre>{escape(each.fix.text)}</pre>"
            else:
                yield "</p>"
        yield "</div>"


def _bars(result: Verification) -> Iterator[str]:
    images = [(name, image) for name, image in (("before", result.before), ("after", result.after)) if image]
    largest = max(image.size for _, image in images) or 1
    yield '<h2>Size by stage and layer</h2><div class="bars">'
    for name, image in images:
        parts, shade = [], 0
        for layer in image.layers:
            if not layer.size:
                continue
            own = layer.line is not None
            shade += own
            kind = f"own{1 + shade % 2}" if own else "base"
            where = f"line {layer.line}" if own else "base image"
            title = f"{megabytes(layer.size)}, {where}: {layer.instruction[:200]}"
            width = layer.size / largest * 100
            parts.append(f'<i class="{kind}" style="width:{width:.2f}%" title="{escape(title)}"></i>')
        yield f'<div class="bar"><span>{name}</span><div class="track">{"".join(parts)}</div>'
        yield f"<span>{megabytes(image.size)}</span></div>"
        yield f'<p class="stages">{escape(_stages(image))}</p>'
    yield '<div class="legend"><span><i class="base"></i>base image</span>'
    yield '<span><i class="own1"></i>layers of this Dockerfile</span></div></div>'


def _stages(image: Image) -> str:
    """Return what the base image and each stage that ships add up to."""
    sizes: dict[str, int] = {}
    for layer in image.layers:
        name = "base image" if layer.stage is None else f"stage {layer.stage}" if layer.stage else "final stage"
        sizes[name] = sizes.get(name, 0) + layer.size
    return ", ".join(f"{name} {megabytes(size)}" for name, size in sizes.items())


def _maps(result: Verification) -> Iterator[str]:
    gone = {package.name for package in result.packages_gone}
    yield "<h2>What takes the space</h2>"
    yield '<div class="legend"><span><i class="kept"></i>distribution package</span>'
    yield '<span><i class="python"></i>Python distribution</span>'
    yield f"{'<span><i class=gone></i>package that goes</span>' if gone else ''}</div>"
    maps = {
        name: [
            *(Tile(each.name, each.size, "gone" if each.name in gone else "kept") for each in image.look.packages),
            *(Tile(each.name, each.size, "python") for each in image.look.distributions if not each.system),
        ]
        for name, image in (("before", result.before), ("after", result.after))
        if image is not None
    }
    largest = max(sum(tile.size for tile in tiles) for tiles in maps.values()) or 1
    for name, tiles in maps.items():
        total = sum(tile.size for tile in tiles)
        yield f'<p class="soft">{name}: {len(tiles)} packages, {megabytes(total)} installed</p>'
        # Both maps at one scale: what goes can be seen.
        yield svg(tiles, f"Packages {name}, by installed size", max(120, round(_MAP_HEIGHT * total / largest)))


def _figures(result: Verification) -> Iterator[str]:
    yield '<h2>Before and after</h2><div class="scroll"><table>'
    yield '<tr><th></th><th class="n">before</th><th class="n">after</th><th class="n">change</th></tr>'
    for what, before, after, difference in rows(result):
        cells = "".join(f'<td class="n">{escape(cell)}</td>' for cell in (before, after, difference))
        yield f"<tr><td>{escape(what)}</td>{cells}</tr>"
    yield "</table></div>"


def _scan(result: Verification) -> Iterator[str]:
    scan = result.scan_before
    if scan is None:
        return
    removed = sum(each.removed for each in scan.vulnerabilities)
    yield f"<h2>Vulnerabilities</h2><p>{plural(scan.total, 'vulnerability').replace('ys', 'ies')} before"
    yield f", {removed} of them in packages that go ({escape(scan.source)}).</p>"
    yield '<div class="scroll"><table><tr><th>severity</th><th>id</th><th>package</th><th>brought by</th></tr>'
    order = {name: index for index, name in enumerate(severities(scan))}
    for each in sorted(scan.vulnerabilities, key=lambda each: (order.get(each.severity, 9), each.package, each.id))[
        :200
    ]:
        where = f"line {each.line}" if each.line is not None else "base image" if each.instruction else ""
        name = f"{each.package} {each.version}{' (goes)' if each.removed else ''}"
        cells = (each.severity, each.id, name, where)
        yield f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
    yield "</table></div>"


def _layers(result: Verification) -> Iterator[str]:
    yield '<details><summary>All layers</summary><div class="scroll"><table>'
    yield '<tr><th></th><th class="n">size</th><th>line</th><th>instruction</th></tr>'
    for name, image in (("before", result.before), ("after", result.after)):
        for layer in image.layers if image is not None else ():
            where = str(layer.line) if layer.line is not None else "base"
            yield f'<tr><td>{name}</td><td class="n">{megabytes(layer.size)}</td><td>{where}</td>'
            yield f"<td><code>{escape(layer.instruction[:400])}</code></td></tr>"
    yield "</table></div></details>"


def _packages(result: Verification) -> Iterator[str]:
    for heading, packages in (("go", result.packages_gone), ("are new", result.packages_added)):
        if packages:
            yield f"<details><summary>{plural(len(packages), 'package')} that {heading}</summary>"
            yield '<div class="scroll"><table>'
            for package in sorted(packages, key=lambda package: -package.size):
                yield f"<tr><td>{escape(package.name)}</td><td>{escape(package.version)}</td>"
                yield f'<td class="n">{megabytes(package.size)}</td></tr>'
            yield "</table></div></details>"
