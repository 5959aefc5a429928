"""See any array in a notebook: exactly, at once, at any size."""

from nbimage.codecs.ffmpeg import FFmpegError
from nbimage.encoding import data_uri, encode
from nbimage.extension import load_ipython_extension, unload_ipython_extension
from nbimage.grid import Grid, nbgrid
from nbimage.picture import Picture, nbimage
from nbimage.tables import data_uris, show_images
from nbimage.values.channels import guess_channel_axis
from nbimage.values.quilt import quilt
from nbimage.values.rerange import rerange
from nbimage.video import Video, nbvideo

__all__ = [
    "FFmpegError",
    "Grid",
    "Picture",
    "Video",
    "data_uri",
    "data_uris",
    "encode",
    "guess_channel_axis",
    "load_ipython_extension",
    "nbgrid",
    "nbimage",
    "nbvideo",
    "quilt",
    "rerange",
    "show_images",
    "unload_ipython_extension",
]
__version__ = "0.1.0"
