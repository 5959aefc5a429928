"""`ViewModel`: what a view is made of, for the modules that show, serve or write it.

Users have `nbimage.View` instead. Not here: how the parts are found (`explorer`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbimage.base.chunked import Array
from nbimage.mapping.channels.composite import ChannelColor
from nbimage.mapping.limits import Limits
from nbimage.picture import Picture
from nbimage.view.model.display_settings import (
    add_base,
    describe_display,
    display_labels,
    display_norm,
    has_limits,
)
from nbimage.view.model.images import Image
from nbimage.view.model.page_config import Config
from nbimage.view.model.tiled_image import TiledStack
from nbimage.view.model.view_state import describe_state

if TYPE_CHECKING:
    from nbimage.grids.grid import Grid


@dataclass(frozen=True, slots=True, eq=False)
class ViewModel:
    """A view's images, what its page is configured by, and the page's state."""

    title: str
    picture: Picture | Grid
    """What stands where scripts do not run."""
    images: tuple[Image, ...]
    config: Config
    """The page's configuration, as its ``types.js`` has it."""

    @property
    def tiled(self) -> tuple[TiledStack, ...]:
        """The images' stacks where they are tiled; () where the page holds all samples."""
        stacks = [image.stack for image in self.images]
        tiled = tuple(stack for stack in stacks if isinstance(stack, TiledStack))
        return tiled if len(tiled) == len(stacks) else ()  # a view has one kind of stacks

    @property
    def state(self) -> dict[str, Any]:
        """The page's state: of a live view the present one, else the first one."""
        state: dict[str, Any] = self.config["state"]
        return state

    def update_state(self, changes: dict[str, Any]) -> None:
        """Replace the state by one with changes."""
        self.config["state"] = {**self.state, **changes}

    def display(self, image: int) -> dict[str, Any]:
        """Return the display settings of an image, as the page has them."""
        displays: list[dict[str, Any]] = self.state["displays"]
        return displays[min(image, len(displays) - 1)]

    def describe_state(self) -> dict[str, Any]:
        """Return the state as ``View(state=)`` takes it."""
        page, displays = self.state, self.state["displays"]
        inverted = [display["invert"] for display in displays]
        whole = [image.stack.dtype.kind in "biu" for image in self.images]
        return {
            **describe_state(page, self.images),
            "invert": inverted[0] if len(set(inverted)) == 1 else inverted,
            "displays": [
                describe_display(display, self.base(i), whole[i])
                for i, display in enumerate(displays)
            ],
        }

    def base(self, image: int) -> int:
        """Return what the page takes off an image's values: limits of the page have it off."""
        return int(self.config["images"][image]["base"])

    def limits(self, image: int) -> tuple[Limits, ...]:
        """Return the present limits of an image: one, or of a composite one a channel."""
        own, display, base = self.images[image], self.display(image), self.base(image)
        if has_limits(display, own.limits, base):
            return own.limits
        vmin, vmax = (
            tuple(add_base(end, base) for end in display[key]) for key in ("vmin", "vmax")
        )
        norm = display_norm(display)
        if own.kind != "composite":
            return (Limits(vmin, vmax, display["vsym"], norm=norm),)
        pairs = zip(vmin, vmax, strict=True)
        return tuple(Limits((low,), (high,), norm=norm) for low, high in pairs)

    def label_colors(self, image: int) -> Array | None:
        """Return the present colors of an image's labels, that of 0 first; None: they have none."""
        count = self.config["images"][image]["labels"]
        return display_labels(self.display(image), self.config["palettes"], count)

    def lit_channels(self, image: int) -> tuple[ChannelColor, ...]:
        """Return a composite's colors, black for channels that are switched off."""
        channels = zip(self.images[image].channel_colors, self.display(image)["on"], strict=True)
        return tuple(
            channel if on else ChannelColor(channel.name, (0, 0, 0)) for channel, on in channels
        )

    def close(self) -> None:
        """Close the files that were opened for tiles."""
        for stack in self.tiled:
            stack.close()
