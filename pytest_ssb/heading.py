"""What stands at the head of a run: which accounts are judged, as whom, and where."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from pytest_ssb.profiles import Profile
from pytest_ssb.targets import Account

_WIDTH, _AT_MOST = 120, 60


def heading(accounts: Sequence[Account], profiles: Mapping[str, Profile], bases: Mapping[str, Account]) -> Iterator[str]:
    """Two lines for each account; a few more for all accounts of a profile that has several. `bases` is where these profiles' credentials stand."""
    for name, profile in profiles.items():
        mine = [account for account in accounts if account.profile == name]
        if not mine:
            continue
        environment = profile.environment + ("" if "environment" in profile.given else " (unset: judged as production)")
        said = f"{mine[0].backend}, {environment}"
        if profile.several:
            whose = f"{_number(mine)} of the organization" if profile.organization else _number(mine)
            yield f"profile {name}: {whose}, {said}, role {profile.role_name} assumed by {bases[name].caller}"
        else:
            yield f"profile {name}: account {mine[0].id}, {said}, caller {mine[0].caller}"
        yield f"  {_regions(mine)}"
        if profile.several:
            yield from _wrapped(", ".join(_together(account.called) for account in mine[:_AT_MOST]))
            if len(mine) > _AT_MOST:
                yield f"  and {len(mine) - _AT_MOST} more"
            yield from not_asked(mine)


def not_asked(accounts: Sequence[Account]) -> Iterator[str]:
    """A line for each reason why some accounts, or their regions, give no answer."""
    for regional, what in ((False, "not reached"), (True, "regions not listed")):
        reasons: dict[str, list[Account]] = {}
        for account in accounts:
            refusal = account.refusal(regional)
            if refusal is not None and (account.refusal(regional=False) is None) is regional:
                reasons.setdefault(refusal.reason, []).append(account)
        for reason, refused in reasons.items():
            names = ", ".join(account.called for account in refused[:_AT_MOST]) + (" and others" if len(refused) > _AT_MOST else "")
            yield f"  {what}: {names}: {reason}"


def _number(accounts: Sequence[Account]) -> str:
    return "1 account" if len(accounts) == 1 else f"{len(accounts)} accounts"


def _regions(accounts: Sequence[Account]) -> str:
    each = {account.regions for account in accounts if account.regions}
    if not each:
        return "no regions asked for"
    fewest, most = min(map(len, each)), max(map(len, each))
    number = f"{most} regions" if len(each) == 1 else f"{fewest} to {most} regions" if fewest < most else f"{most} regions each, of"
    return f"{number}: {', '.join(next(iter(each)) if len(each) == 1 else sorted({region for regions in each for region in regions}))}"


def _together(text: str) -> str:
    # Lines are not broken at such a space.
    return text.replace(" ", "\u00a0")


def _wrapped(text: str) -> Iterator[str]:
    for line in textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False):
        yield line.replace("\u00a0", " ")
