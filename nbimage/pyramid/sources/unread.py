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
_BY_BIOIO = "bioio.BioImage(path).dask_data"
_BY_RAWPY = "rawpy.imread(path).postprocess()"
_OTHERS = {
    **dict.fromkeys(
        (".grib", ".grib2", ".grb", ".grb2"), ("GRIB", "xarray.open_dataset(path)['t2m']")
    ),
    ".mat": ("a MATLAB file", "scipy.io.loadmat(path)['name']"),
    ".nd2": ("ND2", "nd2.imread(path, dask=True)"),
    ".czi": ("CZI", _BY_BIOIO),
    ".lif": ("LIF", _BY_BIOIO),
    **dict.fromkeys((".oib", ".oif", ".vsi", ".ims"), ("a microscope's file", _BY_BIOIO)),
    **dict.fromkeys((".dm3", ".dm4"), ("a Gatan file", "ncempy.io.dm.dmReader(path)['data']")),
    ".mrc": ("MRC", "mrcfile.mmap(path).data"),
    ".exr": ("OpenEXR", "OpenEXR.File(path).channels()['RGB'].pixels"),
    ".jxl": ("JPEG XL", "imagecodecs.imread(path)"),
    **dict.fromkeys((".jxr", ".wdp", ".hdp"), ("JPEG XR", "imagecodecs.imread(path)")),
    **dict.fromkeys((".heic", ".heif"), ("HEIF", "PIL.Image.open(path), with pillow-heif")),
    **dict.fromkeys((".cr3", ".orf", ".raf", ".rw2"), ("a raw photograph", _BY_RAWPY)),
    **dict.fromkeys((".mp4", ".mov", ".avi", ".mkv"), ("a video", "imageio.v3.imread(path)")),
    ".pdf": ("PDF", "pypdfium2.PdfDocument(path)[0].render().to_pil()"),
    ".svg": ("a drawing", "IPython.display.SVG(path)"),
    **dict.fromkeys((".gz", ".bz2", ".xz", ".zst"), ("packed", "what is in it, unpacked")),
}


def check_volume(path: Path) -> None:
    """Raise ValueError for a volume of a format that is read by other packages alone."""
    found = _VOLUMES.get(path.suffix.lower())
    if found is not None:
        raise ValueError(_refusal(str(path), *found))


def raw_photograph(name: str) -> ValueError:
    """Return the error of a file of which only a preview could be read."""
    return ValueError(_refusal(name, "a raw photograph", _BY_RAWPY))


def describe_unread(name: str) -> str:
    """Return a line on a file or an address that nothing opens: what does, where that is known."""
    found = _OTHERS.get(find_suffix(name))
    if found is not None:
        return _refusal(name, *found)
    return f"{name} must be a picture that Pillow opens, but is not"


def _refusal(name: str, form: str, way: str) -> str:
    return f"{name} is {form}, which is not read by its path: give {way}"
