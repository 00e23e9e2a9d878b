"""The demo's Trusted Advisor: moto knows its checks, but not what they found."""

from __future__ import annotations

from typing import Any

from pytest_ssb.demo.seeder import Seeder

# Open buckets and open groups, as the demo has them; and one that is yellow.
RED = {"Pfx0RwqBli": 1, "HCP4007jGY": 2}
YELLOW = {"DqdJqYeRm5": 1}
# Green: root's second factor, the password policy, and CloudTrail. The hundred others that moto lists would hide these from a reader.
GREEN = ("7DAFEmoDos", "Yw2K9puPzl", "vjafUGJ9H0")


def seed(seeder: Seeder) -> None:
    """Find nothing in the clean account, and in the other some of what is wrong with it."""
    red, yellow = ({}, {}) if seeder.clean else (RED, YELLOW)
    shown = {*RED, *YELLOW, *GREEN}

    def few(region: str, parsed: dict[str, Any]) -> None:
        parsed["checks"] = [one for one in parsed["checks"] if one["id"] in shown]

    def summary(check: str) -> dict[str, Any]:
        flagged = red.get(check) or yellow.get(check) or 0
        return {
            "checkId": check,
            "timestamp": "2024-01-02T03:04:05Z",
            "status": "error" if check in red else "warning" if check in yellow else "ok",
            "hasFlaggedResources": flagged > 0,
            "resourcesSummary": {"resourcesProcessed": 10, "resourcesFlagged": flagged, "resourcesIgnored": 0, "resourcesSuppressed": 0},
            "categorySpecificSummary": {},
        }

    def summaries(region: str, asked: dict[str, Any]) -> dict[str, Any]:
        return {"summaries": [summary(check) for check in asked["checkIds"]]}

    seeder.simulated.over("support:DescribeTrustedAdvisorChecks", few)
    seeder.simulated.instead("support:DescribeTrustedAdvisorCheckSummaries", summaries)
