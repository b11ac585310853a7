"""SLIM501."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import Example, Finding, PackageInstall, Rule, Stage, User

__all__ = ["RootAtTheEnd"]

#: Programs that start as root and hand over to somebody else.
DROPPERS = (
    "gosu",
    "su-exec",
    "setpriv",
    "s6-",
    "/init",
    "supervisord",
    "runuser",
    "setuidgid",
    "sshd",
    "systemd",
    "crond",
)


class RootAtTheEnd(Rule):
    """The container runs as root, by an explicit USER.

    Somebody thought of users here and went back to root, mostly to install something, and did not leave again. A
    process that is root in the container is one mistake away from being root on the machine.

    Only a last `USER root` is flagged; an image that never names a user may be a base for others. It has no fix: which
    user it should be only you can say.
    """

    code = "SLIM501"
    name = "root-at-the-end"
    aliases = ("DL3002",)
    examples = (
        Example(bad='FROM debian:12\nUSER «root»\nRUN apt-get update\nCMD ["python3"]\n'),
        Example(bad='FROM debian:12\nUSER app\nRUN id\nUSER «0:0»\nENTRYPOINT ["/app"]\n'),
        Example(allow='FROM debian:12\nUSER root\nRUN apt-get update\nUSER app\nCMD ["python3"]\n'),
        Example(
            allow='FROM debian:12\nUSER root\nRUN apt-get install -y gosu\nENTRYPOINT ["gosu", "app", "/app"]\n',
            note="It starts as root and hands over.",
        ),
        Example(allow="FROM debian:12\nUSER root\nRUN id\n", note="It starts nothing: a base for others."),
        Example(allow='FROM debian:12\nCMD ["python3"]\n', note="It names no user."),
    )

    def check_stage(self, stage: Stage) -> Iterator[Finding]:
        """Look at the last USER of the stage that ships."""
        if not stage.is_final or not (stage.configuration.cmd or stage.configuration.entrypoint):
            return
        last = next((each for each in reversed(stage.instructions) if isinstance(each, User)), None)
        if last is None or (last.user.literal or "").partition(":")[0] not in ("root", "0"):
            return
        if stage.configuration.user != last.user.raw and stage.configuration.user != last.user.literal:
            return
        started = " ".join((*(stage.configuration.entrypoint or ()), *(stage.configuration.cmd or ())))
        if any(word in started for word in DROPPERS) or started.endswith(".sh") or "entrypoint" in started:
            return
        named = {word.name for each in stage.actions if isinstance(each, PackageInstall) for word in each.packages}
        if named & {"gosu", "su-exec", "supervisor", "openssh-server", "cron", "sudo"}:
            return
        yield self.finding(last.user, "the container runs as root", help="end with a USER that owns what it writes")
