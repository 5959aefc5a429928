"""Pyramids read from a bucket of S3."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from nbimage.pyramid.open import open_pyramid
from tests.pyramid.remote.test_remote_file import KINDS, check_same, fsspec, reading


def test_s3_is_read_as_files_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("s3fs")
    moto = pytest.importorskip("moto.server")
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(key, "testing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        options = {"endpoint_url": f"http://{host}:{port}", "key": "testing", "secret": "testing"}
        files = fsspec.filesystem("s3", **options)
        files.makedirs("bucket", exist_ok=True)
        names = "dzi down to one tile", "szi", "OME-Zarr 0.5", "TIFF, plain", "PNG"
        for number, name in enumerate(names):
            folder = tmp_path / str(number)
            folder.mkdir()
            made = KINDS[name](folder)
            files.put(str(folder), f"bucket/images/{number}", recursive=True)
            address = f"s3://bucket/images/{number}/{made}"
            with (
                open_pyramid(folder / made) as local,
                open_pyramid(address, storage_options=options) as remote,
            ):
                check_same(remote, local)
                if name == "szi":
                    assert reading(pickle.dumps(remote)) == local.read(0).tobytes()
        with pytest.raises(FileNotFoundError, match=r"s3://bucket/images/none\.tif"):
            open_pyramid("s3://bucket/images/none.tif", storage_options=options)
        with pytest.raises((OSError, ValueError)) as caught:
            open_pyramid("s3://nobucket/none.zarr", storage_options=options)
        assert "\n" not in str(caught.value)
    finally:
        server.stop()
