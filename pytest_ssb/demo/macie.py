"""The demo's Macie, which is off; moto's is always on, and knows no buckets."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from pytest_ssb.demo.seeder import Seeder

# https://docs.aws.amazon.com/macie/latest/APIReference/macie.html: what is off is told as if it were denied.
OFF = "Macie is not enabled"


def seed(seeder: Seeder) -> None:
    """Let it be off."""

    def session(region: str, asked: dict[str, Any]) -> Exception:
        return ClientError({"Error": {"Code": "AccessDeniedException", "Message": OFF}}, "GetMacieSession")

    seeder.simulated.instead("macie2:GetMacieSession", session)
