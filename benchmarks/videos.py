"""Video beside mediapy, imageio-ffmpeg, matplotlib, ffmpeg: ``python -m benchmarks.videos``.

All use the same ffmpeg. Seconds are of one run after another in turns, PSNR is against the 8-bit
frames, and "bare ffmpeg" reads the same frames as a raw file, with nbimage's own flags.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from math import log10
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any

import numpy as np

from benchmarks.measure import in_fresh_process, interleaved, paired_ratio, peak_beyond_now
from nbimage import Video, rerange
from nbimage.codecs.ffmpeg import find_ffmpeg
from nbimage.codecs.videos import make_output

HERE = Path(__file__).parent
FPS = 30


def stacks(count: int = 90, side: int = 512) -> dict[str, np.ndarray]:
    """A pan over a photograph, a noisy simulation, and a stack of floats."""
    from skimage import data, transform

    photograph = transform.resize(data.astronaut(), (side * 2, side * 2), order=3)
    photograph = (np.clip(photograph, 0, 1) * 255).astype(np.uint8)
    step = side / count
    pan = [photograph[int(i * step) :, int(i * step) :][:side, :side] for i in range(count)]
    random = np.random.default_rng(0)
    y, x = np.mgrid[0:side, 0:side] / side
    waves = [np.sin(40 * np.hypot(x - 0.5, y - 0.3) - i / 3) for i in range(count)]
    noisy = [w + 0.15 * random.normal(size=w.shape) for w in waves]
    floats = [w * np.exp(-4 * np.hypot(x - 0.5, y - 0.5)) for w in waves]
    return {
        "pan over a photograph, RGB": np.stack(pan),
        "noisy simulation, gray": rerange(np.stack(noisy)),
        "float32 stack": np.stack(floats).astype(np.float32),
    }


def by_nbimage(stack: np.ndarray, h264: float = 18) -> bytes:
    return Video(stack, fps=FPS, h264=h264, progress=False).files["h264"]


def by_mediapy(stack: np.ndarray) -> bytes:
    import mediapy

    mediapy.set_ffmpeg(find_ffmpeg())
    if stack.dtype != np.uint8:  # mediapy takes floats of 0 to 1
        stack = mediapy.to_uint8((stack - stack.min()) / (stack.max() - stack.min()))
    return bytes(mediapy.compress_video(stack, fps=FPS))


def by_imageio(stack: np.ndarray) -> bytes:
    import imageio_ffmpeg

    frames = rerange(stack)
    channels = "rgb24" if frames.ndim == 4 else "gray"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.mp4"
        size = frames.shape[2], frames.shape[1]
        writer = imageio_ffmpeg.write_frames(str(path), size, pix_fmt_in=channels, fps=FPS)
        writer.send(None)
        for frame in frames:
            writer.send(np.ascontiguousarray(frame))
        writer.close()
        return path.read_bytes()


def by_matplotlib(stack: np.ndarray) -> bytes:
    import matplotlib as mpl
    from matplotlib.animation import FFMpegWriter
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    mpl.rcParams["animation.ffmpeg_path"] = find_ffmpeg()
    height, width = stack.shape[1:3]
    figure = Figure(figsize=(width / 100, height / 100), dpi=100)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    low, high = stack.min(), stack.max()
    image = axes.imshow(stack[0], cmap="gray", vmin=low, vmax=high)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.mp4"
        writer = FFMpegWriter(fps=FPS)
        with writer.saving(figure, str(path), dpi=100):
            for frame in stack:
                image.set_data(frame)
                writer.grab_frame()
        return path.read_bytes()


def by_ffmpeg(raw: Path, size: tuple[int, int], pixel_format: str) -> bytes:
    output = make_output("h264", 18, 3, False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.mp4"
        command = [find_ffmpeg(), "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", pixel_format]
        command += ["-s", f"{size[0]}x{size[1]}", "-r", str(FPS), "-i", str(raw)]
        subprocess.run([*command, *output.arguments, str(path)], check=True)
        return path.read_bytes()


def psnr(video: bytes, frames: np.ndarray) -> float:
    """Decibels between a video, decoded, and the 8-bit frames."""
    pixel_format = "rgb24" if frames.ndim == 4 else "gray"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(video)
        command = [find_ffmpeg(), "-loglevel", "error", "-i", str(path), "-f", "rawvideo"]
        scale = "scale=flags=accurate_rnd+full_chroma_int"
        raw = subprocess.run(
            [*command, "-vf", scale, "-pix_fmt", pixel_format, "-"], capture_output=True, check=True
        ).stdout
    got = np.frombuffer(raw, np.uint8)[: frames.size].reshape(frames.shape)
    return 10 * log10(255**2 / float(np.mean((got.astype(np.float32) - frames) ** 2)))


def peak(way: Callable[[np.ndarray], bytes], name: str, count: int) -> int:
    """Bytes by which a fresh Python process grows while it encodes."""
    stack = stacks(count)[name]
    way(stack[:2])  # imports are not what is measured
    return peak_beyond_now(partial(way, stack))


def measure(count: int, rounds: int, whole: bool = True) -> tuple[list[str], dict[str, float]]:
    """Return the lines of all tables, and the figures that have targets.

    ``whole``: with memory and the curves of quality.
    """
    ways: dict[str, Callable[[np.ndarray], bytes]] = {"nbimage": by_nbimage, "mediapy": by_mediapy}
    if whole:
        ways |= {"imageio-ffmpeg": by_imageio, "matplotlib": by_matplotlib}
    lines: list[str] = []
    speed, size, quality = [], [], []
    floats = 0.0
    for name, stack in stacks(count).items():
        frames = rerange(stack)
        lines += [f"## {name}, {count} frames", ""]
        lines += ["| | seconds | times nbimage | kB | PSNR, dB | peak memory, MB |"]
        lines += ["|---|---:|---:|---:|---:|---:|"]
        with tempfile.TemporaryDirectory() as folder:
            raw = Path(folder) / "raw"
            raw.write_bytes(frames.tobytes())
            shape = frames.shape[2], frames.shape[1]
            bare = partial(by_ffmpeg, raw, shape, "rgb24" if frames.ndim == 4 else "gray")
            runs: dict[str, Callable[[], Any]] = {k: partial(w, stack) for k, w in ways.items()}
            runs["bare ffmpeg"] = bare
            found = interleaved(runs, rounds)
        for way, seconds in found.seconds.items():
            ratio = paired_ratio(seconds, found.seconds["nbimage"])
            data = found.results[way]
            memory = ""
            if whole and way != "bare ffmpeg":
                memory = f"{in_fresh_process(peak, ways[way], name, count) / 1e6:.0f}"
            lines.append(
                f"| {way} | {median(seconds):.2f} | {ratio:.2f} | {len(data) / 1e3:.0f} | "
                f"{psnr(data, frames):.2f} | {memory} |"
            )
        ours, theirs = found.results["nbimage"], found.results["mediapy"]
        speed.append(paired_ratio(found.seconds["mediapy"], found.seconds["nbimage"]))
        size.append(len(ours) / len(theirs))
        quality.append(psnr(ours, frames) - psnr(theirs, frames))
        if stack.dtype != np.uint8:
            floats = paired_ratio(found.seconds["nbimage"], found.seconds["bare ffmpeg"])
        if whole:
            curve = [(qp, by_nbimage(stack, qp)) for qp in (14, 16, 18, 20, 22, 26, 30)]
            points = [f"{qp}: {len(v) / 1e3:.0f} kB, {psnr(v, frames):.2f} dB" for qp, v in curve]
            lines += ["", "nbimage's curve by h264= " + "; ".join(points) + "."]
        lines.append("")
    lines.append(
        f"Geometric means: {geometric_mean(speed):.2f} times as fast as mediapy's defaults, "
        f"{geometric_mean(size):.2f} times the size."
    )
    return lines, {
        "speed": geometric_mean(speed),
        "most bytes": max(size),
        "least quality": min(quality),
        "floats": floats,
    }


def front_values(details: bool) -> dict[str, float]:
    """Return the figures that have targets."""
    lines, values = measure(90, 7, whole=details)
    if details:
        save(lines)
    return values


def save(lines: list[str]) -> str:
    """Write videos.md, and return what is in it."""
    head = ["# Video", "", f"{platform.system()}, Python {platform.python_version()}.", ""]
    text = "\n".join([*head, *lines]) + "\n"
    (HERE / "videos.md").write_text(text, "utf-8")
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--save", action="store_true", help="write benchmarks/videos.md")
    parser.add_argument("--quick", action="store_true", help="few frames, for tests")
    options = parser.parse_args()
    count, rounds = (8, 1) if options.quick else (90, 5)
    lines, _ = measure(count, rounds)
    print("\n".join(lines))
    if options.save:
        save(lines)


if __name__ == "__main__":
    main()
