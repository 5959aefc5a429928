"""`frames` beside mediapy, imageio and PyAV: ``python -m benchmarks.clips``; writes `clips.md`.

A pan over a photograph in H.264, with a key every 25 or every 250 frames. All frames in order, and
20 at random of a file that is open; each is compared with what ffmpeg decodes of the whole file.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from benchmarks.measure import in_fresh_process, interleaved, paired_ratio, peak_beyond_now
from nbimage import frames
from nbimage.codecs.clips import pyav_reader
from nbimage.codecs.ffmpeg import find_ffmpeg

HERE = Path(__file__).parent
SIZE = 360, 640
ANY = 20


def make_clip(folder: Path, keys: int, count: int) -> Path:
    from skimage import data, transform

    high, wide = SIZE
    photograph = transform.resize(data.astronaut(), (2 * high, 2 * wide), order=1)
    photograph = (photograph * 255).astype(np.uint8)
    path = folder / f"{keys}.mp4"
    command = [
        *(find_ffmpeg(), "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"),
        *("-s", f"{wide}x{high}", "-r", "25", "-i", "pipe:0", "-c:v", "libx264", "-bf", "3"),
        *("-g", str(keys), "-x264-params", "scenecut=0", "-pix_fmt", "yuv420p", str(path)),
    ]
    steps = np.linspace(0, high, count).astype(int)
    pan = (photograph[i : i + high, i : i + wide].tobytes() for i in steps)
    subprocess.run(command, input=b"".join(pan), check=True)
    return path


def with_decoder(av: bool) -> None:
    import av as package

    pyav_reader.find_av = lambda: package if av else None


def by_nbimage(path: Path, av: bool) -> Any:
    with_decoder(av)
    with frames(path) as video:
        return np.asarray(video)


def by_mediapy(path: Path) -> Any:
    import mediapy

    mediapy.set_ffmpeg(find_ffmpeg())
    return np.asarray(mediapy.read_video(path))


def by_imageio(path: Path) -> Any:
    import imageio.v3 as imageio

    return imageio.imread(path, plugin="pyav")


def by_pyav(path: Path) -> Any:
    import av

    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        return np.stack([f.to_ndarray(format="rgb24") for f in container.decode(video=0)])


def by_imageio_ffmpeg(path: Path) -> Any:
    import imageio.v2 as imageio

    with imageio.get_reader(path, "ffmpeg") as reader:
        return np.stack([frame for frame in reader])  # noqa: C416 (its length is infinite)


def any_by_nbimage(path: Path, numbers: list[int], av: bool) -> Any:
    with_decoder(av)
    with frames(path) as video:
        return np.stack([video[number] for number in numbers])


def any_by_imageio(path: Path, numbers: list[int]) -> Any:
    import imageio.v3 as imageio

    with imageio.imopen(path, "r", plugin="pyav") as file:
        return np.stack([file.read(index=number) for number in numbers])


def any_by_imageio_ffmpeg(path: Path, numbers: list[int]) -> Any:
    import imageio.v2 as imageio

    with imageio.get_reader(path, "ffmpeg") as reader:
        return np.stack([reader.get_data(number) for number in numbers])


def any_by_mediapy(path: Path, numbers: list[int]) -> Any:
    return by_mediapy(path)[numbers]


def works(run: Callable[[], Any]) -> bool:
    """mediapy asks ffmpeg for ``-vsync``, which it has no longer from version 9 on."""
    try:
        run()
    except RuntimeError as error:
        if "vsync" in str(error):
            return False
        raise
    return True


def measure(title: str, ways: dict[str, Callable[[], Any]], known: Any, rounds: int) -> str:
    none = [name for name, run in ways.items() if not works(run)]
    ways = {name: run for name, run in ways.items() if name not in none}
    found = interleaved(ways, rounds)
    first = next(iter(ways))
    lines = [
        f"## {title}",
        "",
        "| | seconds | times nbimage | frames exact | others by at most |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, seconds in found.seconds.items():
        frames_of = np.asarray(found.results[name])
        off = np.abs(frames_of.astype(np.int16) - known).reshape(len(known), -1).max(1)
        times = paired_ratio(seconds, found.seconds[first])
        exact = f"{(off == 0).sum()} of {len(known)}"
        lines.append(f"| {name} | {np.median(seconds):.2f} | {times:.2f} | {exact} | {off.max()} |")
    lines += [f"| {name} | not with this ffmpeg | | | |" for name in none]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    count, rounds = (60, 1) if options.quick else (300, 3)
    parts = [f"# Video files\n\n{platform.system()}, Python {platform.python_version()}.\n"]
    with tempfile.TemporaryDirectory() as folder:
        for keys in (25, 250):
            path = make_clip(Path(folder), keys, count)
            known = by_nbimage(path, False)
            raw = subprocess.run(
                [
                    find_ffmpeg(),
                    "-v",
                    "error",
                    "-i",
                    path,
                    "-f",
                    "rawvideo",
                    "-pix_fmt",
                    "rgb24",
                    "-",
                ],
                capture_output=True,
                check=True,
            )
            known = np.frombuffer(raw.stdout, np.uint8).reshape(known.shape).astype(np.int16)
            ways: dict[str, Callable[[], Any]] = {
                "nbimage, by ffmpeg": lambda p=path: by_nbimage(p, False),
                "nbimage, by PyAV": lambda p=path: by_nbimage(p, True),
                "mediapy": lambda p=path: by_mediapy(p),
                "imageio, PyAV": lambda p=path: by_imageio(p),
                "imageio, ffmpeg": lambda p=path: by_imageio_ffmpeg(p),
                "PyAV": lambda p=path: by_pyav(p),
            }
            title = f"{count} frames of {SIZE[0]}×{SIZE[1]} in order, a key every {keys}"
            parts.append(measure(title, ways, known, rounds))
            chosen = Random(keys).sample(range(count), ANY)
            ways = {
                "nbimage, by ffmpeg": lambda p=path, c=chosen: any_by_nbimage(p, c, False),
                "nbimage, by PyAV": lambda p=path, c=chosen: any_by_nbimage(p, c, True),
                "mediapy, all of them first": lambda p=path, c=chosen: any_by_mediapy(p, c),
                "imageio, PyAV": lambda p=path, c=chosen: any_by_imageio(p, c),
                "imageio, ffmpeg": lambda p=path, c=chosen: any_by_imageio_ffmpeg(p, c),
            }
            title = f"{ANY} frames at random, a key every {keys}"
            parts.append(measure(title, ways, known[chosen], rounds))
            if not options.quick and keys == 250:
                parts.append(_memory(path))
    text = "\n".join(parts)
    print(text)
    if options.save:
        (HERE / "clips.md").write_text(text, "utf-8")


def _read_all(path: Path) -> int:
    return peak_beyond_now(lambda: by_nbimage(path, False))


def _go_through(path: Path) -> int:
    def run() -> None:
        with_decoder(False)
        with frames(path) as video:
            for _ in video:
                pass

    return peak_beyond_now(run)


def _memory(path: Path) -> str:
    whole, one_by_one = in_fresh_process(_read_all, path), in_fresh_process(_go_through, path)
    return (
        f"Peak memory: {whole / 1e6:.0f} MB for all frames as one array, "
        f"{one_by_one / 1e6:.0f} MB for one after the other.\n"
    )


if __name__ == "__main__":
    main()
