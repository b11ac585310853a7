"""SLIM205."""

from __future__ import annotations

from collections.abc import Iterator

from dockslim.api import Action, Example, Finding, Manager, PackageUpdate, Rule, Severity

__all__ = ["SystemUpgrade"]

#: Those that also add and remove packages.
WHOLE = frozenset({"dist-upgrade", "full-upgrade", "dup"})


class SystemUpgrade(Rule):
    """The whole system is upgraded in the image that ships.

    Each file that is upgraded is in the image twice: in the base image's layer, and in the new one. What comes out
    differs from day to day, and a cached layer keeps it from being as new as one thinks. A newer base image has
    the same fixes in one layer: pull it (`docker build --pull`), or move its tag on.

    Upgrading single packages by name is not flagged.

    Off by default: who upgrades mostly means to, for security fixes that are out before a new base image is, and both
    Docker and OWASP took back their advice against it (hadolint followed, and keeps `dist-upgrade` alone). It is a
    matter of weighing, so this is information. `--extend-select SLIM205` turns it on.
    """

    code = "SLIM205"
    name = "system-upgrade"
    severity = Severity.INFO
    enabled = False
    aliases = ("DL3005", "DL3017", "DL3031", "DL3035", "DL3039")
    examples = (
        Example(bad="FROM debian:12\nRUN apt-get update && «apt-get upgrade -y» && rm -rf /var/lib/apt/lists/*\n"),
        Example(bad="FROM rockylinux:9\nRUN «yum -y update» && yum clean all\n"),
        Example(
            allow="FROM rockylinux:9\nRUN yum -y update openssl && yum clean all\n",
            note="One package, by name.",
        ),
        Example(allow="FROM debian:12\nRUN apt-get update && apt-get install -y --only-upgrade openssl\n"),
        Example(
            allow=(
                "FROM debian:12 AS builder\nRUN apt-get update && apt-get upgrade -y\n"
                "FROM debian:12\nCOPY --from=builder /out /out\n"
            ),
            note="A builder stage does not ship.",
        ),
    )

    def check_action(self, action: Action) -> Iterator[Finding]:
        """Flag upgrades that name no package."""
        if not isinstance(action, PackageUpdate) or not action.upgrades or None in action.texts:
            return
        words = [text for text in action.texts[1:] if text and not text.startswith("-")]
        if action.manager is Manager.APT:
            words = [word for word in words if "=" not in word]  # the value of -o
        if len(words) == 1:
            more = ", with packages that come and go" if words[0] in WHOLE else ""
            yield self.finding(
                action,
                f"upgrades the whole system{more}: each upgraded file is in the image twice",
                help="build on a newer base image",
            )
