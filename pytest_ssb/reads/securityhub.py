"""Security Hub: whether GuardDuty's findings are handed to it, and to which region it hands them on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from pytest_ssb.errors import UnexpectedAnswer

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws

PRODUCTS = "securityhub:ListEnabledProductsForImport"
AGGREGATORS, AGGREGATOR = "securityhub:ListFindingAggregators", "securityhub:GetFindingAggregator"
HUB = (PRODUCTS, AGGREGATORS, AGGREGATOR)
PAGE = "https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetFindingAggregator.html"
# Of an account for which Security Hub is not on in the region.
NOT_ON = "InvalidAccessException"


class Listed(msgspec.Struct, frozen=True):
    """A finding aggregator, as it is listed."""

    arn: str = msgspec.field(name="Arn")


class Aggregator(msgspec.Struct, frozen=True):
    """Which regions hand their findings on, and where (https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetFindingAggregator.html)."""

    home: str = msgspec.field(name="FindingAggregationRegion")
    mode: Literal["ALL_REGIONS", "ALL_REGIONS_EXCEPT_SPECIFIED", "SPECIFIED_REGIONS", "NO_REGIONS"] = msgspec.field(name="RegionLinkingMode")
    # absent where all regions are linked, or none
    regions: tuple[str, ...] | None = msgspec.field(name="Regions", default=None)

    def __post_init__(self) -> None:
        """Refuse one that should name regions, and names none."""
        if self.mode in ("ALL_REGIONS_EXCEPT_SPECIFIED", "SPECIFIED_REGIONS") and self.regions is None:
            raise ValueError("linked regions without Regions")

    def links(self, region: str) -> bool:
        """Whether the findings of the region are handed on."""
        named = region in (self.regions or ())
        return {
            "ALL_REGIONS": True,
            "ALL_REGIONS_EXCEPT_SPECIFIED": not named,
            "SPECIFIED_REGIONS": named,
            "NO_REGIONS": False,
        }[self.mode] and region != self.home


def takes_guardduty(aws: Aws) -> bool:
    """Whether Security Hub is on in the region, and GuardDuty's findings are handed to it."""
    pages = aws.pages(PRODUCTS, absent=NOT_ON)
    if pages is None:
        return False
    if not all(isinstance(page.get("ProductSubscriptions"), list) for page in pages):
        raise UnexpectedAnswer(f"{PRODUCTS} answered without ProductSubscriptions", PRODUCTS)
    return any(product.endswith(":product-subscription/aws/guardduty") for page in pages for product in page["ProductSubscriptions"])


def handed_on_to(aws: Aws, region: str) -> str | None:
    """The region to which the findings of this one are handed on; None where they are not."""
    for listed in aws.resources(AGGREGATORS, "FindingAggregators", Listed, "{FindingAggregatorArn}"):
        answer = aws.in_region(listed.arn.split(":")[3]).ask(AGGREGATOR, FindingAggregatorArn=listed.arn)
        try:
            aggregator = msgspec.convert(answer, Aggregator)
        except msgspec.ValidationError as error:
            raise UnexpectedAnswer(f"{AGGREGATOR} answered an aggregator that we cannot read: {error}", AGGREGATOR) from None
        if aggregator.links(region):
            return aggregator.home
    return None
