"""What a run is about, found out once before any test: options, profiles, accounts and their regions."""

from __future__ import annotations

import functools
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pytest_ssb import __version__, aws, days, memory, own_checks, suites
from pytest_ssb.configfile import Config, ConfigError, load
from pytest_ssb.earlier import Earlier, read
from pytest_ssb.entering import enter
from pytest_ssb.errors import AwsError, UserError
from pytest_ssb.failon import FailOn
from pytest_ssb.profiles import Declaration, Profile
from pytest_ssb.reads.registry import is_regional
from pytest_ssb.reporters import outputs
from pytest_ssb.results import Shard
from pytest_ssb.scheduler import Scheduler
from pytest_ssb.shards import shard_of
from pytest_ssb.targets import Account, AccountKey, Refusal, Target

# A third of a megabyte each.
MANY_CLIENTS = 150


@dataclass(frozen=True)
class Options:
    """What the command line says of the run."""

    profiles: tuple[str, ...]
    config: Path | None
    regions: tuple[str, ...]
    outputs: tuple[Path, ...]
    concurrency: int
    baseline: Earlier | None
    fail_on: FailOn | None
    shard: Shard | None
    shared_id: str | None

    @classmethod
    def of(cls, config: pytest.Config) -> Options:
        """The options of pytest's command line. Raises UserError for what cannot be meant."""
        option, folder = config.option, config.invocation_params.dir
        names = tuple(option.ssb_profile)
        twice = [name for name, n in Counter(names).items() if n > 1]
        if twice:
            raise UserError(f"--ssb-profile: {twice[0]!r} is given twice")
        if option.ssb_concurrency < 1:
            raise UserError("--ssb-concurrency: give a number of at least 1")
        regions = [region.strip() for given in option.ssb_region for region in given.split(",")]
        if "" in regions:
            raise UserError("--ssb-region: an empty name; write --ssb-region eu-west-1,us-east-1")
        return cls(
            profiles=names,
            config=folder / option.ssb_config if option.ssb_config else None,
            regions=tuple(dict.fromkeys(regions)),
            outputs=outputs(option.ssb_output, folder),
            concurrency=option.ssb_concurrency,
            fail_on=FailOn.of(option.ssb_fail_on, compared=option.ssb_baseline is not None),
            shard=shard_of(option.ssb_shard),
            shared_id=_named(option.ssb_run_id),
            baseline=read(folder / option.ssb_baseline, "--ssb-baseline", option.ssb_baseline) if option.ssb_baseline is not None else None,
        )


def _named(shared_id: str | None) -> str | None:
    if shared_id is not None and not shared_id.strip():
        raise UserError("--ssb-run-id: is empty; give what all shards of this run share, such as the number that CI gave it")
    return shared_id


class Accounts:
    """The accounts of a run, and the access to each.

    `bases` has, for each profile of several, where its credentials stand, and `said` what people are to be told of how accounts were chosen;
    a worker knows of neither.
    """

    def __init__(self, file: Config, profiles: Sequence[Profile], scheduler: Scheduler, *, alone: bool = True) -> None:
        """`alone`: no conftest of the user's was loaded, which may have put something between the clients and AWS."""
        self.file = file
        self._alone = alone
        self.profiles = {profile.name: profile for profile in profiles}
        self.accounts: dict[AccountKey, Account] = {}
        self.bases: dict[str, Account] = {}
        self.said: list[str] = []
        self._scheduler = scheduler
        self._access: dict[AccountKey, aws.Access] = {}
        self._members: dict[str, aws.Members] = {}
        self._released = 0
        self._close: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._demos = {name for name in self.profiles if _is_demo(file, name)}

    def identify(self) -> None:
        """Ask each profile whose account it reaches. Raises UserError where there is no answer."""
        for name, profile in self.profiles.items():
            if name in self._demos:
                from pytest_ssb import demo

                account = demo.account(profile)
                self.accounts[account.key] = account
                continue
            access, account = self._connect(profile)
            if profile.several:
                self._enter(profile, access, account)
            else:
                self._access[account.key], self.accounts[account.key] = access, account

    def _enter(self, profile: Profile, base: aws.Access, stands_in: Account) -> None:
        entered = enter(profile, base, stands_in, self.place(profile.name))
        self.bases[profile.name], self._members[profile.name] = stands_in, entered.members
        self.accounts.update({account.key: account for account in entered.accounts})
        self._access.update(entered.access)
        if entered.chosen is not None:
            self.said += entered.chosen.said
            # All that the organization has are one's own, whichever of them are judged.
            self.profiles[profile.name] = msgspec.structs.replace(profile, configured=profile.configured | entered.chosen.ids)

    def told(self) -> dict[str, Any]:
        """What a worker has to know of them, as plain data."""
        own = {name: sorted(profile.configured) for name, profile in self.profiles.items()}
        return {"accounts": [msgspec.to_builtins(account) for account in self.accounts.values()], "own": own}

    def learn(self, told: Mapping[str, Any]) -> None:
        """Take what the controller has found out already."""
        accounts = msgspec.convert(told["accounts"], list[Account])
        self.accounts = {account.key: account for account in accounts}
        for name, ids in told["own"].items():
            self.profiles[name] = msgspec.structs.replace(self.profiles[name], configured=frozenset(ids))

    def find_regions(self, narrowed: Sequence[str]) -> None:
        """Ask each account for its regions, all at once. Raises UserError for a region that the partition does not have.

        Where they cannot be listed, that ends the run for a profile of one account, and is of no concern to the others of several.
        """
        asked = {
            key: self._scheduler.call(("regions", key), functools.partial(self._region_statuses, account))
            for key, account in self.accounts.items()
            if account.unreached is None
        }
        for key, answer in asked.items():
            account, profile = self.accounts[key], self.profiles[key[0]]
            try:
                self.accounts[key] = aws.with_regions(account, answer.result(), profile, narrowed, self.place(profile.name))
            except AwsError as error:
                if not account.several:
                    raise UserError(f"profile {profile.name!r}: {error}") from None
                self.accounts[key] = msgspec.structs.replace(account, unlisted=Refusal.of(error))

    def _region_statuses(self, account: Account) -> Mapping[str, str]:
        if account.profile in self._demos:
            from pytest_ssb import demo

            return demo.region_statuses()
        return aws.region_statuses(account, self.access(account.key), self.profiles[account.profile])

    def referenced(self, name: str) -> Profile:
        """The profile to which a key of another one leads. Raises UserError where it is wrong."""
        return self.file.referenced(name, aws.named_profiles)

    def place(self, name: str) -> str:
        """Where a profile is written, for messages: `ssb.toml: profile 'prod'`."""
        return f"{self.file.label}: profile {name!r}" if self.file.file else f"profile {name!r}"

    def access(self, key: AccountKey) -> aws.Access:
        """The access to an account, made when first asked for. Raises AwsError where it was not reached."""
        account = self.accounts[key]
        if account.unreached is not None:
            raise account.unreached.error
        with self._lock:
            if key not in self._access:
                self._access[key] = self._connected(account)
            return self._access[key]

    def start_demo(self) -> None:
        """Start the demo, if it is an account of the run, before there are threads: two that import at once what moto imports get in each other's way."""
        for account in self.accounts.values():
            if account.profile in self._demos:
                self.access(account.key)

    def _connected(self, account: Account) -> aws.Access:
        """The access to an account that this process did not identify itself."""
        profile = self.profiles[account.profile]
        if profile.name in self._demos:
            from pytest_ssb import demo

            access, close = demo.start(profile, self._scheduler, __version__)
            self._close.append(close)
            return access
        if not profile.several:
            return self._connect(profile, account)[0]
        if profile.name not in self._members:
            base, _ = self._connect(profile, account)
            self._members[profile.name] = aws.Members(profile, base, __version__)
        return self._members[profile.name].access(account)

    def _connect(self, profile: Profile, known: Account | None = None) -> tuple[aws.Access, Account]:
        return aws.connect(profile, self._scheduler, __version__, known, alone=self._alone)

    def release(self, key: AccountKey) -> None:
        """Let go of an account's clients and answers, of which all that was needed is read, where others need the room."""
        if len(self.accounts) > 1 and key in self._access:
            self._released += self._access[key].release()
            # To go through all that there is takes a while: it has to be worth it.
            if self._released >= MANY_CLIENTS:
                self._released = 0
                memory.collect()

    def calls(self) -> Counter[str]:
        """The API calls made by this process, by operation."""
        bases = (members.base for members in self._members.values())
        return sum((access.counts for access in dict.fromkeys([*self._access.values(), *bases])), Counter())

    @contextmanager
    def allowing(self, target: Target, calls: Sequence[str]) -> Iterator[Callable[..., Any]]:
        """A function that gives guarded clients on the target, which may call just these operations while the block lasts."""
        access = self.access(target.key)

        def client(service: str, region: str | None = None) -> Any:
            return access.client_for_tests(service, region or target.region or access.home)

        with access.allowing(calls):
            yield client

    def explained(self, target: Target, error: Exception) -> Exception:
        """What an error means that a guarded client raised; any other error as it is."""
        return self.access(target.key).explained(error) if self.accounts[target.key].unreached is None else error

    def close(self) -> None:
        """Stop what was started."""
        for close in reversed(self._close):
            close()


def accounts_of(config: pytest.Config, options: Options, scheduler: Scheduler) -> Accounts:
    """The accounts of a run: asked of AWS, or, on a worker, told by the controller. Raises UserError for what the user has to correct."""
    folders = list(dict.fromkeys([config.invocation_params.dir, config.rootpath]))
    try:
        file = read_config(options.config, folders)
        profiles = [_profile(file, name) for name in options.profiles]
    except ConfigError as error:
        raise UserError(*error.lines) from None
    demos = [name for name in options.profiles if _is_demo(file, name)]
    if demos and len(profiles) > 1:
        raise UserError(f"--ssb-profile {demos[0]}: the demo runs alone, it does not mix with another profile")
    accounts = Accounts(file, profiles, scheduler, alone=config.known_args_namespace.noconftest)
    told = getattr(config, "workerinput", {}).get("ssb")
    if told is not None:
        accounts.learn(told)
        return accounts
    accounts.identify()
    if options.regions or any(profile.regions or profile.denied_regions for profile in profiles) or _collects_regional(config):
        accounts.find_regions(options.regions)
    return accounts


def refuse_overlap(targets: Sequence[Target]) -> None:
    """Two profiles of one run must not judge the same account or region of it: their findings would have the same ids. Raises UserError if they do."""
    seen: dict[tuple[str, str | None], str] = {}
    for target in dict.fromkeys(targets):
        other = seen.setdefault((target.account, target.region), target.profile)
        if other != target.profile:
            what = f"region {target.region}" if target.region else "a check of the whole account"
            raise UserError(f"--ssb-profile: {other!r} and {target.profile!r} both reach account {target.account} with {what}; run them one by one")


def read_config(path: Path | None, folders: Sequence[Path]) -> Config:
    """The config file, its waivers and declarations held against the checks that there are: the shipped ones, and those of its `own_checks`."""
    file = load(path, folders)
    own = own_checks.written_in(own_checks.of(file).paths)
    shipped = {id: found.check.severity for id, found in suites.shipped().items()}
    if wrong := list(own_checks.mistakes(file, shipped)):
        raise ConfigError(*wrong)
    checks = {**{id: each.controls for id, each in own.items()}, **suites.known()}
    return load(path, folders, checks=checks, worst={**{id: each.severity for id, each in own.items()}, **shipped})


def _is_demo(file: Config, name: str) -> bool:
    return name in ("demo", "demo-clean") and file.is_built_in(name)


def _profile(file: Config, name: str) -> Profile:
    if _is_demo(file, name):
        # What the demo's owner would have written; nothing of the user's own file reaches it.
        found = read_config(Path(__file__).parent / "demo" / "ssb.toml", ()).profile(name, aws.named_profiles)
        from pytest_ssb.demo import repositories

        folder = str(repositories.made(clean=name == "demo-clean"))
        return msgspec.structs.replace(
            found,
            declarations=type(found.declarations)(map(_given_today, found.declarations)),
            repositories=tuple(msgspec.structs.replace(each, folder=folder) for each in found.repositories),
        )
    return file.profile(name, aws.named_profiles)


def _given_today(declaration: Declaration) -> Declaration:
    """The demo's owner answers whenever the demo is run: an answer of some fixed day would grow too old."""
    today = days.today()
    return msgspec.structs.replace(declaration, on=today, review_by=today + (declaration.review_by - declaration.on))


def _collects_regional(config: pytest.Config) -> bool:
    """Whether a check of a region will be collected: told from the paths alone, since under xdist the controller collects nothing."""
    chosen = set()
    for argument in config.args:
        path, _, name = argument.partition("::")
        full = (config.invocation_params.dir / path).resolve()
        if not suites.is_suite(full):
            return True
        chosen.add((f"{full.parent.name}/{full.name}", name.partition("[")[0].removeprefix("test_")))
    return any(
        is_regional(found.check.fixtures)
        for found in suites.shipped().values()
        if any(file == found.file and name in ("", found.check.id) for file, name in chosen)
    )
