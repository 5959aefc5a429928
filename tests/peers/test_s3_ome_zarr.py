"""OME-Zarr images written to a bucket of S3."""

from __future__ import annotations

import numpy as np
import pytest

from nbimage.pyramid.core.downsample import halve
from nbimage.pyramid.open import open_pyramid
from nbimage.pyramid.writers.ome_zarr.write import write_ome_zarr
from tests.pyramid.writers.test_ome_zarr import samples, zarr


def test_s3_takes_an_image(monkeypatch: pytest.MonkeyPatch) -> None:
    server = pytest.importorskip("moto.server")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    s3fs = pytest.importorskip("s3fs")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    try:
        host, port = running.get_host_and_port()
        options = {
            "key": "testing",
            "secret": "testing",
            "endpoint_url": f"http://{host}:{port}",
        }
        s3fs.S3FileSystem(**options).makedirs("bucket", exist_ok=True)
        data = samples((70, 50))
        address = "s3://bucket/a.ome.zarr"
        write_ome_zarr(data, address, chunk_size=32, shard_size=64, storage_options=options)
        found = zarr.open(address, mode="r", storage_options=options)
        np.testing.assert_array_equal(found["0"][...], data)
        np.testing.assert_array_equal(found["1"][...], halve(data))
        with pytest.raises(FileExistsError, match="already: remove it first"):
            write_ome_zarr(data, address, storage_options=options)
        zipped = "s3://bucket/a.ozx"
        write_ome_zarr(data, zipped, chunk_size=32, storage_options=options)
        for part in ("", "/0"):
            with open_pyramid(zipped + part, storage_options=options) as pyramid:
                np.testing.assert_array_equal(pyramid.read(0), data)
        with pytest.raises(FileExistsError, match="already: remove it first"):
            write_ome_zarr(data, zipped, storage_options=options)
        with pytest.raises(OSError, match="does not take files") as error:
            write_ome_zarr(data, "s3://nobody:hunter2@bucket/b.zarr", storage_options={"key": 1})
        assert "hunter2" not in str(error.value)
    finally:
        running.stop()
