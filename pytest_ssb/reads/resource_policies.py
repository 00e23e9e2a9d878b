"""How the policies of a service's resources are read and judged: a row of `policy_services` says where they are, the rest is the same for all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec

from pytest_ssb.errors import UnexpectedAnswer
from pytest_ssb.policies import ResourceDocument, Statement
from pytest_ssb.policy_access import Access, evaluate
from pytest_ssb.policy_circle import Reach
from pytest_ssb.policy_conditions import Mode
from pytest_ssb.reads.registry import read
from pytest_ssb.reads.trust import Trust
from pytest_ssb.selectors import record
from pytest_ssb.unread import error_of, or_unread

if TYPE_CHECKING:
    from pytest_ssb.aws import Aws, PerResource

Raw = Mapping[str, Any]
_SEVERITY = {Reach.OPEN: "critical", Reach.EXTERNAL: "high", Reach.WIDE: "medium", Reach.DEPUTY: "medium"}


@dataclass(frozen=True)
class Judged:
    """What is to be said of a resource's policy, or of its having none. `undeclared` is the verdict without what the profile says."""

    access: Access
    undeclared: Access
    # The keys of the profile that were looked at, and the entries of them that the policy names.
    keys: tuple[str, ...] = ()
    entries: tuple[tuple[str, str], ...] = ()
    has_policy: bool = True
    # Why it is not judged at all.
    exempt: str | None = None
    # What keeps everyone out, whatever the policy says.
    fence: str | None = None

    @property
    def reach(self) -> str:
        """`ok`, `deputy`, `asked`, `wide`, `external` or `open`."""
        return self.access.reach.name.lower()

    @property
    def fails(self) -> str | None:
        """Who gets in that should not, None if nobody is known to."""
        return f"{self.reach}: {self.access.why}" if self.access.reach > Reach.ASKED else None

    @property
    def severity(self) -> str:
        """How bad that is: everyone, a stranger who may change something, or may only read."""
        if self.access.reach is Reach.EXTERNAL and not self.access.writes:
            return "medium"
        return _SEVERITY.get(self.access.reach, "critical")

    @property
    def asks(self) -> str | None:
        """What only the owner knows, None if there is nothing to ask."""
        return self.access.why if self.access.reach is Reach.ASKED else None

    @property
    def note(self) -> str:
        """Why it passes."""
        return self.fence or self.access.why

    @property
    def deputies(self) -> tuple[str, ...]:
        """Services of AWS that get in for whomever they act."""
        return self.access.services

    @property
    def declared(self) -> dict[str, str]:
        """The entries of the profile without which the verdict were worse, by key; what it names is of use either way."""
        for key in self.keys:
            record(key)
        for key, entry in self.entries:
            record(key, entry)
        if self.access.reach >= self.undeclared.reach:
            return {}
        return {key: ", ".join(entry for of, entry in self.entries if of == key) for key in dict(self.entries)}


def passing(why: str) -> Judged:
    """What is said of a resource whose policy need not be read."""
    access = Access(Reach.OK, why)
    return Judged(access, access)


def exempt(why: str) -> Judged:
    """What is said of a resource that is not judged."""
    return replace(passing(why), exempt=why)


def judged(statements: tuple[Statement, ...], trust: Trust, operation: str, mode: Mode = "resource", fence: str | None = None) -> Judged:
    """What is to be said of the statements of a policy; without any, nobody gets in by them. A `fence` is what keeps everyone out all the same."""
    if not statements:
        return replace(passing("no policy: only the account's own identities get in, as far as their policies let them"), has_policy=False)
    try:
        access = evaluate(statements, trust.declared, mode)
        fence = fence if access.reach is Reach.OPEN else None
        if fence is not None:
            access = evaluate(statements, trust.declared, mode, but_everyone=True)
        words = msgspec.json.encode(statements).decode()
        entries = tuple((key, entry) for key, known in trust.entries.items() for entry in known if entry in words)
        # Where nobody can tell without what the profile says, it is that on which the verdict rests.
        undeclared = or_unread(lambda: evaluate(statements, trust.undeclared, mode, but_everyone=fence is not None)) if entries else access
        if error_of(undeclared) is not None:
            undeclared = Access(Reach.OPEN, "")
    except ValueError as error:
        raise UnexpectedAnswer(f"{operation} answered a policy that we cannot judge: {error}", operation) from None
    return Judged(access, undeclared, tuple(trust.entries), entries, fence=fence)


def statements_of(text: str, operation: str) -> tuple[Statement, ...]:
    """The statements of a policy's text; an empty document has none."""
    if text.startswith('{\\"'):
        text = json.loads(f'"{text}"')  # API Gateway hands out its policies escaped once more
    if text in ("", "{}"):
        return ()
    try:
        return msgspec.json.decode(text, type=ResourceDocument).statements
    except msgspec.MsgspecError:
        raise UnexpectedAnswer(f"{operation} answered a policy that we cannot read", operation) from None


# --- a service ---------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Policied:
    """A resource that may have a policy; `raw` is how it was listed."""

    arn: str
    name: str
    raw: Raw = field(repr=False)


@dataclass(frozen=True)
class Getter:
    """A call that answers a resource's policy: `params(raw)` names the resource, `at` is where the policy lies, `absent` what says that there is none.

    `proof` is a field that every answer has, where the policy is left out if there is none: what cannot be parsed has neither.
    """

    operation: str
    params: Callable[[Raw], dict[str, Any]]
    at: str
    absent: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    proof: str = ""


@dataclass(frozen=True)
class Service:
    """Where one kind of resource is listed, and where its policies are.

    `key` is the list in the answer of `lists`, `arn` is made of the target's and the listed fields; a list of plain names gives `{value}`, and `{name}`
    what follows its last slash. Without `gets`, the policy is listed, `at` that field. Without a `key` there is one for the whole region, unless a code
    of `none` is answered. `before` may say what is to be said of a resource without its policy, and may ask AWS for that.
    """

    read: str
    type: str
    lists: str
    key: str
    arn: str
    gets: tuple[Getter, ...] = ()
    at: str = ""
    listed: Mapping[str, Any] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[Aws, Raw], Judged | None] | None = None
    asks: tuple[str, ...] = ()
    # A list that AWS leaves out where it is empty; `absent` has its page.
    optional: bool = False
    mode: Mode = "resource"
    none: tuple[str, ...] = ()

    @property
    def operations(self) -> tuple[str, ...]:
        """All that is called for it."""
        return (self.lists, *self.asks, *(getter.operation for getter in self.gets))


@dataclass(frozen=True)
class Policies:
    """The resources of one kind, each with what is to be said of its policy."""

    type: str
    resources: tuple[Policied, ...]
    verdicts: PerResource[Judged]

    def __iter__(self) -> Iterator[Policied]:
        return iter(self.resources)

    def __bool__(self) -> bool:
        return bool(self.resources)

    def __getitem__(self, resource: Policied) -> Judged:
        return self.verdicts[resource]


def policies_of(service: Service) -> None:
    """Register the read of a service's policies, by its name."""

    def policies(aws: Aws, region_trust: Trust) -> Policies:
        found = tuple(_listed(aws, service))

        def verdict(resource: Policied) -> Judged:
            before = service.before(aws, resource.raw) if service.before else None
            return before or judged(tuple(_statements(aws, service, resource)), region_trust, service.operations[-1], service.mode)

        return Policies(service.type, found, aws.each(found, verdict))

    policies.__name__ = service.read
    policies.__doc__ = f"Whom the policies of {service.type} let in."
    read(*dict.fromkeys(service.operations), per="region", absent=service.absent)(policies)


def _listed(aws: Aws, service: Service) -> Iterator[Policied]:
    known = {"partition": aws.partition, "region": aws.region, "account": aws.account}
    if not service.key:
        answer = aws.ask(service.lists, absent=service.none)
        if answer is not None:
            arn = service.arn.format(**known)
            yield Policied(arn, arn.rpartition(":")[2], answer)
        return
    listed = {name: value.format(**known) if isinstance(value, str) else value for name, value in service.listed.items()}
    for page in aws.pages(service.lists, **listed):
        members = page.get(service.key, [] if service.optional and is_json(page) else None)
        if not isinstance(members, list):
            raise UnexpectedAnswer(f"{service.lists} answered without {service.key}", service.lists)
        for member in members:
            raw = {"value": member} if isinstance(member, str) else member
            try:
                arn = service.arn.format(**{**raw, **known, "name": str(raw.get("value", "")).rpartition("/")[2]})
            except KeyError as error:
                raise UnexpectedAnswer(f"{service.lists} answered a resource without {error.args[0]}", service.lists) from None
            if arn.split(":")[3] not in ("", aws.region):
                continue  # moto lists access points of all regions, wherever it is asked
            raw = {**raw, "arn": arn}
            yield Policied(arn, arn.rpartition("/")[2] if "/" in arn else arn.rpartition(":")[2], raw)


def _statements(aws: Aws, service: Service, resource: Policied) -> Iterator[Statement]:
    if service.at:
        yield from _at(resource.raw, service.at, service.lists)
    for getter in service.gets:
        try:
            params = getter.params(resource.raw)
        except KeyError as error:
            raise UnexpectedAnswer(f"{service.lists} answered a resource without {error.args[0]}", service.lists) from None
        answer = aws.ask(getter.operation, absent=getter.absent, gone=getter.gone, **params)
        if answer is not None:
            if getter.proof and _value(answer, getter.proof) is None:
                raise UnexpectedAnswer(f"{getter.operation} answered without {getter.proof}", getter.operation)
            yield from _at(answer, getter.at, getter.operation)


def _at(answer: Raw, path: str, operation: str) -> Iterator[Statement]:
    """The statements of the policies at that place: one, or several by name. Where a `!` ends the path, something must be there."""
    value = _value(answer, path.removesuffix("!"))
    if value is None and path.endswith("!"):
        raise UnexpectedAnswer(f"{operation} answered without {path.removesuffix('!')}", operation)
    for text in value.values() if isinstance(value, Mapping) else (value,) if value is not None else ():
        yield from statements_of(text, operation)


def _value(answer: Any, path: str) -> Any:
    for step in path.split("."):
        answer = answer.get(step) if isinstance(answer, Mapping) else None
    return answer


def is_json(page: Raw) -> bool:
    """Whether it was AWS that answered: botocore takes a page that cannot be parsed for an answer without fields."""
    return str(_value(page, "ResponseMetadata.HTTPHeaders.content-type")).startswith("application/x-amz-json")
