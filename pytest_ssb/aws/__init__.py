"""How AWS is asked. Nothing outside of this package and the demo imports boto3 or botocore."""

from pytest_ssb.aws.access import Access, UndeclaredOperation
from pytest_ssb.aws.connect import connect, quiet_logs, region_statuses, with_regions
from pytest_ssb.aws.credentials import named_profiles
from pytest_ssb.aws.handle import Aws, PerResource, Reached
from pytest_ssb.aws.members import Members
from pytest_ssb.aws.mocked import mocked, session_of_mock
from pytest_ssb.aws.organization import Organization

__all__ = [
    "Access",
    "Aws",
    "Members",
    "Organization",
    "PerResource",
    "Reached",
    "UndeclaredOperation",
    "connect",
    "mocked",
    "named_profiles",
    "quiet_logs",
    "region_statuses",
    "session_of_mock",
    "with_regions",
]
