"""Puts the suites into the wheel, inside the package: nobody gets top-level packages called tests_account."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the suites to a real wheel only: in an editable install they are found beside the package, and a copy would grow stale."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before a build."""
        if version == "standard":
            for folder in ("tests_account", "tests_workload"):
                build_data["force_include"][folder] = f"pytest_ssb/suites/{folder}"
