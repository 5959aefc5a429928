"""Files that are fetched as a whole: into a temporary file, which is then opened."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.forks import remove_at_end
from nbimage.pyramid.core.source import Source, WrappedSource
from nbimage.pyramid.remote.remote_file import RemoteFile

Opener = Callable[..., Source]
"""Takes a path and further parameters."""


class DownloadedSource(WrappedSource):
    """A file's copy, which is removed by `close`, and at the end of the process at the latest."""

    def __init__(self, remote: RemoteFile, options: tuple[Any, ...], opener: Opener) -> None:
        self._asked = remote, options, opener
        self._name, self._path = str(remote), remote.download()
        self._remove = remove_at_end(self, self._path)
        try:
            with self._named():
                inner = opener(self._path, *options)
        except BaseException:
            self._remove()
            raise
        super().__init__(inner)

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of a level."""
        with self._named():
            return super().read(level, box, index)

    def read_stored(
        self, level: int, box: Box, index: tuple[int, ...] = ()
    ) -> tuple[Array, Array | None]:
        """Return a part in the dtype that it is stored in, and where it is missing."""
        with self._named():
            return super().read_stored(level, box, index)

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """Name the address in errors, not the copy."""
        try:
            yield
        except (OSError, TypeError, ValueError) as error:
            if str(self._path) not in str(error):
                raise
            kind = type(error) if type(error) in (OSError, TypeError) else ValueError
            raise kind(str(error).replace(str(self._path), self._name)) from None

    def close(self) -> None:
        """Let go of the file, and remove it."""
        super().close()
        self._remove()
        self._asked[0].close()

    def __reduce__(self) -> Any:
        return DownloadedSource, self._asked
