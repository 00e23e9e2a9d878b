"""Which of the resources that templates should describe are in one, and whether that can be asked of the account at all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pytest_ssb.reads.deployables import Deployables, Unlisted
from pytest_ssb.reads.managed_index import Deployable, ManagedIndex, Template
from pytest_ssb.reads.registry import read
from pytest_ssb.unread import error_of, or_unread, unread

if TYPE_CHECKING:
    from pytest_ssb.profiles import Profile


@dataclass(frozen=True)
class Placed:
    """A resource, and the template that describes it, None where none does; either raises where it could not be told. `exempt` says why not to judge it."""

    arn: str
    type: str | None
    region: str | None
    exempt: str | None
    template: Template | None

    @property
    def error(self) -> Exception | None:
        """What keeps it from being told whether it is in a template."""
        return error_of(self.exempt) or error_of(self.template)


@dataclass(frozen=True)
class InTemplates:
    """The resources that are judged one by one; those that are asked about together, as it is not known how they are deployed; what could not be listed."""

    judged: tuple[Placed, ...]
    asked: tuple[Placed, ...]
    unlisted: tuple[Unlisted, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that should be in a template."""
        return not (self.judged or self.asked or self.unlisted)

    def settle(self) -> None:
        """Raise what could not be read: there might be more in templates."""
        errors = [each.error for each in self.asked if each.error is not None] + [each.error for each in self.unlisted]
        if errors:
            raise errors[0]


def _placed(index: ManagedIndex, resource: Deployable) -> Placed:
    error = error_of(resource)
    if error is not None:
        return Placed(resource.arn, None, None, None, unread(error))
    if error_of(resource.exempt) is not None or resource.exempt:
        return Placed(resource.arn, resource.type, resource.region, resource.exempt, None)
    template = or_unread(partial(index.template, resource))
    # Of what is in no template, the tags are known.
    kept = index.kept_by(resource) if error_of(template) is None and template is None else None
    return Placed(resource.arn, resource.type, resource.region, f"kept by a service of AWS: {kept}" if kept else None, template)


def _in_templates(found: Deployables, index: ManagedIndex, *, told: bool) -> InTemplates:
    """Every resource is judged where the profile says how the account is deployed, or where most of them are in stacks, of which the rest is missing."""
    placed = [_placed(index, resource) for resource in found.found]
    open_ = [each for each in placed if each.error is not None]
    out = [each for each in placed if each.error is None and not each.exempt and each.template is None]
    in_ = [each for each in placed if each.error is None and each.template is not None and each.template.counts]
    if told or (not found.unlisted and len(in_) > len(out) + len(open_)):
        return InTemplates(tuple(placed), (), found.unlisted)
    asked = {id(each) for each in (*open_, *out)}
    return InTemplates(tuple(each for each in placed if id(each) not in asked), (*open_, *out), found.unlisted)


def _is_told(profile: Profile) -> bool:
    return profile.templates.iac_tags is not None or profile.templates.terraform_state is not None


@read(per="account")
def security_in_templates(ssb_profile: Profile, security_deployables: Deployables, managed_index: ManagedIndex) -> InTemplates:
    """What keeps the account secure, by whether a template describes it."""
    return _in_templates(security_deployables, managed_index, told=_is_told(ssb_profile))


@read(per="account")
def workload_in_templates(ssb_profile: Profile, workload_deployables: Deployables, managed_index: ManagedIndex) -> InTemplates:
    """What does the account's work, by whether a template describes it."""
    return _in_templates(workload_deployables, managed_index, told=_is_told(ssb_profile))
