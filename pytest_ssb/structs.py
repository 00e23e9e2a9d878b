"""msgspec's structs, made ready for threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import msgspec


def learn_structs() -> None:
    """Let msgspec look at every struct that is defined, before threads convert to them.

    It does so by itself when a struct is first used, but where two threads do that at once the interpreter crashes (msgspec 0.22, Python 3.11 to 3.13).
    """
    for struct in _derived(msgspec.Struct):
        # What msgspec cannot take is converted to nowhere: values that we make ourselves.
        with suppress(TypeError, NameError):
            msgspec.json.Decoder(struct)


def _derived(base: type) -> Iterator[type]:
    structs: list[type] = base.__subclasses__()
    for struct in structs:
        yield struct
        yield from _derived(struct)
