"""``nbimage view FILE …``: show images of any size in the browser, or export them as a folder.

The view is `View`'s, the server `view.serve`'s; this module has the options alone.
"""

from __future__ import annotations

import argparse
import contextlib
import threading
import webbrowser
from typing import TYPE_CHECKING, Any

from nbimage.base.notebook import print_line
from nbimage.cli.values import (
    add_key,
    add_labels,
    add_limits,
    add_orientation,
    get_limits,
    read_key,
)

if TYPE_CHECKING:
    from nbimage.view.explorer import View

_SIZE = 960.0, 560.0  # CSS pixels of the stage


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "view",
        help="look at images of any size in the browser",
        description="Look at images of any size (.npy, .npz, TIFF, OME-Zarr, .dzi, or a picture) "
        "in the browser: zoom, pan, exact values, contrast. Several are shown side by side, "
        "linked. The page is served from 127.0.0.1 alone, at an address that nobody can guess, "
        "until Ctrl-C. FILE may be an address such as s3://bucket/image.zarr.",
    )
    add_images(parser)
    parser.add_argument(
        "--export", metavar="DIR", help="write a folder that opens without this program instead"
    )
    parser.add_argument(
        "--raw", action="store_true", help="keep exact values in that folder, not pictures"
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--port", type=_port, help="of the server (default: any that is free)")
    parser.set_defaults(run=run)


def add_images(parser: argparse.ArgumentParser) -> None:
    """Add the images that are viewed, and how they are shown."""
    parser.add_argument("sources", metavar="FILE", nargs="+", help="the images")
    add_limits(parser)
    parser.add_argument("--axes", help='what each axis is, such as "tzyx"')
    parser.add_argument("--channel-axis", type=int, help="where the channels are")
    add_key(parser)
    add_labels(parser, "integers in distinct colors, which are never mixed")
    add_orientation(parser)


def run(arguments: argparse.Namespace) -> None:
    """Run the verb: serve until Ctrl-C, or export."""
    if arguments.raw and not arguments.export:
        raise ValueError("--raw must be left out: it is for --export")
    if arguments.port is not None and arguments.export:
        raise ValueError("--port must be left out: it is not for --export")
    view = make_view(arguments, embed=False)
    try:
        if arguments.export:
            folder = view.export(arguments.export, raw=arguments.raw)
            print_line(f"{folder}: open its index.html")
        else:
            _serve(view, arguments.port or 0, not arguments.no_browser)
    finally:
        view.model.close()


def _serve(view: View, port: int, browser: bool) -> None:
    from nbimage.view.serve.http_server import TileServer

    # Ctrl-C is the usual end
    with contextlib.suppress(KeyboardInterrupt), TileServer(view.model, port) as server:
        print_line(f"{server.address} (Ctrl-C ends it)")
        if browser:  # in a thread: a browser in the terminal would keep us
            show = threading.Thread(target=webbrowser.open, args=(server.address,), daemon=True)
            show.start()
        server.serve_forever(poll_interval=0.2)


def make_view(arguments: argparse.Namespace, *, embed: bool | None) -> View:
    """Return a view of the images that `add_images` asks for."""
    from nbimage.pyramid.read_files import unique_names
    from nbimage.view.explorer import View

    files = [read_key(source, arguments.key) for source in arguments.sources]
    names = unique_names(arguments.sources)
    data = files[0] if len(files) == 1 else dict(zip(names, files, strict=True))
    return View(
        data,
        **get_limits(arguments),
        axes=arguments.axes,
        channel_axis=arguments.channel_axis,
        orientation=arguments.orientation,
        labels=arguments.labels,
        embed=embed,
        title=names[0] if len(files) == 1 else None,
        width=_SIZE[0],
        height=_SIZE[1],
    )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"must be 1 to 65535, but got {text!r}")
    return int(text)
