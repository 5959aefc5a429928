"""The figures of the change log: of today by their commands, of before by the versions of then."""

from __future__ import annotations

from tests.proof.claims.claim import Claim
from tests.proof.claims.figures import constant, front, most, over
from tests.proof.claims.limits import EXACT, EXACT_FIGURE, LARGE, TRIES, WITHIN, explorer, script

PAGE = "CHANGELOG.md"
_CODE = "python -m pytest tests/test_claims.py"
_FRONT = "python -m benchmarks.front --only {} --save"

CLAIMS: tuple[Claim, ...] = (
    Claim(
        PAGE,
        "It is the exact PNG up to {} kB (of a figure {} kB)",
        _CODE,
        (over(EXACT, 1e3), over(EXACT_FIGURE, 1e3)),
    ),
    Claim(
        PAGE,
        "takes {} ms beyond NumPy (37 before)",
        _FRONT.format("pictures"),
        (front("pictures", "import nbimage"),),
    ),
    Claim(
        PAGE,
        "of large integers of 16 bits, takes {} to {} times as long as a copy of the array "
        "(1.7 to 2.5 before)",
        _FRONT.format("rerange"),
        (
            front("rerange", "float32, vmin and vmax"),
            most(front("rerange", "float32, vsym"), front("rerange", "uint16")),
        ),
    ),
    Claim(PAGE, "as PNG at 1, 2 or 4 pixels", "python -m pytest tests/e2e/test_view_save.py"),
    Claim(
        PAGE,
        "(`keep=`, {} MB at most)",
        _CODE,
        (over(constant("nbimage/view/live/kept_tiles.py", "KEEP"), 1e6),),
    ),
    Claim(
        PAGE,
        "it takes {} kB of an output (79 before), with label layers {} (86), with comparing {} "
        "(91); a grid's takes {} kB (44)",
        _CODE,
        (explorer(), explorer("layers"), explorer("compare"), script("grid/grid")),
        near=0.03,
    ),
    Claim(PAGE, "An output of more than {} MB says so", _CODE, (over(LARGE, 1e6),)),
    Claim(PAGE, "are tried up to {} times within {} seconds", _CODE, (TRIES, WITHIN)),
    Claim(
        PAGE,
        "{} MB for 2048² noisy float32, was 20.7",
        _FRONT.format("pages"),
        (front("pages", "page"),),
    ),
    Claim(
        PAGE,
        "a preview of a picture of more than {}×800 pixels (and {} a side)",
        _CODE,
        (
            constant("nbimage/view/model/tiled_image.py", "_OVERVIEW"),
            constant("nbimage/view/model/fallback.py", "_NARROW"),
        ),
    ),
    Claim(
        PAGE,
        "of less than {} pixels on the longer side are enlarged on the page by the largest whole "
        "factor up to {} CSS pixels",
        _CODE,
        (
            constant("nbimage/page/page_size.py", "_SMALL", 0),
            constant("nbimage/page/page_size.py", "_ENLARGED", 1),
        ),
    ),
    Claim(
        PAGE,
        "(one strip, strips of more than {} MiB)",
        _CODE,
        (over(lambda: 1 << 26, 2.0**20),),
    ),
    Claim(
        PAGE,
        "Increasing latitudes were upside down above {} MiB",
        _CODE,
        (over(constant("nbimage/view/model/open_image.py", "EMBED_LIMIT"), 2.0**20),),
    ),
)
OF_CODE = tuple(claim for claim in CLAIMS if "benchmarks" not in claim.command)
NAMES = (
    r"integers of (?:16|64) bits",
    r"99(?:\.5)? % of (?:values lie below 200|them)",
    "1\u201399 %",
    r"\(99\.5 %\)",
    r"of videos it was 20 MB",
    r"JPEG of 12 bits",
    r"up to 16 bits and AVIF of 10 and 12",
    r"of 8 and 16 bits are shown",
    r"colors of 8 bits",
    r"played at 10 frames a second",
    r"all were 25 frames a second",
    r"Where 98 % of the values lie in an eighth",
    r"512 × 512",
    r"more than 32,767 pixels",
    r"screens of 125 % and 150 %",
    r"less than 160 pixels wide",
    r"gray of 1 to 16 bits",
    r"Colors of 16 bits of",
    r"cut to 8 bits",
)
"""Names of formats, texts that are shown, and what versions before did."""
