"""The HTML report in a real browser: what is seen first, sorting, filters, rows that open, links, keys, paper, and a very large run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_ssb.controls import CONTROLS
from pytest_ssb.findings import Declared, Failure, Waived
from pytest_ssb.htmlreport import MANY, ROWS_PER_CHECK
from tests.support.browser import browser, screen
from tests.support.pages import made, results_of
from tests.test_html import HOSTILE, finding, many

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["browser", "screen"]

REVOKE = "aws ec2 revoke-security-group-ingress --region eu-west-1 --group-id sg-1"


def of(control: str, check: str, status: str = "FAIL", **fields: Any) -> Any:
    where = fields.get("region") or "prod"
    return finding(status, control, check, nodeid=f"tests/test_x.py::test_{check}[{where}]", **fields)


def shown() -> list[Any]:
    """Findings of every status, one of them by a stranger with markup in its name."""
    return [
        of("ACCT.02", "root_mfa_enabled", severity="critical", reason="no MFA", remediation="# no command does it: sign in as root"),
        of("ACCT.05", "root_mfa_enabled", severity="critical", reason="no MFA", remediation="# no command does it: sign in as root"),
        of(
            "WKLD.11",
            "security_group_no_world_open_ingress",
            severity="critical",
            region="eu-west-1",
            reason="tcp 22 from 0.0.0.0/0",
            remediation=REVOKE,
        ),
        of("WKLD.11", "security_group_no_world_open_ingress", "PASS", region="us-east-1", reason="closed"),
        of("ACCT.08", "bucket_not_public", severity="high", resource=f"arn:aws:s3:::{HOSTILE}", reason=HOSTILE, evidence={"Tag": HOSTILE}),
        of("ACCT.08", "bucket_not_public", "PASS", resource="arn:aws:s3:::logs"),
        of("ACCT.06", "password_policy_reuse", severity="low", reason="remembers 0 passwords, not 5"),
        of(
            "ACCT.11",
            "guardduty_enabled",
            "ERROR",
            region="us-east-1",
            reason="denied",
            error=Failure(operation="guardduty:ListDetectors", code="AccessDenied", action="guardduty:ListDetectors", denied_by="scp"),
        ),
        of("ACCT.12", "trusted_advisor_reviewed", "MANUAL", reason="who looks?", question="who looks?"),
        of("ACCT.09", "no_unused_vpc", "WAIVED", waiver=Waived(reason="kept for a demo", owner="ana@example.com", expires="2027-03-31")),
        of(
            "ACCT.03",
            "idp_enforces_mfa",
            "PASS",
            declaration=Declared(statement="asks", by="ana", on="2026-01-01", review_by="2027-01-01", evidence="https://wiki.example.com/mfa"),
        ),
    ]


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = made(results_of(shown()), tmp_path_factory.mktemp("page") / "ssb.html", notes=["what no check looks at: pytest --ssb-explain coverage"])
    return path.as_uri()


@pytest.fixture
def report(screen: Page, address: str) -> Page:
    """The report of `shown`, opened."""
    screen.goto(address)
    return screen


def column(page: Page, name: str) -> list[str]:
    """The texts of a column, of the rows that are to be seen."""
    texts: list[str] = page.eval_on_selector_all(
        f"#results-table tbody:not([hidden]) .col-{name}", "cells => cells.map(cell => cell.innerText.trim())"
    )
    return texts


def checks(page: Page) -> list[str]:
    return column(page, "check")


def test_one_screen_says_whether_it_complies_and_what_to_do_first(report: Page) -> None:
    for selector, says in {
        ".ssb-sentence": "Account 123456789012 does not comply",
        ".ssb-first > li:first-child .ssb-what": "no MFA",
        ".ssb-first > li:nth-child(2) .ssb-command code": REVOKE,
    }.items():
        box = report.locator(selector).bounding_box()
        assert says in report.locator(selector).inner_text()
        assert box is not None
        assert box["y"] + box["height"] <= 800, selector
    rows = report.locator(".ssb-card tbody tr")
    assert rows.count() == len(CONTROLS)


def test_what_fails_stands_first_and_a_click_sorts_by_another_column(report: Page) -> None:
    assert column(report, "status") == ["FAIL", "FAIL", "FAIL", "FAIL", "ERROR", "MANUAL", "WAIVED", "PASS", "PASS"]
    assert column(report, "severity")[:4] == ["critical", "critical", "high", "low"]
    report.locator("#results-table th", has_text="Check").click()
    assert checks(report) == sorted(checks(report))
    report.locator("#results-table th", has_text="Check").click()
    assert checks(report) == sorted(checks(report), reverse=True)
    report.locator("#results-table th", has_text="Severity").click()
    assert [severity for severity in column(report, "severity") if severity] == ["critical", "critical", "high", "high", "high", "low"]


def test_rows_are_filtered_by_status_and_by_word(report: Page) -> None:
    report.get_by_role("checkbox", name="4 FAIL").uncheck()
    assert "FAIL" not in column(report, "status")
    report.get_by_role("checkbox", name="1 ERROR").uncheck()
    assert column(report, "status") == ["MANUAL", "WAIVED", "PASS", "PASS"]
    report.get_by_role("checkbox", name="4 FAIL").check()
    report.get_by_label("Show rows with").fill("wkld.11 eu-west")
    assert checks(report) == ["security_group_no_world_open_ingress"]
    assert report.locator("#ssb-shown").inner_text() == "1 of 8 rows"


def test_the_scorecard_leads_to_a_controls_rows_and_so_does_the_address(report: Page, address: str) -> None:
    report.locator(".ssb-card").get_by_role("link", name="ACCT.05").click()
    assert column(report, "control") == ["ACCT.02, ACCT.05"]
    report.get_by_label("Show rows with").fill("")
    report.locator(".ssb-card").get_by_role("link", name="ACCT.05").click()
    report.wait_for_function("document.getElementById('ssb-find').value === 'ACCT.05'")
    report.goto("about:blank")
    report.goto(f"{address}#find=ACCT.08")
    assert checks(report) == ["bucket_not_public"]


def test_a_row_opens_and_what_a_stranger_wrote_is_text(report: Page) -> None:
    row = report.locator("tbody", has=report.locator(".col-check", has_text="bucket_not_public"))
    assert not row.locator(".ssb-log").is_visible()
    row.get_by_role("button").first.click()
    cells = row.locator(".ssb-log tbody td").all_inner_texts()
    assert cells[0] == "FAIL high"
    assert cells[1].startswith(HOSTILE)
    assert cells[2] == f"{HOSTILE}\nTag: {HOSTILE}"
    assert "1 FAIL, 1 PASS" in row.locator(".ssb-log").inner_text()
    report.locator("#show_all_details").click()
    assert report.evaluate("window.hostile") is None
    row.locator(".col-account").click()
    assert not row.locator(".ssb-log").is_visible()


def test_all_of_it_works_without_a_mouse(report: Page) -> None:
    row = report.locator("tbody", has=report.locator(".col-check", has_text="guardduty_enabled"))
    row.get_by_role("button").first.focus()
    report.keyboard.press("Enter")
    assert "denied" in row.locator(".ssb-log").inner_text()
    assert report.evaluate("document.activeElement.closest('tbody').innerText").startswith("ERROR")
    assert row.get_by_role("button").first.get_attribute("aria-expanded") == "true"
    report.keyboard.press("Enter")
    assert not row.locator(".ssb-log").is_visible()
    head = report.locator("#results-table th", has_text="Check")
    head.focus()
    report.keyboard.press("Enter")
    assert checks(report) == sorted(checks(report))
    assert head.get_attribute("aria-sort") == "ascending"
    report.keyboard.press(" ")
    assert checks(report) == sorted(checks(report), reverse=True)


def test_a_command_is_copied_whole(report: Page) -> None:
    report.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text }")
    button = report.locator(".ssb-first > li:nth-child(2) .ssb-copy")
    button.click()
    assert report.evaluate("window.copied") == REVOKE
    assert button.inner_text() == "Copied"


def test_what_was_not_evaluated_waived_and_declared_is_said(report: Page) -> None:
    said = report.locator("#ssb").inner_text()
    for words in (
        "This report is incomplete: 1 finding could not be evaluated.",
        "guardduty:ListDetectors",
        "who looks?",
        "kept for a demo\tana@example.com\t2027-03-31",
        "asks\tana\t2026-01-01\t2027-01-01\thttps://wiki.example.com/mfa",
        "what no check looks at: pytest --ssb-explain coverage",
    ):
        assert words in said


CONTRAST = """(selector) => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number)
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0)
  const behind = (node) => { const back = parts(getComputedStyle(node).backgroundColor); return back[3] === 0 ? behind(node.parentElement) : back }
  return [...document.querySelectorAll(selector)].map((node) => {
    const [a, b] = [light(parts(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x)
    return [node.className || node.tagName, Math.round((a + 0.05) / (b + 0.05) * 10) / 10]
  })
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_in_light_and_in_dark(report: Page, scheme: Any) -> None:
    report.emulate_media(color_scheme=scheme)
    report.locator("#show_all_details").click()
    dark = report.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 22, 27)"
    assert dark == (scheme == "dark")
    read = report.evaluate(
        CONTRAST, "#ssb b, #ssb p, #ssb a, #ssb td, #ssb th, #ssb .ssb-more, #ssb .ssb-waits, code, button, #results-table td, h1, h2"
    )
    assert len(read) > 100
    assert [each for each in read if each[1] < 4.5] == []


def test_nothing_runs_out_of_a_narrow_screen(report: Page) -> None:
    report.set_viewport_size({"width": 390, "height": 844})
    assert report.evaluate("document.scrollingElement.scrollWidth") <= 390
    assert report.locator(".ssb-first > li:first-child .ssb-what").bounding_box()["y"] < 844  # type: ignore[index]


def test_on_paper_all_that_was_folded_in_is_there(report: Page) -> None:
    folded = "[...document.querySelectorAll('#ssb details')].filter(each => !each.open).length"
    before = report.evaluate(folded)
    assert before > 0
    report.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    report.emulate_media(media="print")
    assert report.evaluate(folded) == 0
    assert not report.locator("#ssb-find").is_visible()
    assert report.evaluate("getComputedStyle(document.querySelector('.ssb-command code')).whiteSpace") == "pre-wrap"
    report.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert report.evaluate(folded) == before
    report.emulate_media(media="screen")
    assert report.pdf().startswith(b"%PDF")


def test_a_run_of_many_tests_has_rows_for_what_it_found(screen: Page, tmp_path: Path) -> None:
    path = made(results_of(many(findings=3 * (MANY + 200), tests=MANY + 200, checks=40)), tmp_path / "ssb.html")
    screen.goto(path.as_uri())
    assert screen.locator("#results-table tbody").count() == ROWS_PER_CHECK * 40
    assert f"Of {MANY + 200} tests, {MANY + 200 - ROWS_PER_CHECK * 40} have no row" in screen.locator(".ssb-rows").inner_text()
    # With so much a row, those of 180 checks and the largest number of findings in full stay below 5 MB.
    rows = re.search(r'data-jsonblob="([^"]*)"', path.read_text(encoding="utf-8"))
    assert rows is not None
    assert len(rows.group(1)) / (ROWS_PER_CHECK * 40) < 2_000
    screen.get_by_label("Show rows with").fill("check_7")
    screen.locator("tbody:not([hidden]) .ssb-toggle").last.click()
    assert "In all: 1 FAIL, 2 PASS." in screen.locator(".ssb-log > p").first.inner_text()
