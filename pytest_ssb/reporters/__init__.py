"""Reports: each format one module, each seeing findings only."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from pytest_ssb.errors import UserError
from pytest_ssb.ranking import NO_MINUTES, Minutes
from pytest_ssb.reporters import asff, findings_csv, markdown, ocsf, results_json, sarif
from pytest_ssb.results import Results

# What a file's name ends with, and what makes the texts of its parts: one, but where a format has a limit.
_PARTS = ".asff.json"
FORMATS: dict[str, Callable[[Results, Minutes], Iterable[str]]] = {
    ".json": lambda results, minutes: [results_json.render(results)],
    ".csv": lambda results, minutes: [findings_csv.render(results)],
    ".md": lambda results, minutes: [markdown.render(results, minutes)],
    ".sarif": lambda results, minutes: [sarif.render(results)],
    ".ocsf.json": lambda results, minutes: [ocsf.render(results)],
    _PARTS: lambda results, minutes: asff.render(results),
}


def outputs(given: Sequence[str], folder: Path, also: Sequence[str] = ()) -> tuple[Path, ...]:
    """The files to write, below the invocation folder; a folder that is missing is made. Raises UserError for an unknown suffix.

    `also` are suffixes that somebody else writes.
    """
    paths = []
    for name in given:
        path = folder / name
        if suffix_of(path) is None and path.suffix not in also:
            raise UserError(f"--ssb-output: {name}: unknown suffix {path.suffix!r}; known: {', '.join((*FORMATS, *also))}")
        if path.is_dir():
            raise UserError(f"--ssb-output: {name} is a folder; give a file in it")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"--ssb-output: {name}: cannot make its folder: {error.strerror}") from None
        paths.append(path)
    return tuple(dict.fromkeys(paths))


def suffix_of(path: Path) -> str | None:
    """The suffix that tells a file's format, the longest that fits; None if there is none, or nothing before it."""
    fitting = [suffix for suffix in FORMATS if path.name.endswith(suffix) and path.name != suffix]
    return max(fitting, key=len, default=None)


def write(results: Results, path: Path, minutes: Minutes = NO_MINUTES) -> list[Path]:
    """Write the results in the format of the path's suffix, in one step: a reader sees the old file or the new one, never a part.

    A format with a limit may need more files: `ssb.asff.json`, then `ssb.2.asff.json`, ... Those of an earlier run that are not needed any more are
    removed. Gives the files that were written.
    """
    suffix = suffix_of(path)
    assert suffix is not None
    stem = path.name.removesuffix(suffix)
    texts = list(FORMATS[suffix](results, minutes))
    paths = [path, *(path.with_name(f"{stem}.{number}{suffix}") for number in range(2, len(texts) + 1))]
    with ExitStack() as undo:
        made = [_beside(one, text, undo) for one, text in zip(paths, texts, strict=True)]
        for temporary, one in zip(made, paths, strict=True):
            os.replace(temporary, one)
    if suffix == _PARTS:
        for number, left in _parts(path, stem, suffix):
            if number > len(texts):
                left.unlink()
    return paths


def _beside(path: Path, text: str, undo: ExitStack) -> str:
    """A file beside the one that it is to replace, with all of the text in it; it goes if something fails before that."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    undo.callback(lambda: Path(name).unlink(missing_ok=True))
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    os.chmod(name, 0o644)
    return name


def _parts(path: Path, stem: str, suffix: str) -> Iterator[tuple[int, Path]]:
    for one in path.parent.iterdir():
        found = re.fullmatch(rf"{re.escape(stem)}\.([1-9][0-9]*){re.escape(suffix)}", one.name)
        if found:
            yield int(found[1]), one
