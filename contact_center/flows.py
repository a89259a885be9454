"""The flows in force, the older ones that open contacts still run on, and which flow answers what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr_flows import FlowSet
from ivr_flows.session import Session


@dataclass(frozen=True)
class Loaded:
    """A set of flows with what the engine room wants to know of it besides."""

    flows: FlowSet
    secret_names: frozenset[str]
    secret_nodes: frozenset[tuple[str, str]]
    bot_nodes: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, flows: FlowSet) -> Loaded:
        """Find the sensitive questions and the bot's nodes of a set."""
        names: set[str] = set()
        secret: set[tuple[str, str]] = set()
        bot: set[tuple[str, str]] = set()
        for flow_name, flow in flows.flows.items():
            for node_name, node in flow.nodes.items():
                if getattr(node, "sensitive", False):
                    names.add(getattr(node, "save_as", ""))
                    secret.add((flow_name, node_name))
                if node.kind == "ask_bot":
                    bot.add((flow_name, node_name))
        return cls(flows, frozenset(names - {""}), frozenset(secret), frozenset(bot))

    def secrets_of(self, session: Session) -> tuple[str, ...]:
        """The sensitive answers that ``session`` holds just now, longest first."""
        found: set[str] = set()
        if self.secret_names:
            variables = session.variables
            found = {str(variables[name]) for name in self.secret_names if variables.get(name)}
        if (session.flow, session.node) in self.secret_nodes:
            found |= {str(value) for value in session.local.values() if isinstance(value, str) and value}
        return tuple(sorted(found, key=len, reverse=True)) if found else ()


@dataclass
class FlowLibrary:
    """Finds flows by digest and by line.

    ``lines`` maps an address (a number or a channel's name) to the name of the flow that answers it.
    """

    current: Loaded
    lines: Mapping[str, str]
    default: str
    _older: dict[str, Loaded] = field(default_factory=dict)

    def line(self, channel: str, to_address: str) -> str:
        """The flow that answers ``to_address`` on ``channel``."""
        return self.lines.get(to_address) or self.lines.get(channel) or self.default

    def known(self, digest: str) -> Loaded | None:
        """The set with that digest, where it is in memory."""
        if digest == self.current.flows.digest:
            return self.current
        return self._older.get(digest)

    def learn(self, digest: str, sources: Mapping[str, str]) -> Loaded:
        """Keep an older set by its stored ``sources``."""
        loaded = Loaded.of(FlowSet.from_texts(sources))
        self._older[digest] = loaded
        return loaded

    def replace(self, flows: FlowSet) -> None:
        """New contacts run on ``flows`` from now on; open ones stay on theirs."""
        self._older[self.current.flows.digest] = self.current
        self.current = Loaded.of(flows)
