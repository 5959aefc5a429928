"""The files in a zip file, here or at an address, read by any number of threads and processes."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any, cast

from nbimage.base.forks import PositionedFile
from nbimage.base.text import explain_damage
from nbimage.pyramid.remote.range_file import RangeFile
from nbimage.pyramid.remote.remote_file import RemoteFile

LARGEST = 1 << 28  # bytes of a file as it is stored, where no other limit is given
_HEAD = struct.Struct("<4s22xHH")  # of a file in a zip file, before its name
_ENCRYPTED, _MORE = 1, 1 << 8


class ZipEntries:
    """What a zip file holds, of which only the directory is read at first.

    It is pickled as its path or address.
    """

    def __init__(self, path: Path | RemoteFile) -> None:
        self.path = path
        self._file: PositionedFile | RangeFile
        if isinstance(path, RemoteFile):
            size = path.head(4).size
            if size is None:
                raise ValueError(f"{path} must be of a size that the server tells, but is not")
            self._file = RangeFile(path, size)
        else:
            self._file = PositionedFile(path)
        try:
            self._zip = zipfile.ZipFile(cast("IO[bytes]", self._file))
        except Exception as error:  # of numbers that contradict one another, too
            self._file.close()
            raise self.damaged(error) from None
        self.names = self._zip.namelist()
        self._begins: dict[str, int] = {}

    def read_start(self, name: str, most: int) -> bytes:
        """Return the first bytes of a file, at most so many."""
        try:
            with self._zip.open(name) as file:
                return file.read(most)
        except Exception as error:  # zlib has its own
            raise self.damaged(error) from error

    def size(self, name: str) -> int:
        """Return the bytes of a file when unpacked. Raises FileNotFoundError for another name."""
        return self._about(name).file_size

    def read(self, name: str, start: int | None = None, end: int | None = None) -> bytes:
        """Return a file's bytes, or a part of them; negative numbers count from its end.

        Each is read by itself: threads and forked processes share nothing.

        Raises
        ------
        FileNotFoundError, ValueError
            Where there is none of that name, and for one that is damaged.
        """
        about = self._about(name)
        try:
            if (start or 0) == 0 and end is None:
                return self._whole(about)
            first, last, _ = slice(start, end).indices(about.file_size)
            if about.compress_type != zipfile.ZIP_STORED:
                return self._whole(about)[first:last]
            count = max(0, last - first)
            data = self._read_range(self._begin(about) + first, count)
            if len(data) != count:
                raise ValueError(f"{name} must be whole, but is not")
            return data
        except Exception as error:  # zlib has its own
            if isinstance(error, OSError) and str(self.path) in str(error):
                raise
            raise self.damaged(error) from error

    def _about(self, name: str) -> zipfile.ZipInfo:
        try:
            return self._zip.getinfo(name)
        except KeyError:
            raise FileNotFoundError(f"{self.path} holds no file {name}") from None

    def _begin(self, about: zipfile.ZipInfo) -> int:
        """Return where the bytes of a file begin."""
        if about.filename not in self._begins:
            self._check(about)
            mark, name, extra = _HEAD.unpack(self._read_range(about.header_offset, _HEAD.size))
            self._check(about, mark)
            self._begins[about.filename] = about.header_offset + _HEAD.size + name + extra
        return self._begins[about.filename]

    def _check(self, about: zipfile.ZipInfo, mark: bytes = b"PK\3\4") -> None:
        if about.flag_bits & _ENCRYPTED:
            raise ValueError(f"{about.filename} must not be encrypted, but is")
        if mark != b"PK\3\4":
            raise ValueError(f"{about.filename} must begin where the directory says, but does not")

    def _whole(self, about: zipfile.ZipInfo) -> bytes:
        if about.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            return self._unpacked(about)
        self._check(about)
        start = about.header_offset
        expected = _HEAD.size + len(about.orig_filename.encode()) + len(about.extra)
        end = min(start + expected + _MORE + about.compress_size, self._zip.start_dir)
        data = self._read_range(start, end - start)
        mark, name, extra = _HEAD.unpack_from(data)
        begin = _HEAD.size + name + extra
        self._check(about, mark)
        if len(data) < begin + about.compress_size:
            data = self._read_range(start, begin + about.compress_size)
        data = data[begin : begin + about.compress_size]
        if about.compress_type == zipfile.ZIP_DEFLATED:  # no more than the directory says
            data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, about.file_size + 1)
        if len(data) != about.file_size or zlib.crc32(data) != about.CRC:
            raise ValueError(f"{about.filename} must be whole, but is not")
        return data

    def _unpacked(self, about: zipfile.ZipInfo) -> bytes:
        """Return the bytes of a file that is packed in a rarer way."""
        if isinstance(self.path, RemoteFile):
            raise ValueError(f"{about.filename} must be stored or deflated, but is not")
        with zipfile.ZipFile(self.path) as one, one.open(about.filename) as file:
            return file.read(about.file_size)

    def _read_range(self, start: int, count: int) -> bytes:
        """Return bytes by a request of their own, so that threads wait for none else's."""
        if count <= 0:
            return b""
        if isinstance(self.path, RemoteFile):
            return self.path.read_range(start, count)
        return cast("PositionedFile", self._file).read_range(start, count)

    def damaged(self, error: BaseException) -> ValueError:
        """Return what is wrong with the zip file in one line."""
        return ValueError(f"{self.path} must be a whole zip file: {explain_damage(error)}")

    def close(self) -> None:
        """Close the file, or let go of connections."""
        self._zip.close()
        self._file.close()
        if isinstance(self.path, RemoteFile):
            self.path.close()

    def __getstate__(self) -> dict[str, Any]:
        remote = isinstance(self.path, RemoteFile)
        return {"path": self.path if remote else cast("Path", self.path).absolute()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["path"])  # type: ignore[misc]
