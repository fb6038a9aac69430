"""What all the worlds of a server have in common: settings, contracts, parties, places of chaos."""

from collections.abc import Callable, Mapping, Sequence

from simulator import __version__
from simulator.adapters.inprocess import App
from simulator.adapters.sleeper import Sleeper
from simulator.base.clock import WorldClock
from simulator.base.errors import StoreBroken
from simulator.chaos.fault import Place
from simulator.server import platform_keys
from simulator.server.journal import Room
from simulator.server.jwks import Jwks
from simulator.server.kind import PartyKind
from simulator.settings import Settings, Target, unknown
from simulator.store.sqlite import CopyOnWrite, Database
from simulator.stores import Stores, take_up
from simulator.wire.contract import Contract
from simulator.wire.topics import TOPICS


class Frame:
    """What all the worlds of a server have in common. Raises ConfigError for a target that is no
    party."""

    def __init__(
        self,
        settings: Settings,
        contracts: Mapping[str, Contract],
        kinds: Sequence[PartyKind],
        sleep: Sleeper | None,
        broken: Callable[[StoreBroken], None],
    ) -> None:
        self.settings = settings
        self.contracts = contracts
        self.kinds = kinds
        self.sleep = sleep
        self.app: App | None = None
        self.room = Room()
        self.platform_keys = platform_keys.read(settings.platform_keys)
        own = [contracts[name] for kind in kinds for name in kind.contracts]
        operations = [one for contract in own for one in contract.operations.values()]
        self.scopes = frozenset(one.scope for one in operations if one.scope is not None)
        wallet = settings.targets.get("wallet")
        self.jwks = None if wallet is None else Jwks(wallet.url)
        """Where another system is the platform, the keys of its players' tokens."""
        self.places = _places(kinds, contracts, settings.targets)
        self._broken = broken
        for name in settings.targets:
            if name not in (names := [kind.name for kind in kinds]):
                raise unknown("--target", name, names, "which are the parties of a world")

    def take_up(self, databases: Mapping[str, Database], clock: WorldClock) -> Stores:
        """Stores of their own that go on from these, which stay as they are."""
        kinds = {kind.name: kind for kind in self.kinds}
        copies = {name: CopyOnWrite(one, kinds[name].rows) for name, one in databases.items()}
        return take_up(self.kinds, copies, clock, self._broken)


def configuration(settings: Settings, clock: str) -> dict[str, str]:
    """What a start may change in how a world decides: facts, so that a change of it is audited."""
    return {
        "playmoney": __version__,
        "setting.clock": clock,
        "setting.profile": settings.profile,
        "setting.rate_limit_per_s": str(settings.rate_limit_per_s),
        "setting.strict": str(settings.strict),
        "setting.token_ttl_s": str(settings.token_ttl_s),
    }


def _places(
    kinds: Sequence[PartyKind], contracts: Mapping[str, Contract], targets: Mapping[str, Target]
) -> list[Place]:
    """Where chaos may strike: each operation at our doors, and on our way to each target."""
    return [
        Place(side, kind.name, operation.operation_id, operation.writes, operation.secured)
        for kind in kinds
        for name in kind.contracts
        for operation in contracts[name].operations.values()
        if not operation.streams
        for side in (("incoming", "outgoing") if kind.name in targets else ("incoming",))
    ] + [Place("delivery", "event", topic, writes=True) for topic in TOPICS]
