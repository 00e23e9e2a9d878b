"""Timestamps: read as botocore reads them, whatever their form."""

from __future__ import annotations

import datetime
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.utils import parse_timestamp
from hypothesis import given
from hypothesis import strategies as st

from pytest_ssb.aws import timestamps
from pytest_ssb.aws.access import Access
from pytest_ssb.scheduler import Scheduler

# Whole minutes: AWS's offsets have no seconds, and dateutil knows none.
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: datetime.timezone(datetime.timedelta(minutes=minutes)))


@given(
    st.datetimes(datetime.datetime(1970, 1, 2), datetime.datetime(2037, 12, 31), timezones=st.one_of(st.none(), ZONES)),
    st.integers(0, 9),
    st.booleans(),
)
def test_iso_8601_is_read_as_botocore_reads_it(time: datetime.datetime, digits: int, z: bool) -> None:
    offset = time.strftime("%z")
    zone = "Z" if z and offset == "+0000" else offset[:3] + ":" + offset[3:] if z and offset else offset
    fraction = f".{time.microsecond:06}000"[: digits + 1] if digits else ""
    written = f"{time:%Y-%m-%dT%H:%M:%S}{fraction}{zone}"
    read, expected = timestamps.moment(written), parse_timestamp(written)
    assert (read, read.utcoffset()) == (expected, expected.utcoffset())


@pytest.mark.parametrize(
    "written",
    [
        1_700_000_000,
        1_700_000_000.25,
        "1700000000",
        "20240102",
        "2024-01-02",
        "Tue, 02 Jan 2024 03:04:05 GMT",
        "20240102T030405Z",
        "2024-01-02 03:04:05Z",
    ],
)
def test_every_other_form_is_left_to_botocore(written: Any) -> None:
    assert timestamps.moment(written) == parse_timestamp(written)


@pytest.mark.parametrize("written", ["yesterday", "2024-13-02T03:04:05Z", "2024-01-02T03:04:05?"])
def test_what_is_no_timestamp_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="Invalid timestamp"):
        timestamps.moment(written)


def test_the_clients_of_an_account_read_timestamps_so(moto_account: None) -> None:
    boto3.client("iam").create_user(UserName="ana")
    scheduler = Scheduler(1)
    access = Access(botocore.session.Session(), "demo", "us-east-1", scheduler, "test")
    answer = access.call("iam:ListUsers", "us-east-1", frozenset({"iam:ListUsers"}), lambda client: client.list_users())
    scheduler.close()
    # dateutil has a class of its own for UTC.
    assert [user["CreateDate"].tzinfo for user in answer["Users"]] == [datetime.UTC]
