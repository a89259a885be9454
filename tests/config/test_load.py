"""config.yaml in, a Config or every problem out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contact_center.config import Config, ConfigError, load
from contact_center.config.keys import keys

SID = "AC" + "0" * 32


def loaded(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> Config:
    file = folder / "config.yaml"
    file.write_text(text, encoding="utf-8")
    return load(file, environ or {})


def problems(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text, environ)
    return str(caught.value).splitlines()


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "server:\n", "server:\n  port:\n", "~"])
def test_nothing_written_is_all_defaults(tmp_path: Path, text: str) -> None:
    assert loaded(tmp_path, text) == load(tmp_path / "missing.yaml", {})


def test_without_a_file_the_environment_still_counts() -> None:
    assert load(None, {"CC_SERVER__PORT": "9000"}).server.port == 9000


def test_what_is_written_wins_over_the_default_and_the_environment_over_it(tmp_path: Path) -> None:
    text = "server: {port: 9000, host: 0.0.0.0}"
    config = loaded(tmp_path, text, {"CC_SERVER__PORT": "9001", "CC_LOG__FORMAT": "json"})
    assert (config.server.host, config.server.port, config.log.format) == ("0.0.0.0", 9001, "json")


def test_overrides_reach_lists_mappings_and_nested_keys(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        "flows: {numbers: {'1': one}}\nserver: {trusted_proxies: [10.0.0.1, 10.0.0.2]}",
        {
            "CC_CHANNELS": "console, twilio_voice",
            "CC_FLOWS__NUMBERS__1003": "third",
            "CC_TICKETS__SLA_HOURS__HIGH": "4.5",
            "CC_COMPANY__NAME": "{en: Acme, zh: 艾克米}",
            "CC_SERVER__TRUSTED_PROXIES": "[10.1.0.0/16]",
        },
    )
    assert config.channels == ("console", "twilio_voice")
    assert config.flows.numbers == {"1": "one", "1003": "third"}
    assert config.tickets.sla_hours.high == 4.5
    assert config.company.name_in("zh") == "艾克米"
    assert config.server.trusted_proxies == ("10.1.0.0/16",)


def test_texts_stay_as_typed(tmp_path: Path) -> None:
    config = loaded(tmp_path, 'twilio: {caller_id: +15550100, emergency_number: 0123}\ncompany: {name: "on"}')
    assert config.twilio.caller_id == "+15550100"
    assert config.twilio.emergency_number == "0123"
    assert config.company.name_in("zh") == "on"


def test_relative_paths_are_taken_from_the_files_folder(tmp_path: Path) -> None:
    config = loaded(tmp_path, "flows: {folder: mine}\nbot: {project: /srv/bot}")
    assert config.store.url.get_secret_value() == f"sqlite:///{tmp_path}/var/contact_center.db"
    assert config.flows.folder == f"{tmp_path}/mine"
    assert config.bot.project == "/srv/bot"


@pytest.mark.parametrize("url", ["sqlite:////srv/cc.db", "sqlite:///:memory:", "postgresql://h/db"])
def test_other_urls_stay_as_they_are(tmp_path: Path, url: str) -> None:
    assert loaded(tmp_path, f"store: {{url: '{url}'}}").store.url.get_secret_value() == url


def test_an_unknown_key_says_where_and_what_was_meant(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, "# first\nserver:\n  host: h\n  prot: 1\n")
    assert line.startswith(
        "config.yaml line 4: server.prot: there is no such key; did you mean 'port'? allowed: host, port, "
    )


def test_an_unknown_section_says_what_there_is(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, "\nservr:\n  port: 1\n")
    assert line.startswith("config.yaml line 2: servr: there is no such key; did you mean 'server'?")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("server: {port: many}", "server.port: 'many' is not a whole number"),
        (
            "desk: {names: {'order {}': {en: 'order {}', zh: 订单}}}",
            "desk.names: 'order {}' needs as many {} in each of its texts as in itself",
        ),
        (
            "desk: {names: {sales: {zh: '{} 销售'}}}",
            "desk.names: 'sales' needs as many {} in each of its texts as in itself",
        ),
        ("server: {port: 0}", "server.port: '0' is not allowed; write 1 or more"),
        ("server: {port: 65536}", "server.port: '65536' is not allowed; write 65535 or less"),
        ("server: {port: [1]}", "server.port: a list is not a whole number"),
        ("server: 8080", "server: '8080' is not a mapping"),
        ("server: {host: {a: b}}", "server.host: a mapping is not a text"),
        ("twilio: {enabled: perhaps}", "twilio.enabled: 'perhaps' is not true or false"),
        ("channels: console", "channels: 'console' is not a list"),
        (
            "channels: [consol]",
            "channels.0: 'consol' is not allowed; did you mean 'console'? "
            "allowed: twilio_voice, twilio_messaging, webchat, console",
        ),
        ("log: {level: loud}", "log.level: 'loud' is not allowed; allowed: debug, info, warning, error"),
        (
            "company: {region: cn}",
            "company.region: 'cn' is not allowed; write a country such as CN or US",
        ),
        (
            "twilio: {wait_music: silence}",
            "twilio.wait_music: 'silence' is not allowed; write none, or an http:// or https:// URL",
        ),
        (
            "company: {timezone: Europe}",
            "company.timezone: 'Europe' is not allowed; write a time zone such as Europe/Berlin",
        ),
        (
            "company: {default_language: fr}",
            "company.default_language: 'fr' is not in languages (en, zh)",
        ),
        (
            "server: {public_url: 'ftp://x'}",
            "server.public_url: 'ftp://x' is not allowed; write http:// or https://, a host and "
            "perhaps a path; no user, no query",
        ),
        (
            "store: {url: mysql://h/d}",
            "store.url: write sqlite:///FILE or postgresql://USER:${PASSWORD}@HOST/DATABASE",
        ),
        ("limits: {sweep_seconds: .inf}", "limits.sweep_seconds: '.inf' is not a number"),
        ("limits: {sweep_seconds: inf}", "limits.sweep_seconds: 'inf' is not allowed; write a finite number"),
        (
            "flows: {phone: Front}",
            "flows.phone: 'Front' is not allowed; write a name of small letters, digits and _",
        ),
    ],
)
def test_a_wrong_value_says_what_was_found_and_what_is_allowed(
    tmp_path: Path, text: str, expected: str
) -> None:
    assert problems(tmp_path, text) == [f"config.yaml line 1: {expected}"]


def test_all_problems_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = "server:\n  prot: 1\n  host: []\nlog:\n  level: x\noutbox: {attempts: 0}\n"
    found = problems(tmp_path, text, {"CC_SERVER__PORT": "x", "CC_SERVER__HSOT": "h"})
    places = [line.split(": ")[:2] for line in found]
    assert places == [
        ["environment variable CC_SERVER__HSOT", "server.hsot"],
        ["environment variable CC_SERVER__PORT", "server.port"],
        ["config.yaml line 2", "server.prot"],
        ["config.yaml line 3", "server.host"],
        ["config.yaml line 5", "log.level"],
        ["config.yaml line 6", "outbox.attempts"],
    ]


def test_other_variables_that_begin_with_cc_are_none_of_ours() -> None:
    assert load(None, {"CC_TEST_POSTGRES_URL": "x", "CC": "gcc", "CC_COMPANY": "x"}) == load(None, {})


def test_a_key_given_twice(tmp_path: Path) -> None:
    found = problems(tmp_path, "server: {port: 1}\nlog: {}\nserver: {port: 2}")
    assert found == ["config.yaml line 1: server: is given again in line 3; keep one of them"]


def test_not_yaml(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, "server:\n  port: 1\n bad")
    assert line.startswith("config.yaml line 3: ")


def test_not_utf8_and_not_a_file(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_bytes(b"company: {name: \xff}")
    with pytest.raises(ConfigError, match=r"config\.yaml: is not UTF-8 text; save it as UTF-8"):
        load(file, {})
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path, {})


# --- secrets and references -----------------------------------------------------------------------


def test_references_are_replaced(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        "company: {name: '${NAME:-Acme} of ${PLACE}'}\nserver: {port: '${PORT:-9000}'}\n"
        "store: {url: 'postgresql://${USER:-cc}:${PASSWORD}@db/cc'}\ntwilio: {auth_token: '${TOKEN}'}",
        {"PLACE": "Ghent", "NAME": "", "PASSWORD": "hunter2", "TOKEN": "t0ken"},
    )
    assert config.company.name_in("en") == "Acme of Ghent"
    assert config.server.port == 9000
    assert config.store.url.get_secret_value() == "postgresql://cc:hunter2@db/cc"
    assert config.twilio.auth_token.get_secret_value() == "t0ken"


def test_no_secret_is_ever_printed(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        "twilio: {enabled: true, account_sid: '${S}', auth_token: '${T}', extra_auth_tokens: ['${T}']}\n"
        "store: {url: 'postgresql://cc:${T}@db/cc?password=${T}'}\n"
        "live: {redis_url: 'redis://:${T}@h/0'}",
        {"S": SID, "T": "hunter2"},
    )
    assert config.twilio.auth_tokens == ("hunter2", "hunter2")
    for shown in (repr(config), str(config), str(config.model_dump()), config.model_dump_json()):
        assert "hunter2" not in shown
    assert str(config.store.url) == "postgresql://cc:***@db/cc?password=***"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("twilio: {auth_token: hunter2}", "twilio.auth_token"),
        ("twilio: {auth_token: 'x${T}'}", "twilio.auth_token"),
        ("twilio: {auth_token: '${T:-hunter2}'}", "twilio.auth_token"),
        ("twilio: {extra_auth_tokens: ['${T}', hunter2]}", "twilio.extra_auth_tokens.1"),
        ("store: {url: 'postgresql://cc:hunter2@db/cc'}", "store.url"),
        ("store: {url: 'postgresql://cc:hunter2@${T}/cc'}", "store.url"),
        ("store: {url: 'postgresql://db/cc?password=hunter2'}", "store.url"),
        ("live: {redis_url: 'redis://:${T:-hunter2}@h/0'}", "live.redis_url"),
    ],
)
def test_a_secret_written_down_is_refused_and_not_shown(tmp_path: Path, text: str, path: str) -> None:
    (line,) = problems(tmp_path, text, {"T": "t"})
    assert line.startswith(f"config.yaml line 1: {path}: ")
    assert "environment variable" in line
    assert "hunter2" not in line


def test_a_wrong_secret_is_not_shown(tmp_path: Path) -> None:
    found = problems(tmp_path, "live: {redis_url: {a: hunter2}}\ntwilio: {auth_token: [hunter2]}")
    assert [line.split(": ")[1] for line in found] == ["live.redis_url", "twilio.auth_token.0"]
    assert "hunter2" not in "".join(found)


def test_a_secret_may_come_from_an_override(tmp_path: Path) -> None:
    config = loaded(tmp_path, "", {"CC_TWILIO__AUTH_TOKEN": "t0ken"})
    assert config.twilio.auth_token.get_secret_value() == "t0ken"


def test_an_unset_variable_is_named(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, "live:\n  redis_url: ${REDIS}")
    assert line == (
        "config.yaml line 2: live.redis_url: the environment variable REDIS is not set; "
        "set it, or write ${REDIS:-} where it may be missing"
    )


TWILIO = "twilio:\n  account_sid: ${SID}\n  auth_token: ${TOKEN}\n"


def test_an_unset_variable_matters_only_in_what_is_enabled(tmp_path: Path) -> None:
    assert loaded(tmp_path, TWILIO).twilio.account_sid == ""
    for text, environ in (
        (TWILIO + "  enabled: true\n", {}),
        (TWILIO, {"CC_TWILIO__ENABLED": "true"}),
        (TWILIO + "  enabled: no\n", {"CC_TWILIO__ENABLED": "on"}),
    ):
        found = problems(tmp_path, text, environ)
        assert [line.split(" is not set")[0] for line in found] == [
            "config.yaml line 2: twilio.account_sid: the environment variable SID",
            "config.yaml line 3: twilio.auth_token: the environment variable TOKEN",
        ]
    off = loaded(tmp_path, TWILIO + "  enabled: true\n", {"CC_TWILIO__ENABLED": "false"})
    assert off.twilio.enabled is False


def test_twilio_needs_its_credentials_once_it_is_enabled(tmp_path: Path) -> None:
    found = problems(tmp_path, "twilio: {enabled: true}")
    assert [line.split(" is needed")[0] for line in found] == [
        "config.yaml line 1: twilio.account_sid:",
        "config.yaml line 1: twilio.auth_token:",
    ]
    assert "TWILIO_AUTH_TOKEN" in found[1]


# --- what the rest asks ---------------------------------------------------------------------------


def test_channels_of_twilio_are_served_only_with_twilio(tmp_path: Path) -> None:
    assert loaded(tmp_path, "").active_channels == ("webchat", "console")
    enabled = f"twilio: {{enabled: true, account_sid: {SID}, auth_token: '${{T}}'}}"
    config = loaded(tmp_path, enabled, {"T": "t"})
    assert config.active_channels == ("twilio_voice", "twilio_messaging", "webchat", "console")


def test_numbers_of_ours_have_flows_of_their_own(tmp_path: Path) -> None:
    flows = loaded(tmp_path, "flows: {phone: calls, numbers: {+8610: hotline}}").flows
    assert flows.lines == {
        "phone": "calls",
        "sms": "front_door",
        "whatsapp": "front_door",
        "web": "front_door",
        "console": "front_door",
        "+8610": "hotline",
    }


@pytest.mark.parametrize(
    ("server", "url"),
    [
        ("", "http://127.0.0.1:8080"),
        ("host: 0.0.0.0, port: 81", "http://127.0.0.1:81"),
        ("host: '::1'", "http://[::1]:8080"),
        ("public_url: 'https://a.example/cc/'", "https://a.example/cc"),
    ],
)
def test_the_url_that_people_and_providers_are_told(tmp_path: Path, server: str, url: str) -> None:
    assert loaded(tmp_path, f"server: {{{server}}}").server.own_url == url


# --- whatever is written ----------------------------------------------------------------------------

_paths = st.sampled_from([key.path for key in keys().values()])
_scalars = st.one_of(
    st.text(max_size=8), st.integers(-3, 70000), st.booleans(), st.none(),
    st.sampled_from(["${X}", "${Y:-1}", "en", "redis://:p@h", "https://h"]),
)  # fmt: skip
_values = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.lists(st.tuples(_paths, _values), max_size=4), st.dictionaries(_paths, st.text(max_size=6), max_size=2)
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_values_are_a_config_or_problems(
    tmp_path: Path, written: list[tuple[tuple[str, ...], object]], overrides: dict[tuple[str, ...], str]
) -> None:
    tree: dict[str, object] = {}
    for path, value in written:
        if len(path) == 1:
            tree[path[0]] = value
        else:
            section = tree.setdefault(path[0], {})
            if isinstance(section, dict):
                section[path[1]] = value
    environ = {"CC_" + "__".join(path).upper(): text for path, text in overrides.items()}
    text = yaml.safe_dump(tree, allow_unicode=True)
    try:
        config = loaded(tmp_path, text, environ)
    except ConfigError as error:
        told = str(error)
    else:
        told = repr(config)
    assert told
