"""An instance's settings, folder and secrets: what the operator may decide, and what is refused with its cure."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from data.instance import (
    SECRETS,
    Kind,
    Login,
    adopt_demo_password,
    agreed_kind,
    demo_password,
    login_url,
    open_home,
    passwords_to_set,
)
from data.settings import Settings, settings
from rules.errors import SetupError

PUBLIC = {"PORTAL_HOST": "0.0.0.0", "PORTAL_DEMO": "0", "PORTAL_BASE_URL": "https://portal.example.com"}
THEIRS = "postgresql://admin:pw@db.example/portal"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch):
    """`environment(PORTAL_PORT="99")` → the settings of a shell that says this and nothing else about the portal."""
    for name in [name for name in os.environ if name.startswith("PORTAL_") or name == "DATABASE_URL"]:
        monkeypatch.delenv(name)

    def read(**variables: str) -> Settings:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        return settings()

    yield read
    settings.cache_clear()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


ISSUER = "https://login.example"
OIDC = {"PORTAL_OIDC_ISSUER": ISSUER, "PORTAL_OIDC_CLIENT_ID": "portal", "PORTAL_OIDC_CLIENT_SECRET": "geheim"}


@pytest.mark.parametrize(
    ("variables", "wrong", "cure"),
    [
        ({"PORTAL_HOST": "0.0.0.0"}, "demo people", "PORTAL_HOST=127.0.0.1, or PORTAL_DEMO=0"),
        ({"PORTAL_HOST": "::", "PORTAL_DEMO": "1"}, "demo people", "PORTAL_HOST=127.0.0.1"),
        ({"PORTAL_HOST": "portal.example.com"}, "demo people", "PORTAL_HOST=127.0.0.1"),
        ({"PORTAL_BASE_URL": "http://portal.example.com"}, "unencrypted", "use an https:// address"),
        ({**PUBLIC, "PORTAL_BASE_URL": "http://localhost:8501"}, "unencrypted", "use an https:// address"),
        ({**PUBLIC, "PORTAL_BASE_URL": ""}, "PORTAL_BASE_URL is needed", "https address"),
        ({"PORTAL_BASE_URL": "portal.example.com"}, "is not an address", "like https://portal.example.com"),
        ({"PORTAL_BASE_URL": "https://x.example/portal"}, "is not an address", "like https://portal.example.com"),
        ({"DATABASE_URL": "mysql://u:geheim@h/db"}, "DATABASE_URL: is not a PostgreSQL address", "postgresql://"),
        ({"DATABASE_URL": "postgresql://u:geheim@h:port/db"}, "not a PostgreSQL address", "postgresql://"),
        ({"DATABASE_URL": "postgresql://u:geheim@h"}, "not a PostgreSQL address", "/database"),
        ({"DATABASE_URL": THEIRS, "PORTAL_DEMO": "1"}, "exclude each other", "unset one"),
        ({"PORTAL_PORT": "tcp://10.0.0.1:8501"}, "PORTAL_PORT", "valid integer"),
        ({"PORTAL_SECRET": "geheim"}, "PORTAL_SECRET", "at least 32"),
        ({"PORTAL_SMTP_URL": "mail.example:25"}, "is not a mail server", "smtp://"),
        ({"PORTAL_OIDC_CLIENT_ID": "x"}, "go together", "set all or none"),
        ({"PORTAL_OIDC_ONLY": "1"}, "lock all staff out", "set both or none"),
        (OIDC | {"PORTAL_OIDC_ISSUER": "login.example"}, "PORTAL_OIDC_ISSUER", "like https://"),
        (OIDC | {"PORTAL_OIDC_ISSUER": "http://login.example"}, "unencrypted", "https://"),
        (OIDC | {"PORTAL_OIDC_ISSUER": f"{ISSUER}/.well-known/openid-configuration"}, "issuer alone", "leave"),
        (OIDC | {"PORTAL_OIDC_SCOPES": "email profile"}, "PORTAL_OIDC_SCOPES", '"openid email profile"'),
        (OIDC | {"PORTAL_OIDC_ROLE_CLAIM": "groups"}, "PORTAL_OIDC_ROLES", "set both, or none"),
        (OIDC | {"PORTAL_OIDC_ROLES": "staff=boss"}, "'staff=boss' means nothing", "manager, finance, desk, admin"),
        (OIDC | {"PORTAL_OIDC_ROLES": ";"}, "PORTAL_OIDC_ROLES", "VALUE=ROLE;VALUE=ROLE"),
        ({"PORTAL_TRUSTED_PROXIES": "proxy"}, "PORTAL_TRUSTED_PROXIES", "IPv4 or IPv6"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_one_line_with_its_cure(environment, variables, wrong, cure):
    with pytest.raises(SetupError) as refusal:
        environment(**variables)
    line = str(refusal.value)
    assert wrong in line
    assert cure in line
    assert "\n" not in line
    assert "geheim" not in line, "an error message is no place for a password"


def test_a_real_instance_may_listen_to_the_network_behind_https(environment):
    config = environment(**PUBLIC)
    assert (config.is_demo, config.cookie_name, config.cookie_secure) == (False, "__Host-portal_session", True)


def test_on_loopback_plain_http_works_and_the_cookie_says_so(environment):
    config = environment(PORTAL_HOST="::1", PORTAL_PORT="9001")
    assert config.base_url == "http://[::1]:9001"
    assert (config.cookie_name, config.cookie_secure) == ("portal_session", False)


def test_an_empty_variable_counts_as_not_set(environment):
    assert environment(DATABASE_URL="", PORTAL_DEMO="", PORTAL_BASE_URL="").is_demo


@pytest.mark.parametrize(
    ("variables", "marked", "kind"),
    [
        ({}, None, Kind.DEMO),
        ({"PORTAL_DEMO": "0"}, None, Kind.REAL),
        ({"DATABASE_URL": THEIRS}, None, Kind.REAL),
        ({}, "real", Kind.REAL),
        ({"PORTAL_DEMO": "0"}, "real", Kind.REAL),
        ({"PORTAL_DEMO": "1"}, "demo", Kind.DEMO),
    ],
)
def test_what_an_instance_is_was_settled_at_its_first_start(environment, variables, marked, kind):
    assert agreed_kind(environment(**variables), marked) is kind


@pytest.mark.parametrize(
    ("variables", "marked", "cure"),
    [
        ({"PORTAL_DEMO": "0"}, "demo", "its own PORTAL_HOME"),
        ({"PORTAL_DEMO": "1"}, "real", "its own PORTAL_HOME"),
        ({"DATABASE_URL": THEIRS}, "demo", "an empty database"),
    ],
)
def test_a_demo_never_becomes_real_nor_real_a_demo(environment, variables, marked, cure):
    with pytest.raises(SetupError, match=cure):
        agreed_kind(environment(**variables), marked)


def test_the_folder_and_the_secrets_are_for_our_eyes(tmp_path: Path):
    home = tmp_path / "new" / "instance"
    kept = open_home(home)
    assert (mode(home), mode(home / SECRETS)) == (0o700, 0o600)
    home.chmod(0o755)
    (home / SECRETS).chmod(0o644)
    assert open_home(home) == kept, "secrets are made once"
    assert not mode(home) & 0o067
    assert mode(home / SECRETS) == 0o600
    assert len({kept.portal_app, kept.portal_auth, kept.portal_jobs, kept.secret, kept.demo_password}) == 5
    assert kept.portal_app not in repr(kept)


def test_two_first_starts_at_once_agree_on_the_secrets(tmp_path: Path):
    found, together = [], threading.Barrier(8)

    def start() -> None:
        together.wait()
        found.append(open_home(tmp_path / "instance"))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [file.name for file in (tmp_path / "instance").iterdir()] == [SECRETS]


def test_a_folder_of_somebody_else_is_refused_and_left_alone(tmp_path: Path):
    theirs = tmp_path / "theirs"
    if os.geteuid() == 0:
        theirs.mkdir(mode=0o755)
        os.chown(theirs, 65534, 65534)
    else:
        theirs = Path("/usr")
    before = theirs.stat()
    with pytest.raises(SetupError, match=r"belongs to .* and you are .*: run the portal as .* PORTAL_HOME"):
        open_home(theirs)
    assert theirs.stat() == before
    assert not (theirs / SECRETS).exists()


def test_a_folder_with_other_things_in_it_is_not_closed_to_its_other_readers(tmp_path: Path):
    (tmp_path / "photo.jpg").touch()
    tmp_path.chmod(0o755)
    with pytest.raises(SetupError, match="holds other things already: choose an empty folder"):
        open_home(tmp_path)
    assert mode(tmp_path) == 0o755
    assert [file.name for file in tmp_path.iterdir()] == ["photo.jpg"]


def test_a_damaged_secrets_file_is_named_and_not_replaced(tmp_path: Path):
    home = tmp_path / "instance"
    open_home(home)
    (home / SECRETS).write_text('{"portal_app": "x')
    with pytest.raises(SetupError, match="secrets is damaged: bring it back from a backup"):
        open_home(home)
    assert (home / SECRETS).read_text() == '{"portal_app": "x'


def test_a_newer_portal_adds_the_secrets_it_misses_and_keeps_the_others(tmp_path: Path):
    home = tmp_path / "instance"
    open_home(home)
    (home / SECRETS).write_text('{"portal_app": "kept"}')
    first = open_home(home)
    assert first.portal_app == "kept"
    assert open_home(home) == first


def test_logins_connect_with_the_kept_password_unless_the_operator_gives_an_address(environment, tmp_path: Path):
    config = environment(
        PORTAL_HOME=str(tmp_path / "instance"),
        DATABASE_URL="postgres://admin:geheim@db.example:6432/portal?sslmode=require",
        PORTAL_JOBS_URL="postgresql://jobs:theirs@pool.example/portal",
    )
    kept = open_home(config.home)
    app = login_url(config, Login.APP)
    assert app == f"postgresql+psycopg://portal_app:{kept.portal_app}@db.example:6432/portal?sslmode=require"
    assert login_url(config, Login.JOBS) == "postgresql+psycopg://jobs:theirs@pool.example/portal"
    assert passwords_to_set(config) == {"portal_app": kept.portal_app, "portal_auth": kept.portal_auth}
    assert "geheim" not in repr(config)


def test_the_demo_password_is_settled_when_the_demo_people_are_made(environment, tmp_path: Path):
    home = str(tmp_path / "instance")
    config = environment(PORTAL_HOME=home, PORTAL_DEMO_PASSWORD="a-password-of-ours")
    assert demo_password(config) != "a-password-of-ours"
    adopt_demo_password(config)
    assert demo_password(config) == "a-password-of-ours"
    later = environment(PORTAL_HOME=home, PORTAL_DEMO_PASSWORD="an-afterthought")
    assert demo_password(later) == "a-password-of-ours", "what is printed must be what signs in"
