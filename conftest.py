"""Loads the plugin in a checkout where it is not installed."""

import sys

if "pytest_ssb.plugin" not in sys.modules:
    pytest_plugins = ["pytest_ssb.plugin"]
