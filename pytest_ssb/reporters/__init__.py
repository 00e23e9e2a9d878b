"""Reports: each format one module, each seeing findings only."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pytest_ssb.errors import UserError
from pytest_ssb.reporters import results_json
from pytest_ssb.results import Results

FORMATS = {".json": results_json.render}


def outputs(given: Sequence[str], folder: Path) -> tuple[Path, ...]:
    """The files to write, below the invocation folder; a folder that is missing is made. Raises UserError for an unknown suffix."""
    paths = []
    for name in given:
        path = folder / name
        if path.suffix not in FORMATS:
            raise UserError(f"--ssb-output: {name}: unknown suffix {path.suffix!r}; known: {', '.join(FORMATS)}")
        if path.is_dir():
            raise UserError(f"--ssb-output: {name} is a folder; give a file in it")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"--ssb-output: {name}: cannot make its folder: {error.strerror}") from None
        paths.append(path)
    return tuple(dict.fromkeys(paths))


def write(results: Results, path: Path) -> None:
    """Write the results in the format of the path's suffix, in one step: a reader sees the old file or the new one, never a part."""
    text = FORMATS[path.suffix](results)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
