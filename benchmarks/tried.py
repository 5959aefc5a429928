"""What was tried of the figures that miss their targets: the key of a goal, and a few words."""

TRIED: dict[str, str] = {
    "encoders: 128": (
        "small pictures have one trial alone, which made it 0.54 from 0.32; deflate takes a fifth "
        "of the time, the rest is Python, filters that are tried, chunks, where OpenCV's is"
        " compiled and has one filter"
    ),
    "encoders: 256": "gray alone; as of 128²",
    "encoders: small bytes": (
        "the best of five filters by band, of runs and ISA-L, and zlib's 7th level where it "
        "is sure to gain; filters by row with the 9th level come to 0.966, so that what "
        "Pillow's default leaves to gain is less than was thought"
    ),
    "encoders: most small bytes": ("cat; `compression=6` comes to 0.995"),
    "encoders: small": (
        "256² RGB alone: two codings are deflated of each of its bands, since neither is sure to "
        "be the smaller one; all larger ones are quicker than OpenCV's, up to 3.1 times"
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
        "takes 5.3, so 1.2 at best on two idle cores. Blocks of 2^16 to 2^21 values, conversions "
        "within ufuncs (0.32 ns in place of 0.23) and tables (0.7) are slower. A float32 line "
        "hardly ever fits the edges of all bins, and with a second line that finds the values in "
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
        "base64 of large pictures by tables on two threads, a JPEG as the preview, bands on"
        " threads; what is left is deflate, and as much again for bytes that become text"
    ),
    "pictures: RGB, plotly": ("as beside mediapy"),
    "pictures: gray, mediapy": ("as of RGB"),
    "pictures: gray, plotly": ("as of RGB"),
    "pictures: memory, gray": ("base64 of large pictures by tables holds the text twice"),
    "pictures: memory, RGB": ("base64 of large pictures by tables holds the text twice"),
    "pictures: memory, uint16": ("as of gray"),
    "pictures: import nbimage": ("what makes a picture is imported by the first one"),
    "pictures: first picture": (
        "Pillow, IPython's display and nbimage's own modules are imported then"
    ),
    "tooltips: times faster": (
        "rows are encoded in batches on threads: 6.2 to 8.3 by run, where the same way by hand "
        "takes 0.2 s at most; what is left is deflate and the mapping of values"
    ),
    "grids: seconds": (
        "pictures of one shape are encoded together on threads, and what is known of most "
        "is written once: 0.47 s of the processor's time where it was 0.97"
    ),
    "grids: page": (
        "a thumbnail's samples hold 6.2 kB as base64, which no lossless format goes below, and its"
        " PNG has 7.5; what else was tried is in [grids.md](grids.md)"
    ),
    "pages: shown": (
        "its preview of 800 pixels is painted after 0.1 s, the samples after the page's text is"
        " read (0.25 s); they are base85 of deflated steps, of which two workers decode a half each"
    ),
    "pages: script": ("bzip2 in place of deflate took it from 86 kB"),
    "pages: zarr": ("limits are sampled only until more would not change them"),
    "videos: speed": (
        "x264 without lookahead, gray frames as YUV, a wider pipe; noise alone takes longer for"
        " its trellis"
    ),
}
