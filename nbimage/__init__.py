"""See any array in a notebook: exactly, at once, at any size."""

from nbimage.extension import load_ipython_extension, unload_ipython_extension
from nbimage.picture import Picture, data_uri, encode, nbimage
from nbimage.values.channels import guess_channel_axis
from nbimage.values.rerange import rerange

__all__ = [
    "Picture",
    "data_uri",
    "encode",
    "guess_channel_axis",
    "load_ipython_extension",
    "nbimage",
    "rerange",
    "unload_ipython_extension",
]
__version__ = "0.1.0"
