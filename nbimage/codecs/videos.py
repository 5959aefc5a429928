"""Encode frames as video files: the encoder, the flags and the file of each codec.

ffmpeg itself is run by `codecs.ffmpeg`.

The flags were measured: constant quantisers keep noise, which is data here; one color tagging
(BT.601 matrix, BT.709 primaries and transfer, limited range) is true in every browser.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.base.scalars import as_number, number_or_nan
from nbimage.base.suffixes import name_suffix, resolve_name
from nbimage.codecs.animations import ANIMATIONS
from nbimage.codecs.ffmpeg import (
    Encoding,
    FFmpegError,
    Output,
    find_ffmpeg,
    list_encoders,
    run_ffmpeg,
)
from nbimage.codecs.luma import LumaFrames

if TYPE_CHECKING:
    from fractions import Fraction
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Codec:
    """A video codec: its file, its quality scale and ffmpeg's encoders of it."""

    suffix: str
    media_type: str
    scale: str
    """The quality scale in words."""
    least: float
    most: float
    default: float
    encoders: tuple[str, ...]
    """In the order of preference."""
    alpha: bool = False
    even: bool = True
    """Takes even sizes only (4:2:0)."""


CODECS = {
    "h264": Codec(".mp4", "video/mp4", "QP, 0 best to 51", 0, 51, 18, ("libx264",)),
    "vp9": Codec(
        ".webm", "video/webm", "CRF, 0 best to 63", 0, 63, 31, ("libvpx-vp9",), True, False
    ),
    "vp8": Codec(".webm", "video/webm", "CRF, 4 best to 63", 4, 63, 10, ("libvpx",), True),
    "av1": Codec(
        ".webm", "video/webm", "CRF, 0 best to 63", 0, 63, 30, ("libsvtav1", "libaom-av1")
    ),
    "theora": Codec(".ogv", "video/ogg", "quality, 0 to 10 best", 0, 10, 7, ("libtheora",)),
}
_TAGS = "setparams=range=tv:colorspace=smpte170m:color_primaries=bt709:color_trc=bt709"
_COLORS = (
    "scale=out_color_matrix=bt601:out_range=tv:flags=accurate_rnd+full_chroma_int+full_chroma_inp,"
    + _TAGS
)
_THEORA, _AV1 = 16, 8  # pixels of a side that these encoders can't do
_TINY = 64  # pixels of the longer side up to which a page's frames are enlarged to twice this
_SMALL = 200  # up to which they are shown enlarged, see `page.page_size`
_EXACT = "setparams=range=pc:color_primaries=bt709:color_trc=iec61966-2-1:colorspace=gbr"
_LOSSLESS = {"h264": "libx264rgb", "vp9": "libvpx-vp9"}


def check_quality(name: str, quality: Any, lossless: bool) -> float:
    """Return a codec's quality as a number; True stands for its default. Raises ValueError."""
    codec = CODECS[name]
    if lossless and name not in _LOSSLESS:
        raise ValueError(f"lossless must be False for {name}: h264 and vp9 can be lossless")
    default = quality is True or (isinstance(quality, np.bool_) and bool(quality))
    number = codec.default if default else number_or_nan(quality)
    if not codec.least <= number <= codec.most:
        raise ValueError(
            f"{name} must be from {codec.least:g} to {codec.most:g} ({codec.scale}), "
            f"but got {quality!r}"
        )
    return float(number)


def choose_codecs(wanted: dict[str, Any], animation: Any, lossless: bool) -> dict[str, float]:
    """Return the quality of each codec that is on. Raises ValueError where nothing is encoded."""
    chosen = {
        name: check_quality(name, quality, lossless)
        for name, quality in wanted.items()
        if quality is not None and not (isinstance(quality, (bool, np.bool_)) and not quality)
    }
    if animation is None and not chosen:
        raise ValueError("a video must have a codec, but all are off: give h264=18")
    return chosen


@dataclass(frozen=True, slots=True)
class Job:
    """What ffmpeg makes of the frames of one size."""

    size: tuple[int, int]
    """Width and height."""
    channels: int
    outputs: Sequence[Output]


def encode_frames(
    frames: Iterable[Sequence[Array]], jobs: Sequence[Job], rate: Fraction
) -> dict[str, bytes]:
    """Encode frames once, all jobs at the same time; return the files by the outputs' names.

    Each of ``frames`` holds one for each job, uint8 and C-contiguous. Raises FFmpegError.
    """
    with ExitStack() as stack:
        running = []
        for job in jobs:
            luma = LumaFrames(job.size) if any(output.luma for output in job.outputs) else None
            pixel_format = {1: "gray", 3: "rgb24", 4: "rgba"}[job.channels]
            encoding = Encoding(job.outputs, job.size, "yuv420p" if luma else pixel_format, rate)
            running.append((stack.enter_context(encoding), luma))
        for each in frames:
            for (encoding, luma), frame in zip(running, each, strict=True):
                encoding.write(luma.convert(frame).data if luma else frame.data)
        return {
            name: path.read_bytes()
            for encoding, _ in running
            for name, path in encoding.finish().items()
        }


def make_outputs(
    factors: dict[str, int],
    qualities: dict[str, float],
    size: tuple[int, int],
    channels: int,
    lossless: bool,
    mark: str = "",
) -> list[Output]:
    """Make ffmpeg's arguments for codecs, each pixel so many times as large; padded to even sides.

    ``mark`` is put before the names of the codecs.
    """
    outputs = []
    luma = channels == 1 and not lossless and not (size[0] % 2 or size[1] % 2)
    for name, factor in factors.items():
        filters = [] if factor == 1 else [f"scale=iw*{factor}:ih*{factor}:flags=neighbor"]
        if needs_even(factors, lossless):
            filters += _to_even((size[0] * factor, size[1] * factor))
        output = make_output(name, qualities[name], channels, lossless, filters, luma=luma)
        outputs.append(replace(output, name=mark + name))
    return outputs


def find_least_factor(name: str, size: tuple[int, int]) -> int:
    """Return the least whole factor by which frames are enlarged for a codec that takes no smaller.

    libtheora writes what nothing decodes up to 16 columns, SVT-AV1 fails up to 8 × 8.
    """
    columns, rows = size
    if name == "theora":
        return 1 if columns > _THEORA else -(-(_THEORA + 1) // columns)
    if name == "av1":
        return 1 if max(size) > _AV1 else -(-(_AV1 + 1) // max(columns, rows))
    return 1


def find_page_factor(size: tuple[int, int], channels: int) -> int:
    """Return the whole factor by which frames are enlarged for the page, whose players take others.

    They have no smallest size in common; and of colors only means of 2 × 2 are stored, which are
    those of one pixel if each is enlarged by an even number.
    """
    longest = max(size)
    if longest <= _TINY:
        factor = -(-2 * _TINY // longest)
        return factor + factor % 2
    return 2 if channels > 1 and longest < _SMALL else 1


def enlarge_file(
    data: bytes,
    name: str,
    quality: float,
    size: tuple[int, int],
    factor: int,
    *,
    lossless: bool,
    channels: int,
) -> bytes:
    """Return a video of which each pixel is a square of so many, from a file of at least its size.

    ``size`` is the frames' (width, height); the file may be enlarged and padded.
    """
    import tempfile
    from pathlib import Path

    width, height = size
    own = width * factor, height * factor
    codec = CODECS[name]
    if channels == 4 and not codec.alpha:
        channels = 3
    with tempfile.TemporaryDirectory(prefix="nbimage-") as folder:
        source = Path(folder) / f"source{codec.suffix}"
        source.write_bytes(data)
        colors = {1: "format=gray", 3: "format=gbrp", 4: "format=gbrap"}[channels]
        filters = [
            f"scale=flags=neighbor+accurate_rnd+full_chroma_int,{colors}",
            f"crop=trunc(iw/{width})*{width}:trunc(ih/{height})*{height}:0:0",
            f"scale={width}:{height}:flags=neighbor,scale={own[0]}:{own[1]}:flags=neighbor",
        ]
        filters += _to_even(own) if needs_even([name], lossless) else []
        output = make_output(name, quality, channels, lossless, filters)
        target = Path(folder) / f"target{codec.suffix}"
        decoder = ("-c:v", "libvpx" if name == "vp8" else "libvpx-vp9") if channels == 4 else ()
        run_ffmpeg(*decoder, "-i", str(source), "-an", *output.arguments, "-y", str(target))
        return target.read_bytes()


def needs_even(names: Iterable[str], lossless: bool) -> bool:
    """Return whether frames are padded to even sides: all codecs are if one must be."""
    return not lossless and any(CODECS[name].even for name in names)


def make_output(
    name: str,
    quality: float,
    channels: int,
    lossless: bool,
    padding: Sequence[str] = (),
    *,
    luma: bool = False,
) -> Output:
    """Make ffmpeg's arguments for one codec; ``padding`` are filters that come first.

    With ``luma`` it is to be given what `LumaFrames` makes of gray frames.
    """
    codec = CODECS[name]
    alpha = codec.alpha and channels == 4
    filters = []
    if channels == 4 and not codec.alpha:  # on white
        filters.append(
            "split[a][b];[a]drawbox=c=white@1:t=fill:replace=1[w];[w][b]overlay=format=rgb"
        )
    filters += padding
    if lossless:
        encoder = _LOSSLESS[name]
        arguments = {
            "h264": ("-c:v", "libx264rgb", "-preset", "veryfast", "-qp", "0", "-pix_fmt", "rgb24"),
            "vp9": (*_VP9, "-lossless", "1", "-pix_fmt", "gbrap" if alpha else "gbrp"),
        }[name]
        if alpha:
            raise ValueError("lossless must be False for frames with alpha: no browser plays them")
        filters.append(_EXACT)
    else:
        encoder = _find_encoder(name, codec.encoders)
        arguments = _make_flags(name, encoder, quality, alpha)
        filters.append(_TAGS if luma else _COLORS)
    if codec.suffix == ".mp4":
        arguments += ("-movflags", "+faststart")
    return Output(name, codec.suffix, ("-vf", ",".join(filters), *arguments), encoder, luma)


_X264 = ":".join(
    (
        "trellis=1:no-dct-decimate=1",  # noise is data
        "pbratio=1.1",  # and so are frames between two others
        "bframes=4:b-adapt=0:scenecut=0:weightp=0",  # looking ahead takes a third of the time
        "me=umh:subme=2",  # finds what moves all the same
        "partitions=i8x8",  # smaller blocks cost bytes
    )
)
_VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1")


def _make_flags(name: str, encoder: str, number: float, alpha: bool) -> tuple[str, ...]:
    planes = ("-pix_fmt", "yuva420p", "-auto-alt-ref", "0") if alpha else ("-pix_fmt", "yuv420p")
    quality = f"{number:g}"
    if name == "h264":
        # a trellis keeps more of a frame: one more QP is the quality that it was without
        constant = ("-qp", f"{min(number + 1, CODECS[name].most):g}")
        finer = ("-preset", "superfast", *constant, "-x264-params", _X264)
        return ("-c:v", encoder, *finer, *planes)
    if name == "vp8":  # without a high bit rate its quality means nothing
        # a speed below 0 is kept; above 0 it follows the clock, and no two files are the same
        flags = ("-crf", quality, "-b:v", "100M", "-deadline", "realtime", "-cpu-used", "-8")
        return ("-c:v", encoder, *flags, *planes)
    if name == "vp9":
        return (*_VP9, "-crf", quality, "-b:v", "0", *planes)
    if name == "theora":
        return ("-c:v", encoder, "-q:v", quality, *planes)
    if encoder == "libsvtav1":
        return ("-c:v", encoder, "-preset", "9", "-crf", quality, *planes)  # 10 leaves squares out
    return (
        *("-c:v", encoder, "-usage", "realtime", "-cpu-used", "8"),
        *("-crf", quality, "-b:v", "0", *planes),
    )


def _to_even(size: tuple[int, int]) -> list[str]:
    """Return filters that repeat the last column or row where a side is odd."""
    width, height = size
    right, down = width % 2, height % 2
    if not (right or down):
        return []
    return [
        f"pad={width + right}:{height + down}",
        f"fillborders=right={right}:bottom={down}:mode=smear",
    ]


def _find_encoder(name: str, names: Sequence[str]) -> str:
    there = list_encoders(find_ffmpeg())
    for encoder in names:
        if encoder in there:
            return encoder
    raise FFmpegError(
        f"{name} needs the encoder {' or '.join(names)}, but {find_ffmpeg()} has none: choose "
        "another codec, or pip install --upgrade imageio-ffmpeg, which brings one that has it"
    )


def as_rate(fps: Any) -> Fraction:
    """Return frames a second as a fraction. Raises ValueError unless it is above 0 and finite."""
    from fractions import Fraction

    try:
        given = fps if isinstance(fps, Fraction) else float(as_number("fps", fps))
        rate = Fraction(given).limit_denominator(100_000)
    except (TypeError, ValueError, OverflowError):
        rate = Fraction(0)
    if not 0 < rate <= 1000:
        raise ValueError(f"fps must be a number above 0, at most 1000, but got {fps!r:.60}")
    return rate


def _suffix(name: str) -> str:
    return ANIMATIONS[name][0] if name in ANIMATIONS else CODECS[name].suffix


_WAYS = {
    "mp4": "give h264=18 for it",
    "webm": "give vp9=31 for it",
    "ogv": "give theora=7 for it",
    "gif": 'give format="gif" for it',
    "webp": 'give format="webp" for it',
    "apng": 'give format="apng" for it',
    "": "give vp9=31 for .webm, h264=18 for .mp4, theora=7 for .ogv, or format= for .gif or .webp",
}
"""What makes a file of a suffix that has no codec yet."""


def find_video_path(paths: Iterable[Path], name: str, names: Iterable[str]) -> Path | None:
    """Return which of the files that were saved a codec has written; None: it is not among them."""
    suffix = _suffix(name)
    endings = (suffix, ".apng") if name == "apng" else (suffix,)
    own = [path for path in paths if path.suffix.lower() in endings]
    if sum(_suffix(other) == suffix for other in names) > 1:
        own = [path for path in own if path.stem.endswith(f".{name}")]
    return own[0] if own else None


def find_addresses(paths: list[Path], names: list[str]) -> dict[str, str]:
    """Return the relative addresses of the files that codecs have written.

    Raises ValueError where none of them has.
    """
    from urllib.parse import quote

    found = {name: find_video_path(paths, name, names) for name in names}
    addresses = {name: quote(path.as_posix()) for name, path in found.items() if path}
    if not addresses:
        raise ValueError(
            "saveas must name the files that the page refers to, but got "
            f"{', '.join(map(str, paths))}: leave out the suffix, or give that of a codec"
        )
    return addresses


def resolve_video_path(path: Any, suffixes: Collection[str], way: str) -> tuple[str, str]:
    """Return the name of a video's file, and which of its suffixes it has, or "html"."""
    possible = {suffix[1:]: suffix for suffix in suffixes}
    if ".png" in suffixes:
        possible["apng"] = ".png"
    possible |= {"html": "html", "htm": "html"}
    return resolve_name(path, possible, "this video", way)


def resolve_video_paths(path: Any, names: list[str]) -> dict[str, str] | None:
    """Return the file of each codec or animation; a suffix that is given names those wanted.

    None for a page. Raises ValueError for a suffix that none of them writes.
    """
    suffixes = {name: _suffix(name) for name in names}
    way = _WAYS.get(name_suffix(path), _WAYS[""])
    name, suffix = resolve_video_path(path, suffixes.values(), way)
    if suffix == "html":
        return None
    stem, ending = os.path.splitext(name)
    given = name == os.fsdecode(path)
    chosen = {name: own for name, own in suffixes.items() if own == suffix or not given}
    shared = list(chosen.values())
    return {
        name: (f"{stem}.{name}" if shared.count(own) > 1 else stem) + (ending if given else own)
        for name, own in chosen.items()
    }
