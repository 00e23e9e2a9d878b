"""One TLS context for all connections of an account: urllib3 loads the CA bundle anew for each, 17 ms of CPU every time."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_installing = threading.Lock()


class _LoadsOnce(ssl.SSLContext):
    """A context on which loading the same CA file again does nothing."""

    def load_verify_locations(self, cafile: Any = None, capath: Any = None, cadata: Any = None) -> None:
        lock, done = self.__dict__.setdefault("_ssb_loaded", (threading.Lock(), set()))
        with lock:
            if (cafile, capath, cadata) not in done:
                super().load_verify_locations(cafile, capath, cadata)
                done.add((cafile, capath, cadata))


class SharedContext:
    """Gives all clients that are made while it is `installed` one TLS context.

    What is trusted does not change: botocore's own function makes the context, and clients of one session have one CA bundle. Clients made
    elsewhere in the process keep contexts of their own. Where botocore lacks the two names that this replaces, nothing is done.
    """

    def __init__(self) -> None:
        self._context: Any = None

    @contextmanager
    def installed(self) -> Iterator[None]:
        """While a client is made."""
        import botocore.httpsession as http

        module: Any = http
        create = getattr(module, "create_urllib3_context", None)
        if create is None or getattr(module, "SSLContext", None) is not ssl.SSLContext:
            yield
            return

        here = threading.get_ident()

        def shared(*args: Any, **kwargs: Any) -> Any:
            if args or kwargs or threading.get_ident() != here:
                return create(*args, **kwargs)
            if self._context is None:
                self._context = create()
            return self._context

        with _installing:
            module.SSLContext, module.create_urllib3_context = _LoadsOnce, shared
            try:
                yield
            finally:
                module.SSLContext, module.create_urllib3_context = ssl.SSLContext, create
