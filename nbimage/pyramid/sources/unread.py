"""Formats that nothing here reads: each is refused with the name of what does."""

from __future__ import annotations

from pathlib import Path

from nbimage.pyramid.remote.url import find_suffix

_BY_ITK = "SimpleITK.GetArrayViewFromImage(SimpleITK.ReadImage(path))"
_VOLUMES = {
    **dict.fromkeys((".nrrd", ".nhdr"), ("NRRD", _BY_ITK)),
    **dict.fromkeys((".mha", ".mhd"), ("MetaImage", _BY_ITK)),
    ".gipl": ("GIPL", _BY_ITK),
    ".mnc": ("MINC", "nibabel.load(path).dataobj"),
}
"""Some of these are NetCDF or HDF5, whose samples mean something else then."""
_FRAMEWORKS = {
    ".safetensors": ("safetensors", "safetensors.numpy.load_file(path)['name']"),
    **dict.fromkeys((".pt", ".pth"), ("of PyTorch", "torch.load(path)")),
    **dict.fromkeys((".pkl", ".pickle"), ("a pickle", "what it holds, where you trust it")),
}
_BY_BIOIO = "bioio.BioImage(path).dask_data"
_BY_RAWPY = "rawpy.imread(path).postprocess()"
_GRIB = "GRIB", "xarray.open_dataset(path, engine='cfgrib')['t2m']"
_ND2 = "ND2", "nd2.imread(path, dask=True)"
_EXR = "OpenEXR", "OpenEXR.File(path).channels()['RGB'].pixels"
_PDF = "PDF", "pypdfium2.PdfDocument(path)[0].render().to_pil()"
_MRC = "MRC", "mrcfile.mmap(path).data"
_PACKED = "packed", "what is in it, unpacked"
_HEADS = {
    b"GRIB": _GRIB,
    b"BUFR": ("BUFR", "a grid of what pdbufr.read_bufr(path, columns) returns"),
    b"NRRD0": _VOLUMES[".nrrd"],
    b"\x76\x2f\x31\x01": _EXR,
    b"\xda\xce\xbe\x0a": _ND2,
    b"%PDF": _PDF,
    b"PAR1": ("Parquet", "pandas.read_parquet(path)"),
    b"ARROW1": ("Arrow", "pandas.read_feather(path)"),
    b"\x1f\x8b": _PACKED,
    b"BZh": _PACKED,
    b"\xfd7zXZ": _PACKED,
    b"\x28\xb5\x2f\xfd": _PACKED,
}
"""By their first bytes, whatever they are called."""
_OTHERS = {
    **dict.fromkeys((".grib", ".grib2", ".grb", ".grb2"), _GRIB),
    **dict.fromkeys((".bufr", ".bfr"), _HEADS[b"BUFR"]),
    ".nd2": _ND2,
    ".czi": ("CZI", _BY_BIOIO),
    ".lif": ("LIF", _BY_BIOIO),
    **dict.fromkeys((".oib", ".oif", ".vsi", ".ims"), ("a microscope's file", _BY_BIOIO)),
    **dict.fromkeys((".dm3", ".dm4"), ("a Gatan file", "ncempy.io.dm.dmReader(path)['data']")),
    **dict.fromkeys((".mrc", ".mrcs", ".ccp4", ".map", ".rec", ".st"), _MRC),
    ".exr": _EXR,
    **dict.fromkeys((".cr3", ".orf", ".raf", ".rw2"), ("a raw photograph", _BY_RAWPY)),
    ".pdf": _PDF,
    ".svg": ("a drawing", "IPython.display.SVG(path)"),
    **dict.fromkeys((".gz", ".bz2", ".xz", ".zst"), _PACKED),
    **dict.fromkeys(
        (".csv", ".tsv", ".txt", ".asc"), ("text", "numpy.loadtxt(path, delimiter=',')")
    ),
    **dict.fromkeys(
        (".raw", ".bin", ".dat", ".bil", ".bip", ".bsq"),
        ("bytes without a header", "numpy.fromfile(path, dtype).reshape(rows, columns)"),
    ),
}


def check_read(path: Path) -> None:
    """Raise ValueError for a file whose name says that other packages alone read it."""
    suffix = path.suffix.lower()
    found = _VOLUMES.get(suffix) or (_FRAMEWORKS.get(suffix) if path.is_file() else None)
    if found is not None:
        raise ValueError(_refusal(str(path), *found))


def list_unread() -> dict[tuple[str, str], list[str]]:
    """Return the suffixes of each format that is refused by its name, and of what reads it."""
    found: dict[tuple[str, str], list[str]] = {}
    for suffix, known in {**_VOLUMES, **_FRAMEWORKS, **_OTHERS}.items():
        found.setdefault(known, []).append(suffix)
    return found


def raw_photograph(name: str) -> ValueError:
    """Return the error of a file of which only a preview could be read."""
    return ValueError(_refusal(name, "a raw photograph", _BY_RAWPY))


def describe_unread(name: str, head: bytes = b"") -> str:
    """Return a line on a file or an address that nothing opens: what does, where that is known."""
    found = next((known for start, known in _HEADS.items() if head.startswith(start)), None)
    found = found or _OTHERS.get(find_suffix(name))
    if found is not None:
        return _refusal(name, *found)
    return f"{name} must be a picture that Pillow opens, but is not"


def _refusal(name: str, form: str, way: str) -> str:
    return f"{name} is {form}, which is not read by its path: give {way}"
