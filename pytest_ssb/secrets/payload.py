"""Undoes what user data is wrapped in: base64, gzip, the parts of a MIME message."""

from __future__ import annotations

import base64
import binascii
import email
import email.policy
import zlib
from collections.abc import Iterator

from pytest_ssb.errors import Undecided

GZIP = b"\x1f\x8b"
# User data is at most 16 KB (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html); packed zeros unpack to a thousandfold.
LARGEST = 4 * 1024 * 1024
DEEPEST = 5


def texts_of(encoded: str) -> list[str]:
    """The texts in user data as EC2 tells it, one for each part. Raises Undecided for what cannot be read, and so cannot be judged."""
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Undecided("user data that is not base64: it was not looked into") from error
    return list(_texts(raw, DEEPEST))


def _texts(raw: bytes, depth: int) -> Iterator[str]:
    if depth == 0:
        raise Undecided("user data that is wrapped again and again: it was not looked into")
    if raw.startswith(GZIP):
        yield from _texts(_unpacked(raw), depth - 1)
        return
    if _is_message(raw):
        message = email.message_from_bytes(raw, policy=email.policy.default)
        for part in message.walk():
            if part.is_multipart():
                continue
            content = part.get_payload(decode=True)
            if not isinstance(content, bytes):
                raise Undecided("a part of the user data cannot be read: it was not looked into")
            yield from _texts_of_part(content, depth)
        return
    yield _text(raw)


def _texts_of_part(content: bytes, depth: int) -> Iterator[str]:
    if content.startswith(GZIP) or _is_message(content):
        yield from _texts(content, depth - 1)
    else:
        yield _text(content)


def _is_message(raw: bytes) -> bool:
    head = raw.lstrip()[:2000].lower()
    return head.startswith((b"content-type:", b"mime-version:", b"from nobody")) and b"multipart/" in head


def _unpacked(raw: bytes) -> bytes:
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        found = unpacking.decompress(raw, LARGEST)
    except zlib.error as error:
        raise Undecided("user data that looks like gzip and cannot be unpacked: it was not looked into") from error
    if not unpacking.eof:
        raise Undecided("user data that unpacks to more than 4 MB, or ends too soon: it was not looked into")
    return found


def _text(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    if b"\0" in raw:
        raise Undecided("user data that is no text: it was not looked into")
    # Whatever is not UTF-8 in it is no part of a token.
    return raw.decode("utf-8", errors="replace")
