"""What is taken for a secret and what is not, and that nothing of one is ever told.

Nothing here is a credential, nor may anything look like one to a scanner: values are encoded, or put together when they are needed.
"""

from __future__ import annotations

import base64
import email.mime.multipart
import email.mime.text
import gzip
import json
from pathlib import Path

import pytest

from pytest_ssb.errors import Undecided
from pytest_ssb.secrets.detector import detect
from pytest_ssb.secrets.payload import LARGEST, texts_of
from pytest_ssb.secrets.providers import SHAPES, shape_of
from pytest_ssb.secrets.search import Found, Search
from pytest_ssb.secrets.text import secrets_in
from pytest_ssb.selectors import HiddenGlobs, recording

CASES = json.loads((Path(__file__).parent / "data" / "secret_cases.json").read_text(encoding="utf-8"))
# Every kind of character that a token is made of, in no order that means something.
FILL = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zC" * 4
HEX = "0f1e2d3c4b5a69788796a5b4c3d2e1f0" * 4
LETTERS = "qWeRtZuIoPaSdFgHjKlYxCvBnMqWeRtZuIoP"


def decoded(kind: str) -> list[object]:
    return [pytest.param(name, base64.b64decode(value).decode(), id=f"{name}-{at}") for at, (name, value) in enumerate(CASES[kind])]


@pytest.mark.parametrize(("name", "value"), decoded("secret"))
def test_a_secret_is_found(name: str, value: str) -> None:
    hit = detect(name, value)
    assert hit is not None
    assert value not in repr(hit)


@pytest.mark.parametrize(("name", "value"), decoded("clean"))
def test_what_is_no_secret_is_left_alone(name: str, value: str) -> None:
    assert detect(name, value) is None


# --- by shape, whatever the name -------------------------------------------------------------------------------------------------------------

TOKENS = {
    "Anthropic API Key": ("sk-ant-", "api03-", FILL[:90]),
    "OpenAI Token": ("sk-", "svcacct-", FILL[:60]),
    "Hugging Face Token": ("hf", "_", LETTERS[:34]),
    "GitHub Token": ("github", "_pat_", FILL[:82]),
    "NPM tokens": ("npm", "_", FILL[:36]),
    "Slack Token": ("xapp", "-1-A012BCDEF-1234567890-", HEX[:64]),
    "Stripe Access Key": ("rk", "_live_", FILL[:99]),
    "Google API Key": ("AI", "za", FILL[:35]),
    "Google OAuth Secret": ("GOC", "SPX-", FILL[:28]),
    "Twilio API Key": ("S", "K", HEX[:32]),
    "Databricks Token": ("da", "pi", HEX[:32]),
    "PlanetScale Password": ("pscale", "_pw_", FILL[:43]),
    "Neon Password": ("np", "g_", FILL[:12]),
    "Supabase Key": ("sb", "p_", HEX[:40]),
    "DigitalOcean Token": ("dop", "_v1_", HEX[:64]),
    "Doppler Token": ("dp", ".st.prd.", FILL[:40]),
    "HashiCorp Vault Token": ("hv", "s.", FILL[:90]),
    "Terraform Cloud Token": (FILL[:14], ".atlasv1", ".", FILL[:67]),
    "Shopify Token": ("shp", "at_", HEX[:32]),
    "Linear API Key": ("lin", "_api_", FILL[:40]),
    "Notion Token": ("nt", "n_", FILL[:46]),
    "Atlassian Token": ("ATA", "TT3xFfGF0", FILL[:120]),
    "Groq API Key": ("gs", "k_", FILL[:52]),
    "xAI API Key": ("xa", "i-", FILL[:80]),
    "Replicate Token": ("r8", "_", FILL[:37]),
    "Resend API Key": ("re", "_", FILL[:8], "_", FILL[:24]),
    "New Relic Key": ("NR", "AK-", FILL[:27].upper()),
    "Grafana Token": ("gl", "sa_", FILL[:32], "_", HEX[:8]),
    "Mailgun API Key": ("ke", "y-", HEX[:32]),
    "Private Key": ("-----BEGIN ENCRYPTED ", "PRIVATE KEY-----"),
}
MORE_TOKENS = {
    "AWS Access Key": ("AK", "IA", FILL[:16].upper()),
    "GitLab Token": ("gl", "pat-", FILL[:20]),
    "JSON Web Token": ("eyJhbGciOiJIUzI1NiJ9", ".eyJzdWIiOiIxIn0.", FILL[:43]),
    "PyPI Token": ("pypi", "-AgEIcHlwaS5vcmc", FILL[:80]),
    "SendGrid API Key": ("S", "G.", FILL[:22], ".", FILL[:43]),
    "Telegram Bot Token": ("1234567890", ":", FILL[:35]),
    "Slack Token": ("https://hooks.slack", ".com/services/T012AB/B012CD/", FILL[:24]),
    "Azure Storage Account access key": ("AccountName=a;Account", "Key=", FILL[:86], "=="),
    "Discord Bot Token": ("M", FILL[:23], ".", FILL[:6], ".", FILL[:27]),
    "Mailchimp Access Key": (HEX[:32], "-us", "14"),
    "Square OAuth Secret": ("sq0", "csp-", FILL[:43]),
}


def test_every_shape_of_ours_has_its_token_here() -> None:
    assert TOKENS.keys() == SHAPES.keys()


@pytest.mark.parametrize(("detector", "parts"), [*TOKENS.items(), *MORE_TOKENS.items()])
def test_a_token_is_known_by_its_shape(detector: str, parts: tuple[str, ...]) -> None:
    hit = detect("SETTING", "".join(parts))
    assert hit is not None
    assert (hit.detector, hit.ground) == (detector, "shape")


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(("AK", "IAIOSFODNN7EXAMPLE"), id="AWS's example"),
        pytest.param(("sk", "_test_", FILL[:24]), id="a test key of Stripe"),
    ],
)
def test_what_opens_nothing_is_told_apart(parts: tuple[str, ...]) -> None:
    hit = detect("SETTING", "".join(parts))
    assert hit is not None
    assert hit.ground == "example"


def test_a_live_key_beside_an_example_counts() -> None:
    shape = shape_of(" ".join(["AK" + "IAIOSFODNN7EXAMPLE", "AK" + "IA" + FILL[:16].upper()]))
    assert shape is not None
    assert shape.live


def test_a_token_at_the_end_of_a_long_line_is_found() -> None:
    for before in (4000, 4090, 5000, 100_000):
        assert shape_of("-" * before + "gh" + "p_" + FILL[:36]) is not None


@pytest.mark.parametrize(
    "value",
    [
        *("APACProductionCluster1", "AKCommerceServiceNumber1", "123456789012:function", "eu-west-1", "x" + "AK" + "IA" + FILL[:16].upper()),
        *(HEX[:40], "sk-learn-is-a-library-for-machine-learning", "task-proj-planning-for-the-next-year"),
    ],
)
def test_what_only_begins_like_a_token_is_none(value: str) -> None:
    assert shape_of(value) is None


def test_a_public_token_is_none() -> None:
    token = "".join(MORE_TOKENS["JSON Web Token"])
    assert detect("SUPABASE_ANON_KEY", token) is None
    assert detect("SUPABASE_SERVICE_KEY", token) is not None


# --- references ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        *("{{resolve:secretsmanager:prod/db:SecretString:password}}", "{{resolve:ssm-secure:/app/db:1}}", "{{ secrets.db }}", "${{ secrets.DB }}"),
        *("${DB_PASSWORD}", "$DB_PASSWORD", "${ssm:/app/db}", "$(aws ssm get-parameter --name $(cat name))", "#{db.password}", "%DB_PASSWORD%"),
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf:password::",
        "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/app/db",
        *("vault:secret/data/app#password", "ssm:/app/db", "op://app/db/password", "ref+awsssm://app/db", "@Microsoft.KeyVault(SecretUri=x)"),
        *("/app/prod/db_password", "/Acme/Prod/DbPassword", "prod/app/db_pass", "/run/secrets/db.txt", "./keys/server.pem", "s3://acme/db.txt"),
        *("https://vault.acme.example/v1/db", "$.credentials.password", "$$.Execution.Input.token", "{% $states.input.token %}", "<password>"),
        *("changeme", "CHANGE_ME", "change-me-please", "your-password-here", "<your password>", "REPLACE_ME", "xxxxxx", "********", "...", "todo"),
        *("true", "No", "none", "12", "3600", "30s", "", " ", "''", "ENC[AES256_GCM,data:abc,type:str]", "AQICAH" + FILL[:80]),
        *("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA ana@acme", "-----BEGIN CERTIFICATE-----", "!Ref Password"),
        "postgres://app:${DB_PASSWORD}@db/app",
        "postgres://app:{{resolve:secretsmanager:prod/db}}@db/app",
    ],
)
def test_a_reference_is_no_secret_whatever_it_is_called(value: str) -> None:
    assert detect("DB_PASSWORD", value) is None


@pytest.mark.parametrize(
    "value",
    [
        *("hunter2", "123456", "password", "correct horse battery staple", "Pa$$w0rd", "prod", "P@ss/w0rd"),
        *("${DB_PASSWORD:-hunter2}", "kT9/xQ2vLm+Zr4/8sBf0Wd7Y", "/kT9x/Q2vLmZr48s", "abcDEF/K7MDENG/bPxRfiCY", "my-super-secret", "Summer2026!"),
        "".join(["postgres://app:", "s3cr3t", "@db/app"]),
        "".join(["${SCHEME}://app:", "s3cr3t", "@db/app"]),
    ],
)
def test_what_resembles_a_reference_is_a_secret_all_the_same(value: str) -> None:
    assert detect("DB_PASSWORD", value) is not None


# --- names -----------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *(
            "password",
            "DB_PASS",
            "dbPassword",
            "DBPASSWORD",
            "db-pwd",
            "DB_PASSWORD_PROD",
            "TOKEN_2",
            "clientSecret",
            "SMTP_CREDENTIALS",
            "GPG_PASSPHRASE",
        ),
        *("APP_API_KEY", "signingKey", "spring.datasource.password", "STRIPE_WEBHOOK_SECRET", "AWS_SECRET_ACCESS_KEY", "DB_CRED", "ACCESS_TOKEN"),
    ],
)
def test_a_name_that_says_secret_makes_one(name: str) -> None:
    assert detect(name, "hunter2hunter2") is not None


@pytest.mark.parametrize(
    "name",
    [
        *(
            "PASSWORD_MIN_LENGTH",
            "SECRET_NAME",
            "TOKEN_URL",
            "API_KEY_ID",
            "PUBLIC_KEY",
            "sortKey",
            "IDEMPOTENCY_KEY",
            "KMS_KEY",
            "TOKEN_TTL_SECONDS",
        ),
        *("PWD", "OLDPWD", "MAX_TOKENS", "BYPASS", "COMPASS", "MONKEY", "AUTHOR", "STRIPE_PUBLISHABLE_KEY", "GENERATE_PASSWORD", "HIDE_PASSWORD"),
        *("SecretArn", "passwordParameter", "CACHE_KEY", "credentialsPath", "NEXT_PUBLIC_TOKEN"),
    ],
)
def test_a_name_that_speaks_of_secrets_makes_none(name: str) -> None:
    assert detect(name, "hunter2hunter2") is None


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("SOME_KEY", FILL[:24], True),
        ("SOME_KEY", "checkout-feature", False),
        ("SOME_KEY", "1234abcd-12ab-34cd-56ef-1234567890ab", False),
        ("BASIC_AUTH", "admin:hunter2", True),
        ("BASIC_AUTH", "iam", False),
        ("Authorization", f"Bearer {FILL[:30]}", True),
        ("Authorization", "Bearer ${TOKEN}", False),
        ("SENTRY_DSN", f"https://{HEX[:32]}@o1.ingest.sentry.io/2", False),
        ("DATABASE_DSN", "".join(["app:", "s3cr3t", "@tcp(db:3306)/app"]), True),
        ("DATABASE_URL", "".join(["postgres://user:", "password", "@localhost/app"]), False),
        ("DATABASE_URL", "".join(["postgres://app:", "12345", "@db/app"]), True),
        ("ENDPOINT", "http://cache:6379/0@x", False),
        ("CONTACT", "mailto:ana@acme.example", False),
    ],
)
def test_name_and_value_decide_together(name: str, value: str, secret: bool) -> None:
    assert (detect(name, value) is not None) is secret


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        ("Server=db;User Id=app;Password=hunter2;", True),
        ("jdbc:mysql://db/app?user=app&password=hunter2", True),
        ("-Xmx1g -Djavax.net.ssl.trustStorePassword=hunter2", True),
        ("/bin/app --token hunter2 --verbose", True),
        ("Server=db;Password=${DB_PASSWORD};", False),
        ("jdbc:mysql://db/app?user=app&passwordCharacterEncoding=utf8", False),
        ("/bin/app --token-file /run/token --password-stdin", False),
        ('{"db": [{"name": "password", "value": "hunter2"}]}', True),
        ('{"db": [{"name": "password", "valueFrom": "hunter2"}]}', False),
        ('{"password": null, "token": true, "secret": 7}', False),
        ('{"password": ', False),
    ],
)
def test_secrets_within_a_longer_value(value: str, secret: bool) -> None:
    assert (detect("SETTINGS", value) is not None) is secret


def test_a_document_within_a_document_ends_somewhere() -> None:
    value = "hunter2"
    for _ in range(30):
        value = json.dumps({"password": value})[:200_000]
        if len(value) > 100_000:
            break
    detect("SETTINGS", "[" * 100_000)
    detect("SETTINGS", value)


# --- texts -----------------------------------------------------------------------------------------------------------------------------------

SCRIPT = """\
#!/bin/bash
export DB_HOST=db.internal
export DB_PASSWORD=hunter2
DB_TOKEN="$(aws ssm get-parameter --name /app/token)"
mysql --password=hunter2 -u root
mysql --password hunter2 -u root
curl -H "Authorization: Bearer $TOKEN" https://api.acme.example
PASSWORD=$1 run
password = os.environ["DB_PASSWORD"]
password = settings.db.password
token: string
# AWS_SECRET_ACCESS_KEY=hunter2hunter2
env:
  - name: API_TOKEN
    value: hunter2
  - name: STAGE
    value: prod
"""


def test_a_script_is_judged_line_by_line() -> None:
    assert [(found.line, found.name) for found in secrets_in(SCRIPT)] == [
        (3, "DB_PASSWORD"),
        (5, "password"),
        (6, "password"),
        (12, "AWS_SECRET_ACCESS_KEY"),
        (15, "API_TOKEN"),
    ]


def test_without_names_shapes_alone_count() -> None:
    text = SCRIPT + "x = gh" + "p_" + FILL[:36] + "\nurl: " + "".join(["redis://:", "s3cr3t", "@cache/0\n"])
    assert [(found.line, found.hit.ground) for found in secrets_in(text, names=False)] == [(18, "shape"), (19, "address")]


def test_a_document_tells_the_lines_of_its_secrets() -> None:
    text = json.dumps({"States": {"Call": {"Parameters": {"token": "hunter2", "url": "https://x", "password.$": "$.password"}}}}, indent=1)
    assert [(found.line, found.name) for found in secrets_in(text)] == [(5, "token")]


@pytest.mark.parametrize("comment", ["# pragma: allowlist secret", "# gitleaks:allow"])
def test_a_comment_allows_a_line_where_it_is_asked_for(comment: str) -> None:
    text = f"password = hunter2  {comment}"
    assert not list(secrets_in(text, allowed=True))
    assert list(secrets_in(text))


# --- user data -------------------------------------------------------------------------------------------------------------------------------


def encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def message(*parts: str) -> bytes:
    made = email.mime.multipart.MIMEMultipart()
    for part in parts:
        made.attach(email.mime.text.MIMEText(part, "x-shellscript"))
    return made.as_bytes()


@pytest.mark.parametrize(
    ("raw", "texts"),
    [
        (SCRIPT.encode(), [SCRIPT]),
        (gzip.compress(SCRIPT.encode()), [SCRIPT]),
        (message(SCRIPT, "echo"), [SCRIPT, "echo"]),
        (gzip.compress(message(SCRIPT)), [SCRIPT]),
        ("<powershell>\r\n".encode("utf-16"), ["<powershell>\r\n"]),
        ("caf\xe9".encode("latin-1"), ["caf\ufffd"]),
        (b"", [""]),
    ],
    ids=["plain", "gzip", "parts", "gzip of parts", "UTF-16", "latin-1", "empty"],
)
def test_user_data_is_unwrapped(raw: bytes, texts: list[str]) -> None:
    assert [text.replace("\r\n", "\n") for text in texts_of(encoded(raw))] == [text.replace("\r\n", "\n") for text in texts]


def wrapped(raw: bytes, times: int) -> bytes:
    for _ in range(times):
        raw = gzip.compress(raw)
    return raw


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ("not base64!", "not base64"),
        (encoded(b"\x1f\x8b broken"), "cannot be unpacked"),
        (encoded(gzip.compress(b"x" * 1000)[:-9]), "ends too soon"),
        (encoded(gzip.compress(b"\n" * (LARGEST + 1))), "more than 4 MB"),
        (encoded(wrapped(b"x", 9)), "again and again"),
        (encoded(b"\x7fELF\0\0"), "no text"),
    ],
    ids=["base64", "gzip", "short", "bomb", "deep", "binary"],
)
def test_user_data_that_cannot_be_read_is_not_judged(data: str, says: str) -> None:
    with pytest.raises(Undecided, match=says):
        texts_of(data)


# --- what is told ----------------------------------------------------------------------------------------------------------------------------


def search(names: tuple[str, ...] = (), values: tuple[str, ...] = ()) -> Search:
    return Search(HiddenGlobs(names, key="secrets.harmless_names"), HiddenGlobs(values, key="secrets.harmless_values"))


def test_names_lines_and_detectors_are_told_and_no_value() -> None:
    found = search().variables({"DB_PASSWORD": "hunter2", "STAGE": "prod"}, "container web") + search().text("a\ntoken=hunter2", "part 1")
    assert found.said == "container web: DB_PASSWORD (the name says so), part 1: line 2, token (the name says so)"
    assert "hunter2" not in repr(found)
    assert "hunter2" not in repr(list(secrets_in("token=hunter2")))


def test_a_name_that_is_itself_a_secret_is_not_told() -> None:
    name = "gh" + "p_" + FILL[:36]
    assert search().variable(f"{name}.password", "hunter2").said == "a name that looks like a secret (the name says so)"


def test_many_are_counted() -> None:
    found = search().variables({f"PASSWORD_{n}": "hunter2" for n in range(25)})
    assert found.said.count("PASSWORD_") == 20
    assert found.said.endswith(", and 5 more")


@pytest.mark.parametrize(
    ("names", "values", "declared"),
    [
        (("OTHER_*", "DB_*"), (), ("secrets.harmless_names", "entry 2")),
        ((), ("hunter?",), ("secrets.harmless_values", "entry 1")),
        (("db_*",), ("*3",), None),
    ],
)
def test_what_the_user_declares_harmless_is_let_through(names: tuple[str, ...], values: tuple[str, ...], declared: tuple[str, str] | None) -> None:
    found = search(names, values).variable("DB_PASSWORD", "hunter2")
    with recording() as used:
        assert found.declared == declared
    assert bool(found.suspects) is (declared is None)
    assert used.matched == ({declared} if declared else set())


def test_a_harmless_token_within_a_line_is_let_through() -> None:
    token = "gh" + "p_" + FILL[:36]
    assert search(values=("gh?_*",)).text(f"git clone https://{token}@github.com/acme/shop", names=False).suspects != ()
    assert search(values=("gh?_*",)).text(f"x {token} y", names=False).suspects == ()


def test_nothing_found_is_nothing() -> None:
    assert (Found() + Found()).declared is None
    assert Found().said == ""
    assert not Found().only_examples
