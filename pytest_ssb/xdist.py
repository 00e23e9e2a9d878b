"""Keeps a target's tests on one pytest-xdist worker."""

from __future__ import annotations

import re

from xdist.scheduler import LoadScopeScheduling


class TargetScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist is not typed
    """Hands out tests by target: the account or region in a test's parameter id; a test without one goes by its file."""

    def _split_scope(self, nodeid: str) -> str:
        target = re.search(r"\[([^\[\]]+)\]$", nodeid)
        return target.group(1) if target else nodeid.partition("::")[0]
