"""AWS's own access keys where compute finds them. AWS's SDKs take them from there before they ask for the role's credentials."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from pytest_ssb.secrets.values import is_nothing, without_references

# The names by which SDKs look for a key (https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html).
ID, SECRET = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
_KEY_ID = re.compile(r"(?<![A-Za-z0-9])A[KS]IA[A-Z0-9]{16}(?![A-Za-z0-9])")

# A key of a user; one whose id is not seen; one for some hours, or of AWS's manual; and the id of some other service that takes these names over.
Ground = Literal["long-term", "unseen", "temporary", "example", "foreign"]


@dataclass(frozen=True)
class Key:
    """An access key: `place` is the container or the like that finds it, `name` its variable's, None in a text, `said` where it is for people."""

    place: str
    name: str | None
    said: str
    ground: Ground


def ids_in(text: str) -> Iterator[tuple[re.Match[str], Ground]]:
    """The ids of AWS's access keys in a text."""
    for match in _KEY_ID.finditer(text):
        yield match, "example" if "EXAMPLE" in match[0] else "long-term" if match[0].startswith("AKIA") else "temporary"


def by_name(name: str, value: str) -> Ground | None:
    """What a variable without such an id in its value is, by its name: None where it is no key, or nothing is in it."""
    if name not in (ID, SECRET) or is_nothing(without_references(value).strip()):
        return None
    return "foreign" if name == ID else "unseen"


def that_count(keys: Iterable[Key]) -> tuple[Key, ...]:
    """The keys that are AWS's, for all that is seen: whose a secret key is, the id beside it tells."""
    known = tuple(keys)
    told = {key.place for key in known if key.ground != "unseen"}
    return tuple(key for key in known if key.ground != "foreign" and not (key.name == SECRET and key.ground == "unseen" and key.place in told))
