"""What a session may take from the cache, and leave there: the name of an answer, and when it may be kept."""

from __future__ import annotations

from collections.abc import Sequence

from dockslim.engine.cache import Cache, folder
from dockslim.engine.checked import Checked, UnpackableError
from dockslim.engine.discovery import STDIN
from dockslim.engine.reading import UnreadableError, read_bytes
from dockslim.engine.settings import ConfigurationError
from dockslim.engine.stamp import stamp
from dockslim.later import TYPE_CHECKING
from dockslim.model.context import digest

if TYPE_CHECKING:
    from dockslim.engine.discovery import Found
    from dockslim.engine.session import Session, Work
    from dockslim.engine.settings import Settings

__all__ = ["Recall", "recall"]

#: A rule that crashed may not crash again; its finding is never kept.
CRASHED = "SLIM901"


def recall(session: Session) -> Recall | None:
    """Return the memory of a session; None where there is no place for one, or it could not be trusted."""
    place = folder()
    what = stamp() if place is not None else None
    return Recall(session, Cache(place), what) if place is not None and what is not None else None


class Recall:
    """The cache as one session uses it."""

    def __init__(self, session: Session, cache: Cache, what: tuple[object, ...]) -> None:
        self._session = session
        self._cache = cache
        choices = session.choices
        selectors = choices.selectors
        chosen = (selectors.select, selectors.extend, selectors.ignore, dict(choices.build_args), choices.target)
        self._call = repr((what, chosen, choices.context, choices.wheel_transfer))
        self._settings: dict[int, tuple[Settings, bytes]] = {}

    def get(self, found: Found) -> Checked | None:
        """Return what is known of a file; None where it must be checked."""
        if found.path == STDIN or (found.named and found.path.is_fifo()):  # what can be read only once
            return None
        session = self._session
        try:
            settings = session.settings(found.path)
            data = read_bytes(found.path)
            contexts = [session.reader(settings, build).build_context(found.path) for build in found.builds or (None,)]
            packed = self._cache.get(self._key(found, settings, data), contexts)
        except (ConfigurationError, UnreadableError, OSError):
            return None
        return None if packed is None else Checked.unpack(found.path, data, packed)

    def put(self, found: Found, works: Sequence[Work], checked: Checked) -> None:
        """Keep what was found in a file that was read without any problem."""
        if found.path == STDIN or len(works) != max(len(found.builds), 1):
            return
        contexts = [work.facts.context for work in works if work.facts.context is not None]
        if any(finding.code == CRASHED for finding in checked.findings):
            return
        try:
            packed = checked.pack()
        except UnpackableError:
            return
        self._cache.put(self._key(found, self._session.settings(found.path), checked.data), contexts, packed)

    def _key(self, found: Found, settings: Settings, data: bytes) -> bytes:
        known = self._settings.get(id(settings))
        if known is None:
            kept = settings._replace(
                per_file_ignores=dict(settings.per_file_ignores),
                severity=dict(settings.severity),
                fix_safety=dict(settings.fix_safety),
                build_args=dict(settings.build_args),
                known_packages=dict(settings.known_packages),
            )
            render = getattr(self._session.render, "__qualname__", "")
            name = digest(f"{self._call}{kept!r}{render}".encode("utf-8", "surrogatepass"))
            known = self._settings[id(settings)] = (settings, name)
        ignored = settings.ignored_in(found.path)
        where = f"{found.path.as_posix()}\0{ignored!r}{_builds(found)}\0"
        return digest(known[1] + where.encode("utf-8", "surrogatepass") + data)


def _builds(found: Found) -> str:
    return repr([(each.context, each.target, dict(each.args), each.origin) for each in found.builds])
