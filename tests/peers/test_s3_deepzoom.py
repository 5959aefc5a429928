"""Deep Zoom pyramids written to a bucket of S3."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import open_pyramid, rerange
from nbimage.pyramid.writers.deepzoom.write import write_dzi
from tests.pyramid.writers.test_dask_executor import client, cluster, dask, files, image, same_tiles


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, Any]]:
    """Options of a bucket of one's own, and its name."""
    server = pytest.importorskip("moto.server").ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    s3fs = pytest.importorskip("s3fs")
    server.start()
    host, port = server.get_host_and_port()
    options = {"key": "a", "secret": "b", "endpoint_url": f"http://{host}:{port}"}
    fs = s3fs.S3FileSystem(**options)
    fs.makedirs("bucket", exist_ok=True)  # moto's are those of the whole process
    yield options
    server.stop()


@pytest.mark.parametrize("where", ["threads", "cluster"])
@pytest.mark.parametrize("target", ["x.dzi", "x.zip"])
def test_a_bucket_holds_the_same_tiles(
    tmp_path: Path, image: Any, s3: dict[str, Any], where: str, target: str, request: Any
) -> None:
    import s3fs

    if where == "cluster":
        request.getfixturevalue("client")
    fs = s3fs.S3FileSystem(**s3)
    name = f"bucket/{where}/{target}"
    write_dzi(image, f"s3://{name}", storage_options=s3)
    with dask.config.set(scheduler="threads"):
        write_dzi(image, tmp_path / target)
    if target == "x.dzi":
        same_tiles(fs, name.removesuffix(".dzi"), tmp_path / target)
    else:
        (tmp_path / "sent.zip").write_bytes(fs.cat_file(name))
        assert files(tmp_path / "sent.zip") == files(tmp_path / target)
    fs.invalidate_cache()
    left = {path.split("/")[2] for path in fs.find(f"bucket/{where}") if target[:-4] in path}
    assert not [path for path in left if path.startswith(".")]


def test_a_bucket_that_is_not_there_is_one_line(s3: dict[str, Any]) -> None:
    with pytest.raises(OSError) as caught:
        write_dzi(np.ones((9, 9)), "s3://no-such-bucket/x.dzi", storage_options=s3)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("layout", ["iiif3", "google", "zoomify"])
@pytest.mark.parametrize("where", ["threads", "cluster"])
def test_a_bucket_holds_tiles_of_every_layout(
    layout: str, image: Any, s3: dict[str, Any], where: str, request: Any
) -> None:
    import s3fs

    if where == "cluster":
        request.getfixturevalue("client")
    address = f"s3://bucket/{where}-{layout}/x"
    options: Any = {"layout": layout, "format": "png", "storage_options": s3, "vmin": 0}
    write_dzi(np.full((900, 900), 9, np.uint8), address, **options, tile_size=32)
    for _ in range(2):  # the second removes what the first has written
        assert write_dzi(image, address, vmax=5000, tile_size=128, **options) == address
    samples = np.asarray(image)
    with open_pyramid(address, storage_options=s3) as pyramid:
        assert np.array_equal(pyramid.read(0), rerange(samples, 0, 5000))
    fs = s3fs.S3FileSystem(**s3)
    fs.invalidate_cache()
    found = [path for path in fs.find(f"bucket/{where}-{layout}") if path.endswith("g")]
    assert len(found) <= 14 * 11 * 4 // 3 + 9
