"""What was tried of the figures that miss their targets: the key of a goal, and a few words."""

_BUSY = "measured while other programs kept both cores busy, as the load says"
TRIED: dict[str, str] = {
    "encoders: 128": (
        "small pictures have had one trial alone since this was measured, which makes it 0.49, and"
        " 1.12 of 256²; deflate takes a fifth of the time, the rest is Python, filters that are"
        " tried, chunks, where OpenCV's is compiled and has one filter"
    ),
    "encoders: 256": "gray alone; see 128²",
    "encoders: small bytes": (
        "the best of five filters by band, of runs and ISA-L, and zlib's 7th level where it "
        "is sure to gain; filters by row with the 9th level come to 0.966, so that what "
        "Pillow's default leaves to gain is less than was thought"
    ),
    "encoders: most small bytes": ("cat; `compression=6` comes to 0.995"),
    "encoders: small": (
        "256² RGB and 512² gray: two codings are deflated of each of four bands, on threads "
        "that wait for one another; larger ones are quicker than OpenCV's"
    ),
    "colors: screenshot": (
        "zlib-ng's 6th level in place of ISA-L's first took it from 0.99; zlib's 9th with "
        "every filter comes to 0.71, and a palette has too few colors for its 1,836: `imsave`"
        " is within a third of what deflate can do"
    ),
    "colors: labels": (
        "zlib-ng's 6th level took it from 0.67; zlib's 9th with the best filter comes to "
        "0.53: labels are indices already, and `imsave`'s RGBA repeats as they do"
    ),
    "outputs: most": (
        "256² with missing values: its preview is a PNG of 27 kB beside 48; next come axes, "
        "whose HTML weighs in small pictures alone"
    ),
    "rerange: float32": (
        "the rule takes a copy to float64, a product, a sum and a conversion, 0.1 ns a value "
        "each, and two passes for the extremes: 13 ms of one core for 4096² where `copy()` "
        "takes 5.3, so 1.2 at best on two idle cores, where 1.39 was measured before; the "
        "load here leaves less than one. Blocks of 2^16 to 2^21 values, conversions within "
        "ufuncs (0.32 ns in place of 0.23) and tables (0.7) are slower. A float32 line hardly"
        " ever fits the edges of all bins, and with a second line that finds the values in "
        "doubt it takes as long. Under a load of 12, where this took 1.4 to 2.5 of `copy()`, "
        "numexpr took 3 to 7, and a kernel of numba 0.7 with limits, 2.7 without, after 3 s "
        "to compile it"
    ),
    "rerange: float32, vsym": (
        "as of float32, and a third pass for what the upper limit is; 1.56 on idle cores before"
    ),
    "rerange: float32, vmin and vmax": (
        "as of float32, without its passes for the extremes; NaN is no longer looked for, "
        "which took a tenth of the time; 1.23 on idle cores before that"
    ),
    "rerange: uint16": (
        "a copy to float32, a product, a conversion, and the extremes: 7.5 ms of one core, "
        "2.7 of `copy()`, which needs half of float32's; tables of 65,536 take three times as"
        " long; 1.44 on idle cores before"
    ),
    "pictures: RGB, mediapy": (
        _BUSY
        + "; base64 of large pictures by tables on two threads, a JPEG as the preview, bands on"
        " threads; what is left is deflate, and as much again for bytes that become text"
    ),
    "pictures: RGB, plotly": ("as beside mediapy"),
    "pictures: gray, mediapy": (_BUSY + "; as of RGB"),
    "pictures: gray, plotly": (_BUSY + "; as of RGB"),
    "pictures: memory, gray": (
        "not tried yet; base64 by tables on two threads and more filters a band have come since"
    ),
    "pictures: memory, RGB": ("as of gray"),
    "pictures: memory, uint16": ("as of gray"),
    "pictures: import nbimage": (_BUSY + "; what makes a picture is imported by the first one"),
    "pictures: first picture": (
        _BUSY + "; Pillow, IPython's display and nbimage's own modules are imported then"
    ),
    "tooltips: times faster": (
        _BUSY + "; rows are encoded in batches on threads, which gain little where cores are busy: "
        "seven times on an idle machine before that"
    ),
    "grids: seconds": (
        _BUSY
        + "; pictures of one shape are encoded together on threads, and what is known of most "
        "is said once: half of the time that it was, side by side"
    ),
    "grids: page": (
        "a thumbnail's samples hold 6.2 kB as base64, which no lossless format goes below, and its"
        " PNG has 7.5; what else was tried is in [grids.md](grids.md)"
    ),
    "pages: shown": (
        _BUSY
        + "; samples are base85 of deflated steps, and tiles are decoded while workers begin; "
        "the 0.55 s before are of an idle machine"
    ),
    "pages: script": ("bzip2 in place of deflate took it from 86 kB"),
    "pages: zarr": (_BUSY + "; limits are sampled only until more would not change them"),
    "videos: speed": (
        _BUSY
        + "; x264 without lookahead, gray frames as YUV, a wider pipe; noise alone takes longer"
        " for its trellis"
    ),
}
