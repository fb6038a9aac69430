"""The provider states of the pacts, made in a sandbox: by its control API and by calls of a studio.

docs/pact.md has the same table for providers that are yours.
"""

import base64
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from simulator.pytest_plugin import Answer, ControlError, Sandbox

Values = dict[str, Any]


class States:
    """Each state by its name, and what it tells the requests: `${session_id}`, `${token}`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.names: Mapping[str, Callable[[Mapping[str, str]], Values]] = {
            "nothing": lambda _: {},
            "a client": self._client,
            "a player": self._player,
            "an open session": self._session,
            "an open session with reality checks": self._checked,
            "an open session of a self-excluded player": self._excluded,
            "an ended session": self._ended,
            "an open round": self._round,
            "a held bet": self._held,
            "a settled bet": self._settled,
            "a bet that was taken back": self._taken_back,
            "an active bonus": self._bonus,
        }

    def set_up(self, name: str, params: Mapping[str, str]) -> Values:
        """Bring it about. Raises KeyError for one that there is not."""
        return self.names[name](params)

    def event(self, event_type: str, player_id: str) -> dict[str, Any]:
        """The event that a state has brought about."""
        return self._sandbox.events.list(event_type, player_id=player_id)[-1]

    def _client(self, _: Mapping[str, str]) -> Values:
        client = self._sandbox.credentials
        pair = f"{client.client_id}:{client.client_secret}".encode()
        return {"token": client.token(), "basic": base64.b64encode(pair).decode()}

    def _player(self, params: Mapping[str, str]) -> Values:
        try:
            self._sandbox.players.create(100, player_id=params["player_id"], country="DE")
        except ControlError as refused:
            if refused.code != "DUPLICATE":
                raise
        return {}

    def _session(self, params: Mapping[str, str], **more: Any) -> Values:
        self._player(params)
        body = {
            "player_id": params["player_id"],
            "game_id": "studio:slot_forge_02",
            "currency": "EUR",
            "locale": "de-DE",
            **more,
        }
        return {"session_id": self._call("/v1/sessions", body)["session_id"]}

    def _checked(self, params: Mapping[str, str]) -> Values:
        return self._session(params, constraints={"rg_flags": {"reality_check_min": 30}})

    def _excluded(self, params: Mapping[str, str]) -> Values:
        values = self._session(params)
        self._sandbox.players.change(params["player_id"], self_excluded=True)
        return values

    def _ended(self, params: Mapping[str, str]) -> Values:
        values = self._session(params)
        self._call(f"/v1/sessions/{values['session_id']}/end")
        return values

    def _round(self, params: Mapping[str, str]) -> Values:
        values = self._session(params)
        self._call("/v1/rounds", {"round_id": params["round_id"], **values})
        return values

    def _held(self, params: Mapping[str, str]) -> Values:
        values = self._session(params)
        bet = {"bet_id": params["bet_id"], "round_id": params["round_id"]}
        self._call("/v1/bets/authorize", {**values, **bet, "amount": _eur("2.00")})
        return values

    def _settled(self, params: Mapping[str, str]) -> Values:
        values = self._held(params)
        bet = {"bet_id": params["bet_id"], "round_id": params["round_id"]}
        self._call("/v1/bets/settle", {**bet, "win": _eur("5.00")})
        return values

    def _taken_back(self, params: Mapping[str, str]) -> Values:
        values = self._held(params)
        bet = {"bet_id": params["bet_id"], "round_id": params["round_id"]}
        self._call("/v1/bets/rollback", bet)
        return values

    def _bonus(self, params: Mapping[str, str]) -> Values:
        self._player(params)
        self._call("/v1/bonuses", {**params, "amount": _eur("10.00"), "wager_multiplier": 3})
        return {}

    def _call(self, path: str, body: Any = None) -> Any:
        key = f"state-{self._sandbox.journal.count()}"
        answer: Answer = self._sandbox.call("POST", path, body, key=key)
        if answer.status >= 300:
            raise RuntimeError(f"the state needs {path}: {answer.status} {answer.body!r}")
        return answer.json


def _eur(amount: str) -> dict[str, Any]:
    return {"amount": Decimal(amount), "currency": "EUR"}
