"""The figures that benchmarks found: the command of each, and where it is written down."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.proof.claims.claim import Claim, Relation
from tests.proof.claims.figures import (
    Source,
    cell,
    find_table,
    front,
    in_text,
    least,
    most,
    numbers,
    ratio,
    read,
    tables,
)

# Tables

_TASKS = "benchmarks/tasks.md"
_RESULTS = "benchmarks/results.md"
_VIEWS = "benchmarks/views.md"
_TILES = "benchmarks/tiles.md"
COMPARISON = "docs/comparison.md"


def _task(program: str) -> Callable[[str], Sequence[float]]:
    """Return what reads the actions and the seconds of a task."""

    def find(task: str) -> Sequence[float]:
        table = find_table(_TASKS, "task", program)
        own = next(row for row in table if row[0] == task)[table[0].index(program)]
        if own.startswith("no way"):
            return ()
        head, _, rest = own.partition("), ")
        return (numbers(head)[0], numbers(rest)[0])

    return find


def _time(column: str, times: bool = True) -> Callable[[str], Sequence[float]]:
    """Return what reads milliseconds and how many times those of nbimage they are."""

    def find(row: str) -> Sequence[float]:
        table = find_table(_RESULTS, "nbimage output")
        found = numbers(next(one for one in table if one[0] == row)[table[0].index(column)])
        return found if times else found[:1]

    return find


def _page(column: str) -> Callable[[str], Sequence[float]]:
    return lambda row: (cell(_VIEWS, row, column, holds="nbview")(),)


def _longest(action: str) -> Callable[[str], Sequence[float]]:
    def find(row: str) -> Sequence[float]:
        table = find_table(_VIEWS, "longest", holds="treescope")
        line = next(one for one in table if one[:2] == [row, action])
        return numbers(line[table[0].index("longest")])

    return find


def _tile(column: str) -> Callable[[str], Sequence[float]]:
    return lambda row: (cell(_TILES, row, column)(),)


TABLES = (
    Relation(
        COMPARISON,
        ("task", "napari"),
        "python -m benchmarks.tasks",
        {name: _task(name) for name in ("nbview", "plotly `imshow`", "OpenSeadragon", "napari")},
    ),
    Relation(
        COMPARISON,
        ("plotly, binary",),
        "python -m benchmarks.pictures --save",
        {
            "nbimage": _time("nbimage", False),
            "mediapy": _time("mediapy"),
            "plotly, binary": _time("plotly"),
            "matplotlib": _time("matplotlib"),
            "Pillow": _time("Pillow"),
        },
    ),
    Relation(
        COMPARISON,
        ("a 2048² float32 array",),
        "python -m benchmarks.views",
        {
            "page, MB": _page("page, MB"),
            "shown after navigation, ms": _page("shown after navigation, ms"),
            "longest frame while panning, ms": _longest("pan"),
            "while zooming": _longest("zoom"),
        },
    ),
    Relation(
        COMPARISON,
        ("8192² RGB in JPEG tiles",),
        "python -m benchmarks.tiles",
        {
            "longest frame, ms": _tile("longest"),
            "complete after opening, ms": _tile("complete after opening, ms"),
            "after a jump, ms": _tile("after a jump"),
        },
    ),
)

# Sentences: of benchmarks

_PICTURES = "python -m benchmarks.pictures --save"
_FILES = "benchmarks/pyramid_files.md"
_CLIPS = "benchmarks/clips.md"
_COLORS = "benchmarks/colors.md"
_GRAY = "2048² gray float32"


def _memory(column: str) -> Source:
    def find() -> float:
        rows = [row for row in _result_rows() if row[0] == _GRAY]
        return numbers(rows[-1][_result_heads().index(column)])[0]

    return find


def _result_tables() -> list[list[list[str]]]:
    return [one for one in tables(read(_RESULTS)) if "nbimage output" in one[0]]


def _result_heads() -> list[str]:
    return _result_tables()[0][0]


def _result_rows() -> list[list[str]]:
    return [row for one in _result_tables() for row in one[1:]]


def _of_written(kind: str, by: str, column: str) -> Source:
    def find() -> float:
        table = find_table(_FILES, "written", "by")
        line = next(row for row in table if row[:2] == [kind, by])
        return numbers(line[table[0].index(column)])[0]

    return find


def _clip(heading: str, row: str, column: str) -> Source:
    """Return a figure of a table below a heading of ``clips.md``."""

    def find() -> float:
        part = read(_CLIPS).split(f"## {heading}\n")[1].split("\n## ")[0]
        (table,) = tables(part)
        line = next(one for one in table if one[0] == row)
        return numbers(line[table[0].index(column)])[0]

    return find


def _color(column: str, number: int, pick: Callable[..., Source]) -> Source:
    rows = ("smooth", "a little noise", "photograph")
    return pick(*(cell(_COLORS, row, column, number) for row in rows))


_IN_ORDER = [f"300 frames of 360×640 in order, a key every {every}" for every in (25, 250)]
_AT_RANDOM = [f"20 frames at random, a key every {every}" for every in (25, 250)]


def _in_order(pick: Callable[..., Source]) -> Source:
    sources = [
        ratio(_clip(one, "nbimage, by ffmpeg", "seconds"), _clip(one, "PyAV", "seconds"))
        for one in _IN_ORDER
    ]
    return pick(*sources)


def _at_random(number: int) -> Source:
    one = _AT_RANDOM[number]
    return ratio(_clip(one, "nbimage, by PyAV", "seconds"), _clip(one, "imageio, PyAV", "seconds"))


def _by_pyav(number: int) -> Source:
    one = _AT_RANDOM[number]
    return ratio(
        _clip(one, "nbimage, by ffmpeg", "seconds"), _clip(one, "nbimage, by PyAV", "seconds")
    )


_FLOATS = ("float32", "float32, vsym", "float32, vmin and vmax")
_RERANGED = tuple(front("rerange", name) for name in _FLOATS)
CLAIMS: tuple[Claim, ...] = (
    Claim(
        "README.md",
        "{} and {} times as fast as plotly and matplotlib on a 2048² float32 array",
        _PICTURES,
        (cell(_RESULTS, _GRAY, "plotly", 1), cell(_RESULTS, _GRAY, "matplotlib", 1)),
    ),
    Claim(
        COMPARISON,
        "The PNG of a photograph is {} times the size of Pillow's",
        "python -m benchmarks.front --only encoders --save",
        (front("encoders", "bytes"),),
    ),
    Claim(
        COMPARISON,
        "of gray data it is {} of mediapy's",
        _PICTURES,
        (
            ratio(
                lambda: numbers(_kilobytes()[_result_heads().index("nbimage")])[0],
                lambda: numbers(_kilobytes()[_result_heads().index("mediapy")])[0],
            ),
        ),
    ),
    Claim(
        COMPARISON,
        "memory beyond a 2048² float32 array: {} MB (mediapy {}, plotly {}, matplotlib {}, "
        "Pillow {})",
        f"{_PICTURES}; python -m benchmarks.front --only pictures --save",
        (
            front("pictures", "memory, gray"),
            *map(_memory, ("mediapy", "plotly", "matplotlib", "Pillow")),
        ),
    ),
    Claim(
        COMPARISON,
        "encodes about {} times as fast as mediapy at the same bytes and no less PSNR",
        "python -m benchmarks.front --only videos --save",
        (front("videos", "speed"),),
    ),
    Claim(
        COMPARISON,
        "within {} of bare ffmpeg's time",
        "python -m benchmarks.videos",
        (in_text("benchmarks/videos.md", r"([\d.]+) times its time for the pan"),),
    ),
    Claim(
        COMPARISON,
        "A colormapped 1024² float32 picture takes {} to {} times less time than matplotlib's "
        "`imsave`, at {} to {} of its bytes",
        "python -m benchmarks.colors",
        (
            _color("imsave, ms", 1, least),
            _color("imsave, ms", 1, most),
            _color("size", 0, least),
            _color("size", 0, most),
        ),
    ),
    Claim(
        COMPARISON,
        "makes the tooltips of Altair's documentation {} times as fast as that does",
        "python -m benchmarks.front --only tooltips --save",
        (front("tooltips", "times faster"),),
    ),
    Claim(
        COMPARISON,
        "A thousand 96² thumbnails take {} of a second of Python",
        "python -m benchmarks.front --only grids --save",
        (front("grids", "seconds"),),
        near=0.12,
    ),
    Claim(
        COMPARISON,
        "`write_dzi` of 8192² RGB takes {} (JPEG) and {} (PNG) times less time than libvips' "
        "`dzsave`, at {} and {} of its bytes, and {} MiB for a 40,000² uint16 zarr",
        "python -m benchmarks.pyramids",
        (
            cell("benchmarks/pyramids.md", "photograph, jpeg", "times as fast"),
            cell("benchmarks/pyramids.md", "photograph, png", "times as fast"),
            cell("benchmarks/pyramids.md", "photograph, jpeg", "size"),
            cell("benchmarks/pyramids.md", "photograph, png", "size"),
            in_text("benchmarks/pyramids.md", r"JPEG tiles: (\d+) MiB"),
        ),
    ),
    Claim(
        COMPARISON,
        "`rerange` of a 4096² float32 array takes {} to {} times as long as copying it",
        "python -m benchmarks.front --only rerange --save",
        (least(*_RERANGED), most(*_RERANGED)),
    ),
    Claim(
        COMPARISON,
        ", and {} of plain NumPy's.",
        _PICTURES,
        (
            ratio(
                cell(_RESULTS, "float32", "`rerange`, ms"),
                cell(_RESULTS, "float32", "plain NumPy, ms"),
            ),
        ),
        near=0.12,
    ),
    Claim(COMPARISON, "a frame takes 16.7 ms at least", "python -m benchmarks.views"),
    Claim(
        COMPARISON,
        "({} against {} s for {} × {} RGB), in {} of the memory",
        "python -m benchmarks.pyramid_files",
        (
            _of_written("TIFF JPEG", "libvips", "wall s"),
            _of_written("TIFF JPEG", "nbimage", "wall s"),
            in_text(_FILES, r"(\d+) x \d+; TIFF"),
            in_text(_FILES, r"\d+ x (\d+); TIFF"),
            ratio(
                _of_written("TIFF JPEG", "libvips", "peak MB"),
                _of_written("TIFF JPEG", "nbimage", "peak MB"),
            ),
        ),
    ),
    Claim(
        COMPARISON,
        "come {} to {} times as fast from nbimage as from libvips",
        "python -m benchmarks.pyramid_files",
        (
            lambda: min(_faster()),
            lambda: max(_faster()),
        ),
    ),
    Claim(
        COMPARISON,
        "come {} times as fast from PyAV itself as from `frames`",
        "python -m benchmarks.clips",
        (_in_order(most),),
    ),
    Claim(
        COMPARISON,
        "takes from {} of imageio's time (a key every {} frames) to {} times as long (every {})",
        "python -m benchmarks.clips",
        (_at_random(1), lambda: 250, _at_random(0), lambda: 25),
    ),
    Claim(
        "docs/reference/video.md",
        "frames at random come {} times as fast from MP4, MOV and MKV",
        "python -m benchmarks.clips",
        (least(_by_pyav(0), _by_pyav(1)),),
        near=0.1,
    ),
)


def _kilobytes() -> list[str]:
    """Return the sizes of the PNGs of a gray array."""
    return [row for row in _result_rows() if row[0] == _GRAY][1]


def _faster() -> list[float]:
    """Return how many times as long other writers take, but of JPEG tiles."""
    table = find_table(_FILES, "written", "by")
    rows = [row for row in table[1:] if row[0] != "TIFF JPEG" and row[1] != "nbimage"]
    return [float(row[5]) for row in rows]
