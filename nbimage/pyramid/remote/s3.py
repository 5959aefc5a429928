"""Asking a bucket of S3 for bytes, by s3fs' connection."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from nbimage.logs import find_log
from nbimage.pyramid.remote.retries import find_status
from nbimage.pyramid.remote.transfer import CHUNK, Answer, Ask

_BEYOND = 416
_LOG = find_log("read")


def ask_s3(fs: Any, path: str) -> Ask:
    """Return what asks for an object. ``fs`` is s3fs' file system."""

    @asynccontextmanager
    async def ask(span: str) -> AsyncIterator[Answer]:
        bucket, key, version = fs.split_path(path)
        options = {"VersionId": version} if version else {}
        if span:
            options["Range"] = span
        _LOG.debug("get_object %s of %s %s", key, bucket, span)
        try:
            found = await fs._call_s3("get_object", Bucket=bucket, Key=key, **options)
        except Exception as error:  # botocore's, and what s3fs makes of them
            if span and find_status(error) == _BEYOND:
                yield Answer(_BEYOND, {}, _nothing())
                return
            raise
        about, body = found["ResponseMetadata"], found["Body"]
        headers = {key.lower(): value for key, value in about["HTTPHeaders"].items()}
        headers.pop("content-encoding", None)  # bytes come as they are stored
        try:
            yield Answer(about["HTTPStatusCode"], headers, body.iter_chunks(CHUNK))
        finally:
            body.close()

    return ask


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""
