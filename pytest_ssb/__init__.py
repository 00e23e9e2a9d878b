"""The AWS Startup Security Baseline as pytest tests: what an author of checks imports."""

from pytest_ssb.controls import check
from pytest_ssb.reads.registry import read

__version__ = "0.1.0"
__all__ = ["check", "read"]
