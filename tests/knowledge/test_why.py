import json
import re

from dockslim.knowledge.why import render, why


def test_the_record() -> None:
    facts = why(["unixodbc-dev", "gcc=4:12.2"], "bookworm")
    assert json.loads(json.dumps(facts)) == facts
    assert facts["release"] == "bookworm"
    headers, compiler = facts["packages"]
    assert headers["name"] == "unixodbc-dev"
    assert headers["role"] == "development headers"
    assert headers["runtime"] == ["libodbc2", "libodbccr2", "libodbcinst2", "odbcinst"]
    assert headers["known"] is True
    assert compiler["name"] == "gcc"
    assert compiler["runtime"] == ["libgomp1"]
    assert {"packages", "size_mb", "lists_mb"} <= set(facts["install"])
    assert facts["install"]["size_mb"] > 200


def test_recommends_and_base() -> None:
    lean = why(["gcc"], "bookworm", "slim", recommends=False)["install"]
    assert set(lean["packages"]) < set(why(["gcc"], "bookworm")["install"]["packages"])
    assert why(["gcc"], "bookworm", "full", recommends=False)["install"]["packages"] == []


def test_what_is_not_known_is_said() -> None:
    facts = why(["libmysqlclient-dev", "./local.deb", "$PACKAGES", "msodbcsql17", "lib*"], "bookworm")
    assert [package["known"] for package in facts["packages"]] == [False] * 5
    assert facts["packages"][0]["successor"] == "default-libmysqlclient-dev"
    assert facts["install"]["unknown"] == ["libmysqlclient-dev", "msodbcsql17", "./local.deb", "$PACKAGES", "lib*"]
    text = render(facts)
    assert "successor: default-libmysqlclient-dev" in text
    assert "not known in bookworm" in text


def test_releases_without_an_index() -> None:
    facts = why(["libpq-dev"], "alpine3.20")
    assert facts["release"] == "alpine"
    assert facts["packages"][0]["runtime"] == ["libpq"]
    assert "no package index of alpine is known" in render(facts)
    unknown = why(["gcc"], "plan9")
    assert unknown["packages"][0]["known"] is False
    assert "known releases: bullseye, bookworm" in render(unknown)


def test_the_text() -> None:
    text = render(why(["gcc", "g++", "unixodbc-dev", "libssl-dev"], "bookworm"))
    assert "unixodbc-dev: development headers (section devel of bookworm)\n" in text
    assert "  runtime: libodbc2 libodbccr2 libodbcinst2 odbcinst\n" in text
    assert "  runtime: nothing\n" in text
    assert re.search(r"adds \d+ packages, about 3\d0 MB; package lists left behind add 20 MB\n", text)


def test_an_install_of_nothing_known_is_not_said_to_add_nothing() -> None:
    assert "adds nothing" not in render(why(["libssl3t64"], "bookworm"))
