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
from nbimage.view.model.layers.label_layer import LabelLayer
from nbimage.view.model.layers.layer_config import state_of_layers
from nbimage.view.model.layers.overlay_layer import Layer
from nbimage.view.model.page_config import Config
from nbimage.view.model.tiled_image import TiledStack
from nbimage.view.model.view_state import describe_state
from nbimage.view.project.projections import Along, PlaneName, along_axes, name_plane

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
    background: str | None = "hatch"
    """What is behind what is missing, as the caller named it."""
    layers: tuple[Layer, ...] = ()
    """What lies over the images, the uppermost last."""

    @property
    def tiled(self) -> tuple[TiledStack, ...]:
        """The images' stacks where they are tiled; () where the page holds all samples."""
        stacks = [image.stack for image in self.images]
        tiled = tuple(stack for stack in stacks if isinstance(stack, TiledStack))
        return tiled if len(tiled) == len(stacks) else ()  # a view has one kind of stacks

    @property
    def tile_stacks(self) -> tuple[TiledStack, ...]:
        """All that tiles are asked of: the images, then the label images, in their order."""
        stacks = [layer.stack for layer in self.layers if isinstance(layer, LabelLayer)]
        return (*self.tiled, *(stack for stack in stacks if isinstance(stack, TiledStack)))

    def first_plane(self, number: int) -> PlaneName:
        """Return the plane that is shown of one of `tile_stacks`."""
        count = len(self.images)
        if number < count:
            return self.shown_plane
        labels = [layer for layer in self.layers if isinstance(layer, LabelLayer)]
        return labels[number - count].plane(self.state["index"])

    @property
    def state(self) -> dict[str, Any]:
        """The page's state: of a live view the present one, else the first one."""
        state: dict[str, Any] = self.config["state"]
        return state

    @property
    def shown_index(self) -> tuple[Along, ...]:
        """The index along the further axes that is shown, with what is projected."""
        return along_axes(self.state["index"], self.state["projections"])

    @property
    def shown_plane(self) -> PlaneName:
        """The plane that is shown of each image."""
        return name_plane(self.shown_index, self.images[0].stack.sizes)

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
            "layers": state_of_layers(page["layers"], self.layers),
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
        norms = [display_norm(display, base, noise) for noise in own.noise]
        if own.kind != "composite":
            return (Limits(vmin, vmax, display["vsym"], norm=norms[0]),)
        pairs = zip(vmin, vmax, strict=True)
        return tuple(
            Limits((low,), (high,), norm=norm)
            for (low, high), norm in zip(pairs, norms, strict=True)
        )

    def label_colors(self, image: int) -> Array | None:
        """Return the present colors of an image's labels, that of 0 first; None: they have none."""
        count = self.config["images"][image]["labels"]
        return display_labels(self.display(image), self.config["palettes"], count)

    def lit_channels(self, image: int) -> tuple[ChannelColor, ...]:
        """Return a composite's colors, black for channels that are switched off."""
        display = self.display(image)
        own = self.images[image].channel_colors
        channels = zip(own, display["on"], display["colors"], strict=True)
        return tuple(
            ChannelColor(channel.name, (color[0], color[1], color[2]) if on else (0, 0, 0))
            for channel, on, color in channels
        )

    def close(self) -> None:
        """Close the files that were opened for tiles."""
        for stack in self.tile_stacks:
            stack.close()
