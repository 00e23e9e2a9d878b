"""The pages of docs/controls/ and docs/coverage.md, made from the catalogue, the checks and coverage.toml. `python -m tests.controls_docs` writes them anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_ssb import suites
from pytest_ssb.controls import CONTROLS, EDITION, Check, Control
from pytest_ssb.coverage import UNSEEN, unseen_of
from pytest_ssb.explained import Asked, asked, checks_of, command, operations, operations_through, scope
from pytest_ssb.permissions import action

FOLDER = Path(__file__).parent.parent / "docs" / "controls"
COVERAGE = FOLDER.parent / "coverage.md"


def pages() -> dict[str, str]:
    """The text of each page by its name, `acct_05.md`: of the controls that have checks."""
    return {f"{control.marker}.md": page(control) for control in CONTROLS.values() if checks_of(control)}


def page(control: Control) -> str:
    """A control's page."""
    lines = [
        "<!-- Made by `python -m tests.controls_docs` from pytest_ssb/catalogue.toml and the checks: change those. -->",
        f"# {control.id}: {control.title}",
        "",
        f"[What the guide says]({control.url}), edition {EDITION}. To run it alone: `pytest --ssb-profile NAME -m {control.marker}`.",
        "",
        "## What is asked",
        "",
        "| | in our words | covered by |",
        "| --- | --- | --- |",
        *(f"| {one.number} | {_cell(one.says)} | {_cell(_covered(control, one))} |" for one in asked(control)),
        "",
        "## Checks",
    ]
    for check in checks_of(control):
        lines += ["", *_check(control, check)]
    if unseen := unseen_of(control.id):
        lines += ["", "## Not looked at", "", *(f"- {one.what}: {one.means}" for one in unseen)]
    return "\n".join(lines) + "\n"


def coverage() -> str:
    """The page of what no check looks at."""
    lines = [
        "<!-- Made by `python -m tests.controls_docs` from pytest_ssb/coverage.toml, pytest_ssb/catalogue.toml and the checks: change those. -->",
        "# What the tool does not look at",
        "",
        "A control that is green says that everything that its checks read complies. It says nothing of what stands here.",
        "`pytest --ssb-explain coverage` prints the first table, and each run ends with a line that says so.",
        "",
        "## Services and features that no check reads",
        "",
        "| what | what a green control does not say | of |",
        "| --- | --- | --- |",
        *(f"| {_cell(one.what)} | {_cell(one.means)} | {', '.join(map(_page, one.controls))} |" for one in UNSEEN),
        "",
        "## What no API shows",
        "",
        "| | what is asked, in our words | why it is not judged |",
        "| --- | --- | --- |",
    ]
    for control in CONTROLS.values():
        lines += [f"| {_page(control.id)} {one.number} | {_cell(one.says)} | {_cell(one.uncovered)} |" for one in asked(control) if one.uncovered]
    lines += ["", "## What is judged only where the profile says `extended = true`", "", "These go beyond what the guide asks.", ""]
    lines += [f"- {_link(CONTROLS[check.controls[0]], check.id, 'controls/')}: {check.says}" for check in _extended()]
    return "\n".join(lines) + "\n"


def _extended() -> list[Check]:
    return [check for control in CONTROLS.values() for check in checks_of(control) if check.extended and check.controls[0] == control.id]


def _page(id: str) -> str:
    control = CONTROLS[id]
    return f"[{id}](controls/{control.marker}.md)" if checks_of(control) else id


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _covered(control: Control, one: Asked) -> str:
    return "; ".join([*(_link(control, id) for id in one.checks), *([one.uncovered] if one.uncovered else [])])


def _link(control: Control, id: str, folder: str = "") -> str:
    check = suites.shipped()[id].check
    home = "" if control.id in check.controls and not folder else f"{folder}{CONTROLS[check.controls[0]].marker}.md"
    return f"[`{id}`]({home}#{id})"


def _check(control: Control, check: Check) -> Iterator[str]:
    yield f"### `{check.id}`"
    yield ""
    yield check.says
    yield ""
    yield f"- looks at `{check.on}`, {scope(check)}"
    yield f"- worst severity: {check.severity}"
    others = [f"[{id}]({CONTROLS[id].marker}.md)" for id in check.controls if id != control.id]
    if others:
        yield f"- also counts for {', '.join(others)}"
    if check.key:
        yield "- key check: while it is MANUAL, so is the control"
    yield f"- may call {', '.join(map(_call, sorted(operations([check])))) or 'nothing'}"
    for key, called in operations_through([check]).items():
        yield f"- may call through `{key}`, in the account to which that leads: {', '.join(map(_call, sorted(called)))}"
    if check.facts:
        yield f"- reads from [`ssb.toml`](../profiles.md): {', '.join(f'`{fact}`' for fact in check.facts)}"
    yield f"- file: [`{suites.shipped()[check.id].file}`](../../{suites.shipped()[check.id].file})"
    yield from (f"- see <{url}>" for url in check.references)
    if check.fix:
        yield from ("", "What mends one resource:", "", "```sh", command(check), "```")


def _call(operation: str) -> str:
    allowed_by = action(operation)
    return f"`{operation}`" if allowed_by == operation else f"`{operation}` (IAM: `{allowed_by}`)"


def write() -> None:
    """Write every page of a control and that of the coverage, and remove those of controls that have no checks."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
    COVERAGE.write_text(coverage(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write()
