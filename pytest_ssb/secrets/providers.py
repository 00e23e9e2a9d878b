"""The shapes of what services hand out: keys and tokens that are known by their looks, whatever they are called.

Most shapes come from detect-secrets, of which this module alone knows. Nothing is verified: that would send the secret away.
"""

from __future__ import annotations

import functools
import importlib
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

# Of its plugins: not those that measure entropy, match words or report addresses, nor the one for URLs, which takes a placeholder for a password.
PLUGINS = (
    "artifactory.ArtifactoryDetector",
    "aws.AWSKeyDetector",
    "azure_storage_key.AzureStorageKeyDetector",
    "cloudant.CloudantDetector",
    "discord.DiscordBotTokenDetector",
    "github_token.GitHubTokenDetector",
    "gitlab_token.GitLabTokenDetector",
    "ibm_cloud_iam.IbmCloudIamDetector",
    "ibm_cos_hmac.IbmCosHmacDetector",
    "jwt.JwtTokenDetector",
    "mailchimp.MailchimpDetector",
    "npm.NpmDetector",
    "openai.OpenAIDetector",
    "private_key.PrivateKeyDetector",
    "pypi_token.PypiTokenDetector",
    "sendgrid.SendGridDetector",
    "slack.SlackDetector",
    "softlayer.SoftlayerDetector",
    "square_oauth.SquareOAuthDetector",
    "stripe.StripeDetector",
    "telegram_token.TelegramBotTokenDetector",
)

# What detect-secrets 1.5 does not know: shapes that are younger, or that it sees in one file format only.
SHAPES = {
    "Anthropic API Key": r"sk-ant-[a-z]+\d\d-[\w-]{20,}",
    "OpenAI Token": r"sk-(?:proj|svcacct|admin)-[\w-]{20,}",
    "Hugging Face Token": r"(?:hf_|api_org_)[A-Za-z]{34}\b",
    "GitHub Token": r"github_pat_\w{22,}",
    "NPM tokens": r"npm_[A-Za-z0-9]{36}\b",
    "Slack Token": r"(?:xapp-\d-[A-Z0-9]+-\d+-[a-z0-9]+|xoxe(?:\.xox[bp])?-\d-[A-Za-z0-9]{20,})",
    "Stripe Access Key": r"(?:whsec_[A-Za-z0-9+/=]{24,}|[rs]k_live_[A-Za-z0-9]{24,})",
    "Google API Key": r"AIza[\w-]{35}(?![\w-])",
    "Google OAuth Secret": r"GOCSPX-[\w-]{28}(?![\w-])",
    "Twilio API Key": r"SK[0-9a-f]{32}\b",
    "Databricks Token": r"dapi[0-9a-f]{32}(?:-\d)?\b",
    "PlanetScale Password": r"pscale_(?:pw|tkn|oauth)_[\w.-]{32,}",
    "Neon Password": r"npg_[A-Za-z0-9]{12,}",
    "Supabase Key": r"(?:sbp_[0-9a-f]{40}\b|sb_secret_[\w-]{20,})",
    "DigitalOcean Token": r"do[opr]_v1_[0-9a-f]{64}\b",
    "Doppler Token": r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[\w-]+\.)?[A-Za-z0-9]{40,}",
    "HashiCorp Vault Token": r"hv[sbr]\.[\w-]{24,}",
    "Terraform Cloud Token": r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}",
    "Shopify Token": r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b",
    "Linear API Key": r"lin_api_[A-Za-z0-9]{40}\b",
    "Notion Token": r"(?:ntn_[A-Za-z0-9]{46}|secret_[A-Za-z0-9]{43})\b",
    "Atlassian Token": r"ATATT3[\w=-]{100,}",
    "Groq API Key": r"gsk_[A-Za-z0-9]{48,}",
    "xAI API Key": r"xai-[A-Za-z0-9]{70,}",
    "Replicate Token": r"r8_[A-Za-z0-9]{37}\b",
    "Resend API Key": r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}\b",
    "New Relic Key": r"NRAK-[A-Z0-9]{27}\b",
    "Grafana Token": r"(?:glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}\b|glc_[A-Za-z0-9+/=]{32,})",
    "Mailgun API Key": r"key-[0-9a-f]{32}\b",
    "Private Key": r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY",
}
# Of a service's own test mode: they open nothing that is live.
TEST_SHAPES = {"Stripe test key": r"[rs]k_test_[A-Za-z0-9]{10,}"}
# Fewer characters than this are a word that happens to begin like a token of Artifactory.
ARTIFACTORY_LENGTH = 30


@dataclass(frozen=True)
class Shape:
    """What a value looks like: `name` is whose, `live` whether it opens more than a test or an example."""

    name: str
    live: bool


def shape_of(text: str) -> Shape | None:
    """The first known shape in a text, live ones first; None if it has none. Long lines are cut: some patterns take much longer for them."""
    found = None
    for piece in _pieces(text):
        for name, live in _found(piece):
            if live:
                return Shape(name, True)
            found = found or Shape(name, False)
    return found


def may_have_shape(text: str) -> bool:
    """Whether some line of a text may have a known shape: asked of many lines at once, which is much faster than of each."""
    return any(True for _ in _found(text))


PIECE, OVERLAP = 4096, 512
_importing = threading.Lock()


def _pieces(text: str) -> Iterator[str]:
    for line in text.splitlines():
        for start in range(0, max(len(line), 1), PIECE):
            yield line[max(start - OVERLAP, 0) : start + PIECE]


def _found(text: str) -> Iterator[tuple[str, bool]]:
    for name, pattern, live in _own():
        own = pattern.search(text)
        if own:
            yield name, live and not _example(own.group())
    for name, analyze in _plugins():
        for match in analyze(text):
            if _at_a_boundary(match, text) and (name != "Artifactory Credentials" or len(match) >= ARTIFACTORY_LENGTH):
                yield name, not _example(match)


@functools.cache
def _own() -> tuple[tuple[str, re.Pattern[str], bool], ...]:
    return tuple(
        (name, re.compile(rf"(?<![A-Za-z0-9]){pattern}"), shapes is SHAPES) for shapes in (SHAPES, TEST_SHAPES) for name, pattern in shapes.items()
    )


def _plugins() -> tuple[tuple[str, Callable[[str], Iterator[str]]], ...]:
    # Its modules import each other in circles: where two threads do that at once, one finds a module that is not whole yet.
    with _importing:
        return _imported()


@functools.cache
def _imported() -> tuple[tuple[str, Callable[[str], Iterator[str]]], ...]:
    # Imported when first needed: with it comes an HTTP library, of which it is never made use.
    made: list[Any] = []
    for each in PLUGINS:
        module, _, name = each.partition(".")
        made.append(getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), name)())
    return tuple((plugin.secret_type, plugin.analyze_string) for plugin in made)


def _example(match: str) -> bool:
    """AWS's documentation ends its examples with this word (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html)."""
    return "EXAMPLE" in match


def _at_a_boundary(match: str, text: str) -> bool:
    """Whether the match begins where a word begins: in the midst of a long string of base64 everything turns up some time."""
    at = text.find(match)
    while at > 0:
        if not (text[at - 1].isascii() and text[at - 1].isalnum()):
            return True
        at = text.find(match, at + 1)
    return at == 0
