from __future__ import annotations

import io
import json
import tarfile

import pytest

from dockslim.verify.engines.archive import read_archive
from dockslim.verify.engines.base import instruction_of
from dockslim.verify.engines.docker import layers_of
from dockslim.verify.faults import Fault


@pytest.mark.parametrize(
    ("created_by", "instruction"),
    [
        ("RUN /bin/sh -c apt-get update # buildkit", "RUN apt-get update"),
        ("RUN |1 WHEEL_DIST=/tmp/wheels /bin/sh -c pip install *.whl # buildkit", "RUN pip install *.whl"),
        ('/bin/sh -c #(nop)  CMD ["python3"]', 'CMD ["python3"]'),
        ("/bin/sh -c #(nop) COPY file:abc in /x ", "COPY file:abc in /x"),
        ("/bin/sh -c make", "RUN make"),
        ("|1 X=1 /bin/sh -c make", "RUN make"),
        ("COPY requirements.txt . # buildkit", "COPY requirements.txt ."),
        ("WORKDIR /app", "WORKDIR /app"),
    ],
)
def test_history_reads_like_the_dockerfile(created_by: str, instruction: str) -> None:
    assert instruction_of(created_by) == instruction


def test_digests_go_to_the_layers_they_belong_to() -> None:
    history = [("", 100), ("ARG X", 0), ("RUN /bin/sh -c x # buildkit", 0), ("WORKDIR /app", 0), ("COPY a b", 5)]
    layers = layers_of([*history], ["base", "run", "workdir", "copy"])
    assert [layer.diff_id for layer in layers] == ["base", None, "run", "workdir", "copy"]


def test_an_empty_workdir_without_a_layer_is_understood_too() -> None:
    layers = layers_of([("", 100), ("WORKDIR /app", 0), ("COPY a b", 5)], ["base", "copy"])
    assert [layer.diff_id for layer in layers] == ["base", None, "copy"]


def test_a_count_that_fits_nowhere_gives_no_digest() -> None:
    layers = layers_of([("", 100), ("COPY a b", 5)], ["one", "two", "three"])
    assert [layer.diff_id for layer in layers] == [None, None]
    assert [layer.size for layer in layers] == [100, 5]


def tar(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return target.getvalue()


def saved(layers: dict[str, bytes], order: list[str]) -> io.BytesIO:
    manifest = [{"Config": "config.json", "Layers": order}]
    config = {"rootfs": {"diff_ids": [f"sha256:{name}" for name in order]}}
    files = {**layers, "config.json": json.dumps(config).encode(), "manifest.json": json.dumps(manifest).encode()}
    return io.BytesIO(tar(files))


def test_an_archive_tells_what_each_layer_brought() -> None:
    import gzip

    base = tar({"var/lib/dpkg/status": b"Package: libc6\nStatus: install ok installed\n\n", "big": b"x" * 400_000})
    top = tar(
        {
            "var/lib/dpkg/status": b"Package: libc6\n\nPackage: gcc\n\n",
            "usr/lib/python3/site-packages/Flask_Login-0.6.dist-info/METADATA": b"Name: Flask-Login\n",
        }
    )
    layers = read_archive(
        saved({"a/layer.tar": gzip.compress(top), "b/layer.tar": base}, ["b/layer.tar", "a/layer.tar"])
    )
    assert [layer.diff_id for layer in layers] == ["sha256:b/layer.tar", "sha256:a/layer.tar"]
    assert layers[0].packages == {"libc6"}
    assert layers[0].size > 400_000
    assert layers[1].packages == {"libc6", "gcc"}
    assert layers[1].distributions == {"flask-login"}


def test_an_archive_of_alpine() -> None:
    layer = tar({"lib/apk/db/installed": b"C:Q1\nP:musl\nV:1.2\n\nP:gcc\n\n"})
    assert read_archive(saved({"l": layer}, ["l"]))[0].packages == {"musl", "gcc"}


@pytest.mark.parametrize("data", [b"", b"nonsense" * 200, tar({"x": b"y"})])
def test_what_is_no_archive_is_a_fault(data: bytes) -> None:
    with pytest.raises(Fault):
        read_archive(io.BytesIO(data))
