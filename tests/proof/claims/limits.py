"""The figures of the documents that are limits of the code, or what a target of ``make`` takes."""

from __future__ import annotations

import functools
from collections.abc import Callable

from tests.proof.claims.claim import Claim
from tests.proof.claims.figures import ROOT, Source, constant, in_text, over

_CODE = "python -m pytest tests/proof tests/test_claims.py"
_MIB, _KIB, _GIB = 2.0**20, 2.0**10, 2.0**30
JS = "nbimage/page/js/view/"


def _stored(make: Callable[[], str]) -> Source:
    """Return how many kB a script takes of an output."""
    return lambda: len(make()) / 1e3


@functools.cache
def _script(*modules: str) -> str:
    from nbimage.page.scripts import packed_script

    return packed_script(*modules)


def _lines(folder: str) -> Source:
    """Return how many lines of Python and settings a package of examples has."""
    names = ("nbimage_raw.py", "pyproject.toml")
    return lambda: sum(
        len((ROOT / folder / name).read_text("utf-8").splitlines()) for name in names
    )


def script(module: str) -> Source:
    """Return how many kB a script takes of an output."""
    return _stored(lambda: _script(module))


def explorer(*parts: str) -> Source:
    """Return how many kB the explorer's script takes with some of its parts."""
    from nbimage.page.view_html import EMBEDDED, PARTS

    return _stored(lambda: _script(*(PARTS[part] for part in parts), EMBEDDED))


def _smallest() -> float:
    """Return how many kB the script of a picture takes."""
    import re

    import numpy as np

    from nbimage import Picture

    html = Picture(np.eye(4)).html
    return sum(map(len, re.findall(r"<script[^>]*>(.*?)</script>", html, re.DOTALL))) / 1e3


_EMBEDDED = constant("nbimage/view/model/open_image.py", "EMBED_LIMIT")
EXACT = constant("nbimage/codecs/preview.py", "EXACT")
EXACT_FIGURE = constant("nbimage/export/still.py", "_EXACT")
_SIDE = constant("nbimage/codecs/preview.py", "SIDE")
LARGE = constant("nbimage/page/ipython.py", "LARGE")
TRIES = constant("nbimage/pyramid/remote/retries.py", "count")
WITHIN = constant("nbimage/pyramid/remote/retries.py", "seconds")
_DOWNLOAD = constant("nbimage/pyramid/remote/remote_file.py", "_MAX_DOWNLOAD")
_ENLARGED = constant("nbimage/page/page_size.py", "_SMALL", 0)
_UP_TO = constant("nbimage/page/page_size.py", "_ENLARGED", 1)
_PICTURES = "docs/reference/pictures.md"
_EXPLORE = "docs/reference/explore.md"
_OFLARGE = "docs/reference/large.md"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "docs/explorer.md",
        "From {} pixels a sample on, values are written",
        _CODE,
        (constant(f"{JS}viewer/pane.js", "VALUES_FROM"),),
    ),
    Claim(
        "docs/explorer.md",
        "a double click leaves {} % out at either end",
        _CODE,
        (constant(f"{JS}contrast/subject.js", "AUTO"),),
    ),
    Claim(
        "docs/explorer.md",
        "with buttons that show them: 1\u2013{} %, asinh, zscale",
        _CODE,
        (in_text("nbimage/view/model/page_config.py", r"contrast=\(1, (\d+)\)"),),
    ),
    Claim(
        "docs/explorer.md",
        "as PNG at 1, 2 or 4 pixels a screen pixel",
        "python -m pytest tests/e2e/test_view_save.py",
    ),
    Claim(
        "docs/explorer.md", "within a thousandth of a pixel", "python -m pytest tests/view/model"
    ),
    Claim(
        "docs/plugins.md",
        "is a whole package of {} lines",
        "cat examples/nbimage-raw/nbimage_raw.py examples/nbimage-raw/pyproject.toml | wc -l",
        (_lines("examples/nbimage-raw"),),
        near=0.05,
    ),
    Claim(
        "docs/protocol.md",
        "up to {} letters",
        _CODE,
        (constant("nbimage/view/live/messages.py", "_MAX_NAME"),),
    ),
    Claim(
        "docs/protocol.md",
        "{} of an image at most",
        _CODE,
        (constant("nbimage/view/live/messages.py", "_MAX_TILES"),),
    ),
    Claim(
        "docs/protocol.md",
        "its tiles, of {} pixels with an overlap of {}",
        _CODE,
        (
            constant("nbimage/view/serve/export_folder.py", "_TILE", 0),
            constant("nbimage/view/serve/export_folder.py", "_OVERLAP", 1),
        ),
    ),
    Claim(
        "docs/protocol.md",
        "of {} samples a side, {} of one byte",
        _CODE,
        (
            constant("nbimage/view/serve/export_folder.py", "_VALUES", 0),
            constant("nbimage/view/serve/export_folder.py", "_SMALL_VALUES", 1),
        ),
    ),
    Claim(
        "docs/reference/command_line.md",
        "each output holds its scripts, {} to {} kB",
        _CODE,
        (_smallest, explorer("layers", "axes", "sky", "ortho", "compare", "steps")),
        near=0.05,
    ),
    Claim(_EXPLORE, "Arrays of more than {} MiB", _CODE, (over(_EMBEDDED, _MIB),)),
    Claim(_EXPLORE, "keeps arrays of up to {} MiB", _CODE, (over(_EMBEDDED, _MIB),)),
    Claim(
        _EXPLORE,
        "up to {} MiB of samples",
        _CODE,
        (over(_EMBEDDED, _MIB),),
    ),
    Claim(_EXPLORE, "else at 10 frames a second", "python -m pytest tests/view/testexplorer.py"),
    Claim(
        "docs/reference/grids.md",
        "The values of small data ({} KiB a grid)",
        _CODE,
        (over(constant("nbimage/grids/readings.py", "MOST_BYTES"), _KIB),),
    ),
    Claim(_OFLARGE, "fetched whole, up to {} GiB", _CODE, (over(_DOWNLOAD, _GIB),)),
    Claim(_OFLARGE, "tried up to {} times within {} seconds", _CODE, (TRIES, WITHIN)),
    Claim(
        _OFLARGE,
        "of more than 2^{} samples",
        _CODE,
        (in_text("nbimage/pyramid/levels/cache_folder.py", r"large: int = 1 << (\d+)"),),
    ),
    Claim(
        _PICTURES,
        "below {} the largest whole multiple up to {}",
        _CODE,
        (_ENLARGED, _UP_TO),
    ),
    Claim(
        _PICTURES,
        "`max_pixels` ({} million)",
        _CODE,
        (over(constant("nbimage/page/page_size.py", "MAX_PIXELS"), 1e6),),
    ),
    Claim(
        _PICTURES,
        "no more than {} kB (of a figure with axes and the like {} kB), else a preview of at most "
        "{} pixels a side and {} of the picture's bytes",
        _CODE,
        (
            over(EXACT, 1e3),
            over(EXACT_FIGURE, 1e3),
            _SIDE,
            constant("nbimage/codecs/preview.py", "_SHARE"),
        ),
    ),
    Claim(
        _PICTURES,
        "Where the output is narrow ({} CSS pixels",
        _CODE,
        (constant("nbimage/page/bars/narrow.py", "NARROW"),),
    ),
    Claim(
        _PICTURES,
        "with its ticks at least {} pixels apart",
        _CODE,
        (constant("nbimage/page/ticks/density.py", "_APART"),),
    ),
    Claim(_PICTURES, "adds more than {} MB to the notebook", _CODE, (over(LARGE, 1e6),)),
    Claim(
        _PICTURES,
        "2, 2.5, 3, 4, 5, 6 or 8 times a power of ten",
        "python -m pytest tests/mapping/bins",
    ),
    Claim(
        "docs/reference/video.md",
        "that of frames under {} pixels on the longer side",
        _CODE,
        (constant("nbimage/codecs/videos.py", "_SMALL"),),
    ),
    Claim(
        "docs/reference/video.md",
        "GIFs hold at most 50 frames a second, WebP and APNG 90",
        "python -m pytest tests/codecs",
    ),
    Claim(
        "docs/reference/video.md",
        "At most {} MiB of them are kept",
        _CODE,
        (over(constant("nbimage/codecs/clips/video_frames.py", "_CACHED"), _MIB),),
    ),
    Claim("docs/guides/microscopy.md", "in 12 planes of 0.5 µm", "make docs"),
    Claim(
        "CONTRIBUTING.md",
        "size of folders (15 modules) and modules (about 400 lines)",
        "python -m pytest tests/test_layers.py",
    ),
    Claim(
        "SECURITY.md",
        "the token, {} random bytes",
        _CODE,
        (in_text("nbimage/view/serve/http_server.py", r"token_urlsafe\((\d+)\)"),),
    ),
    Claim(
        "SECURITY.md",
        "of archives of shapes no more than {} MiB is unpacked",
        _CODE,
        (over(constant("nbimage/view/shapes/imagej.py", "_MOST"), _MIB),),
    ),
    *(
        Claim("CONTRIBUTING.md", text, f"time make {target}")
        for text, target in (
            ("under 3 minutes", "check"),
            ("1.5 GB of packages", "test"),
            ("which it installs; 15 minutes", "test-oldest"),
            ("for another | 15 minutes", "test-newest"),
            ("30 minutes, 3 GB of packages", "frontends"),
            ("GitHub check of them | 1 minute", "dist"),
            ("checks itself | 10 minutes", "release"),
            ("another host | 2 minutes", "docs"),
            ("no other host | 3 minutes", "test-docs"),
        )
    ),
)
NAMES: dict[str, tuple[str, ...]] = {
    "docs/formats.md": (
        r"as 8 bits in colors",
        r"of 8 and 16 bits",
        r"1 to 64 bits",
        r"JPEG of 12 bits",
    ),
    "docs/protocol.md": (r"(?:numbers of |\()?(?:16|32|8|24) bits",),
    "docs/reference/grids.md": (r"colors of 8 bits",),
    "docs/reference/values.md": (
        r"colors of 8 bits",
        r"up to 8 bits",
        r"in 8 bits",
        r"JPEG of 12 bits",
    ),
    "docs/reference/video.md": (r"have 8 bits",),
}
"""Numbers that are no promise: of formats."""
