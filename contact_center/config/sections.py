"""Every key of config.yaml with its type and default. docs/configuration.md says what each means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from contact_center.config.base import (
    Count,
    Fault,
    Language,
    Name,
    Network,
    Port,
    Seconds,
    SecretUrl,
    Section,
    Texts,
    TimeZone,
    WebUrl,
    form,
)
from contact_center.config.desk import Desk
from contact_center.config.phone import Phone
from contact_center.config.webchat import Webchat

NOTHING = SecretStr("")

HostName = Annotated[str, form(r"[a-z0-9.-]+(:[0-9]+)?", "a host such as api.example.com or erp:8443")]


def _sid(prefix: str) -> AfterValidator:
    return form(rf"({prefix}[0-9a-fA-F]{{32}})?", f"{prefix} and 32 digits or letters a to f")


class Company(Section):
    """Who answers: names, languages, and where numbers and times without more are from."""

    name: Texts = Field(default={"en": "Example Company", "zh": "示例公司"})
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("en", "zh")
    default_language: Language = "en"
    region: Annotated[str, form(r"[A-Z]{2}", "a country such as CN or US")] = "CN"
    timezone: TimeZone = "Asia/Shanghai"
    facts: dict[Name, str] = Field(default={})

    def name_in(self, language: str) -> str:
        """The company's name in ``language``, else in the default language."""
        return self.name.get(language) or self.name.get(self.default_language) or self.name[""]

    def faults(self) -> Iterator[Fault]:
        listed = ", ".join(self.languages)
        if self.default_language not in self.languages:
            yield "default_language", f"'{self.default_language}' is not in languages ({listed})"
        elif "" not in self.name and self.default_language not in self.name:
            yield "name", f"the default language '{self.default_language}' has no name"
        for language in self.name:
            if language and language not in self.languages:
                yield "name", f"'{language}' is not in languages ({listed})"


class Server(Section):
    """Where the program listens and how the world reaches it."""

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Port = 8080
    public_url: WebUrl = ""
    trusted_proxies: tuple[Network, ...] = ()
    max_body_bytes: Annotated[int, Field(ge=65_536, le=104_857_600)] = 1_048_576
    shutdown_grace_seconds: Annotated[float, Field(ge=0, le=600)] = 10.0

    @property
    def own_url(self) -> str:
        """The URL that people and providers are told: the public one, else the local one."""
        return self.public_url or self.local_url

    @property
    def local_url(self) -> str:
        """The URL of this very process on its own machine."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104 compared
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


class StoreSection(Section):
    """The database."""

    url: SecretUrl = SecretUrl("sqlite:///var/contact_center.db")

    def faults(self) -> Iterator[Fault]:
        url = self.url.get_secret_value()
        if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            yield "url", "write sqlite:///FILE or postgresql://USER:${PASSWORD}@HOST/DATABASE"


class Live(Section):
    """What several processes share for the moment."""

    redis_url: SecretUrl = SecretUrl("")
    prefix: Annotated[str, form(r"[A-Za-z0-9_.:-]+", "letters, digits and _ . : -")] = "cc:"

    def faults(self) -> Iterator[Fault]:
        url = self.redis_url.get_secret_value()
        if url and not url.startswith(("redis://", "rediss://", "unix://")):
            yield "redis_url", "write redis://HOST:PORT/DATABASE, rediss:// or unix://"


class Flows(Section):
    """Which flows there are and which one answers."""

    folder: str = ""
    phone: Name = "front_door"
    text: Name = "front_door"
    console: Name = "front_door"
    numbers: dict[str, Name] = Field(default={"1002": "ticket_hotline"})

    @property
    def lines(self) -> dict[str, str]:
        """Which flow answers, by number of ours, else by channel."""
        text = dict.fromkeys(("sms", "whatsapp", "web"), self.text)
        return {"phone": self.phone, **text, "console": self.console, **self.numbers}


class RasaServer(Section):
    """A Rasa server that runs the bot's project; without ``url`` it is the one that `contact-center rasa`
    started on this machine."""

    url: WebUrl | Literal[""] = ""
    token: SecretStr = NOTHING
    callback_url: WebUrl | Literal[""] = ""
    timeout_seconds: Annotated[float, Field(gt=0, le=10)] = 4.0


class Bot(Section):
    """The chatbot."""

    project: str = ""
    runtime: Literal["embedded", "rasa"] = "embedded"
    encoder: Annotated[str, Field(min_length=1)] = "multilingual"
    reload_seconds: Annotated[float, Field(ge=0)] = 5.0
    rasa: RasaServer = RasaServer()

    def faults(self) -> Iterator[Fault]:
        if self.runtime == "rasa" and self.rasa.url and not self.rasa.token.get_secret_value():
            yield "rasa.token", "is needed with bot.rasa.url: the token that the server was started with"


class Twilio(Section):
    """The account with Twilio, for telephone, SMS and WhatsApp."""

    enabled: bool = False
    account_sid: Annotated[str, _sid("AC")] = ""
    auth_token: SecretStr = NOTHING
    extra_auth_tokens: tuple[SecretStr, ...] = ()
    api_key_sid: Annotated[str, _sid("SK")] = ""
    api_key_secret: SecretStr = NOTHING
    region: Annotated[str, form(r"([a-z]{2}[0-9])?", "a region such as us1, ie1 or au1")] = ""
    edges: tuple[Annotated[str, form(r"[a-z]+(-[a-z]+)*", "an edge such as dublin or singapore")], ...] = ()
    api_base_url: WebUrl = "https://api.twilio.com"
    timeout_seconds: Seconds = 10.0
    caller_id: str = ""
    messaging_sender: str = ""
    messaging_service_sid: Annotated[str, _sid("MG")] = ""
    voices: dict[Language, Annotated[str, Field(min_length=1)]] = Field(
        default={"en": "Polly.Joanna-Neural", "zh": "Polly.Zhiyu-Neural"}
    )
    emergency_number: str = ""
    record_calls: bool = False
    hold_music: WebUrl = ""
    wait_music: Annotated[
        str,
        form(r"(none|https?://[^/?#\s@]+(/[^?#\s]*)?)?", "none, or an http:// or https:// URL"),
    ] = ""

    def faults(self) -> Iterator[Fault]:
        if bool(self.api_key_sid) != bool(self.api_key_secret.get_secret_value()):
            missing = "api_key_secret" if self.api_key_sid else "api_key_sid"
            yield missing, "is needed too: an API key is its SID and its secret"
        if not self.enabled:
            return
        if not self.account_sid:
            yield "account_sid", "is needed while twilio.enabled is true; it begins with AC"
        if not self.auth_token.get_secret_value():
            yield (
                "auth_token",
                "is needed while twilio.enabled is true; set the environment "
                "variable TWILIO_AUTH_TOKEN and write auth_token: ${TWILIO_AUTH_TOKEN}",
            )

    @property
    def has_api_key(self) -> bool:
        """Whether there is a key that browsers' access is signed with."""
        return bool(self.api_key_sid and self.api_key_secret.get_secret_value())

    @property
    def auth_tokens(self) -> tuple[str, ...]:
        """Every token that a signature may be made with, the present one first."""
        tokens = (self.auth_token, *self.extra_auth_tokens)
        return tuple(token.get_secret_value() for token in tokens if token.get_secret_value())


class Routing(Section):
    """How work finds agents, beside what each queue says itself."""

    strategy: Annotated[tuple[str, ...], Field(min_length=1)] = ("longest_idle",)
    capacity: Annotated[
        tuple[dict[Literal["call", "chat", "text", "ticket"], Annotated[int, Field(ge=0, le=100)]], ...],
        Field(min_length=1),
    ] = Field(default=({"call": 1, "ticket": 1}, {"chat": 3, "text": 3, "ticket": 1}))
    lease_seconds: Annotated[float, Field(ge=2, le=60)] = 5.0
    poll_seconds: Annotated[float, Field(ge=1, le=300)] = 10.0
    desk_grace_seconds: Annotated[float, Field(ge=2, le=600)] = 20.0
    strand_seconds: Annotated[float, Field(ge=2, le=3600)] = 60.0
    connect_seconds: Annotated[float, Field(ge=5, le=120)] = 30.0

    @property
    def usual_capacity(self) -> tuple[dict[str, int], ...]:
        """What an agent may hold of whom nothing else is said."""
        return tuple({str(medium): most for medium, most in each.items()} for each in self.capacity)

    def faults(self) -> Iterator[Fault]:
        from contact_center.routing.policy import PolicyError, read_policy

        try:
            read_policy("routing", {"strategy": list(self.strategy)})
        except PolicyError as error:
            yield "strategy", str(error)


class SlaHours(Section):
    """Hours of the business calendar until a ticket is due, by severity."""

    low: Seconds = 72.0
    normal: Seconds = 24.0
    high: Seconds = 8.0
    urgent: Seconds = 2.0


class Tickets(Section):
    """How complaints are worked on."""

    sla_hours: SlaHours = SlaHours()
    calendar: Name = "always"
    queue: Name = "complaints"


class Log(Section):
    """What the program tells about itself."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class MetricsSection(Section):
    """Numbers for Prometheus at /metrics.

    With a ``token`` they are for whoever sends it. Without one they are for this machine, unless they are
    ``open`` to whoever reaches the port.
    """

    enabled: bool = True
    token: SecretStr = NOTHING
    open: bool = False

    def faults(self) -> Iterator[Fault]:
        token = self.token.get_secret_value()
        if token and not re.fullmatch(r"[!-~]{16,}", token):
            yield "token", "write at least 16 letters, digits or signs, without spaces"
        if token and self.open:
            yield "open", "with a token nobody else is let in; leave out one of the two"


class TracingSection(Section):
    """OpenTelemetry traces."""

    otlp_endpoint: WebUrl = ""
    sample_ratio: Annotated[float, Field(ge=0, le=1)] = 1.0


class Retention(Section):
    """How long things are kept that nobody reads any more."""

    deliveries_hours: Annotated[int, Field(ge=24)] = 72
    outbox_hours: Annotated[int, Field(ge=1)] = 168
    bot_reviews_days: Annotated[int, Field(ge=1)] = 90


class Limits(Section):
    """How much of anything."""

    requests_per_minute: Count = 600
    sweep_seconds: Seconds = 60.0
    silent_call_seconds: Annotated[float, Field(ge=60)] = 1_800.0
    connected_seconds: Annotated[float, Field(ge=60)] = 14_400.0
    effect_seconds: Annotated[float, Field(gt=0, le=10)] = 6.0


class SignIn(Section):
    """Signing in to the desk."""

    session_hours: Annotated[float, Field(gt=0, le=720)] = 12.0
    idle_minutes: Annotated[float, Field(ge=5)] = 120.0


class Outbox(Section):
    """How what goes out is tried again."""

    attempts: Count = 8
    backoff_seconds: Seconds = 5.0
    longest_backoff_seconds: Seconds = 3600.0

    def faults(self) -> Iterator[Fault]:
        if self.longest_backoff_seconds < self.backoff_seconds:
            yield "longest_backoff_seconds", f"must be {self.backoff_seconds:g} or more, as backoff"


class HttpRequests(Section):
    """What a flow's ``request`` node may reach."""

    allow_hosts: tuple[HostName, ...] = ()
    allow_private_addresses: bool = False


class Demo(Section):
    """Demo data."""

    seed: bool = True


ChannelName = Literal["twilio_voice", "twilio_messaging", "webchat", "console"]


class Config(Section):
    """The whole configuration: what `contact_center.config.load` answers."""

    company: Company = Company()
    server: Server = Server()
    store: StoreSection = StoreSection()
    live: Live = Live()
    channels: tuple[ChannelName, ...] = ("twilio_voice", "twilio_messaging", "webchat", "console")
    flows: Flows = Flows()
    bot: Bot = Bot()
    twilio: Twilio = Twilio()
    phone: Phone = Phone()
    routing: Routing = Routing()
    tickets: Tickets = Tickets()
    log: Log = Log()
    metrics: MetricsSection = MetricsSection()
    tracing: TracingSection = TracingSection()
    retention: Retention = Retention()
    limits: Limits = Limits()
    webchat: Webchat = Webchat()
    desk: Desk = Desk()
    sign_in: SignIn = SignIn()
    outbox: Outbox = Outbox()
    http_requests: HttpRequests = HttpRequests()
    demo: Demo = Demo()

    @property
    def active_channels(self) -> tuple[str, ...]:
        """The channels to serve: those listed, without Twilio's while it is not enabled."""
        return tuple(name for name in self.channels if self.twilio.enabled or not name.startswith("twilio_"))

    @property
    def record_calls(self) -> bool:
        """Whether every conversation with an agent is recorded, whoever carries it."""
        return self.twilio.record_calls or (self.phone.record and not self.twilio.enabled)

    def resolved(self, folder: Path) -> Config:
        """The same with relative paths (database file, flows, bot project) taken from ``folder``."""
        url = self.store.url.get_secret_value()
        scheme = "sqlite:///"
        if url.startswith(scheme) and not url.startswith(f"{scheme}/") and ":memory:" not in url:
            url = f"{scheme}{folder / url.removeprefix(scheme)}"
        return self.model_copy(
            update={
                "store": self.store.model_copy(update={"url": SecretUrl(url)}),
                "flows": self.flows.model_copy(update={"folder": _beside(folder, self.flows.folder)}),
                "bot": self.bot.model_copy(update=_bot_paths(folder, self.bot)),
            }
        )


def _bot_paths(folder: Path, bot: Bot) -> dict[str, str]:
    """The project's folder, and the encoder's where it is a path."""
    encoder = "+".join(_beside(folder, one) if "/" in one else one for one in bot.encoder.split("+"))
    return {"project": _beside(folder, bot.project), "encoder": encoder}


def _beside(folder: Path, path: str) -> str:
    return str(folder / path) if path else ""
