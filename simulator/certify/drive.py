"""What every check has at hand: calls with evidence, names, and the words of a verdict.

`given` is for what a check begins with: where that fails, the check is INCONCLUSIVE, for another
one judges it. `require`, `accepted`, `refused` judge: where they fail, the check fails.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from simulator.certify.check import Broken, Check, Need, Unclear, lacking
from simulator.certify.credentials import Credentials, NoEntry, with_headers
from simulator.certify.exchange import PLAIN, Answer, Ask, Exchange, Manner, Reply
from simulator.certify.names import Names
from simulator.certify.reading import Dialect, NotJson, code_of, dialect, parse
from simulator.certify.target import HookFailed, Sender, Target

PATIENCE = 8
"""How often a call is repeated with its key when it is asked to be: 425, 429, 503."""

PAGES = 200
"""Pages of a list that are read before a check gives up."""

LONGEST_WAIT_S = 5
"""A target that asks to wait for longer is not waited for."""

KEEP = 80
"""Exchanges that are kept as evidence for one check; of more, the first and last halves."""

_encoder = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class Done:
    """A call that was made: what was asked (before it was proven), and how it ended."""

    ask: Ask
    reply: Reply
    dialect: Dialect

    @property
    def lost(self) -> bool:
        """No whole answer came: what it did is unknown."""
        return not isinstance(self.reply, Answer)

    @property
    def status(self) -> int:
        """Of the answer; 0 without one."""
        return self.reply.status if isinstance(self.reply, Answer) else 0

    @property
    def code(self) -> str | None:
        """Our code of a refusal, `""` for an unnamed one; None for none, or without an answer."""
        return code_of(self.reply, self.dialect) if isinstance(self.reply, Answer) else None

    @property
    def ok(self) -> bool:
        """Whether it was accepted."""
        return 200 <= self.status < 300 and self.code is None

    @property
    def body(self) -> Any:
        """The JSON of the answer; None where there is none."""
        try:
            return parse(self.reply.body) if isinstance(self.reply, Answer) else None
        except NotJson:
            return None

    @property
    def raw(self) -> bytes:
        """The bytes of the answer."""
        return self.reply.body if isinstance(self.reply, Answer) else b""

    def header(self, name: str) -> str | None:
        """Of the answer, by its name in lower case."""
        return self.reply.headers.get(name) if isinstance(self.reply, Answer) else None

    def at(self, path: str) -> Any:
        """A part of the JSON, such as `balance.available`; None where it is not."""
        found = self.body
        for name in path.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

    def __str__(self) -> str:
        what = f"{self.ask.method} {self.ask.path}"
        if not isinstance(self.reply, Answer):
            return f"{what} got no answer: {self.reply.why}"
        said = self.reply.body[:200].decode("utf-8", "replace")
        return f"{what} was answered {self.reply.status} {said}"


class Drive:
    """One check's hold on the target."""

    def __init__(self, target: Target, check: Check, credentials: Credentials) -> None:
        self.target = target
        self.check = check
        self.profile = target.profile
        self.config = target.config
        self.dialect = dialect(target.config.answers, target.profile.error_body)
        self.names = Names(target.seed, target.run, check.id)
        self.exchanges: list[Exchange] = []
        self.judged = 0
        """How much was judged; a check that judged nothing has not passed."""
        self.scenario = ""
        """What failed, to be played again by `playmoney run`; empty where there is none."""
        self._credentials = credentials

    # --- Calls ------------------------------------------------------------------------------------

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Ask:
        """A request, not yet proven. A body is JSON, or bytes as they are; a write without a `key`
        gets one of its own, `""` sends none."""
        raw = (
            body if isinstance(body, bytes) else _encoder.encode(body) if body is not None else b""
        )
        sent = {"Accept": "application/json", "X-Trace-Id": self.names.new("tr")}
        sent |= self.config.headers
        if raw or method == "POST":
            sent["Content-Type"] = "application/json"
        if method != "GET" and key != "":
            sent["X-Idempotency-Key"] = key or self.names.new("k")
        return Ask(method, path, {**sent, **(headers or {})}, raw)

    async def send(
        self,
        ask: Ask,
        *,
        patient: bool = True,
        manner: Manner = PLAIN,
        credentials: Credentials | None = None,
    ) -> Done:
        """Prove and send a request. A patient one is repeated, with its key, while it is asked to
        wait, and once with fresh proof after a 401. Raises Unclear where there is no way in."""
        waited = 0
        while True:
            done = await self._once(ask, manner, credentials or self._credentials)
            wait_s = self._wait_s(done, waited) if patient and not done.lost else None
            if wait_s is None:
                return done
            waited += 1
            await asyncio.sleep(wait_s)

    async def again(self, done: Done, **how: Any) -> Done:
        """The same request once more: same key, same body; fresh proof, and a trace of its own,
        which is no part of what the first answer is found by (PRV-30)."""
        trace = {"X-Trace-Id": self.names.new("tr")}
        return await self.send(with_headers(done.ask, trace), **how)

    async def known(self, done: Done) -> Done:
        """The answer of a call whose outcome is unknown, asked for by its key (WAL-72)."""
        for _ in range(3):
            if not done.lost and done.status < 500:
                return done
            done = await self.again(done)
        if done.lost or done.status >= 500:
            raise Unclear(f"its outcome stayed unknown: {done}")
        return done

    async def together(self, asks: Sequence[Ask]) -> list[Done]:
        """All at the same moment; in order. What is asked to wait is repeated afterwards."""
        proven = [await self._proven(ask, self._credentials) for ask in asks]
        replies = await self.target.wire.together(proven)
        found = []
        for ask, sent, reply in zip(asks, proven, replies, strict=True):
            self._keep(Exchange(sent, reply))
            done = Done(ask, reply, self.dialect)
            found.append(done)
        return [
            await self.again(done) if done.status in (425, 429, 503) else done for done in found
        ]

    async def pages(self, path: str, **query: str) -> list[Mapping[str, Any]]:
        """Everything a list has, page by page. Raises Unclear where it does not end."""
        found: list[Mapping[str, Any]] = []
        cursor = ""
        for _ in range(PAGES):
            more = {**query, **({"cursor": cursor} if cursor else {})}
            words = "&".join(f"{name}={value}" for name, value in more.items())
            done = self.given(await self.send(self.ask("GET", f"{path}?{words}".rstrip("?"))))
            found += done.at("items") or []
            cursor = str(done.at("next_cursor") or "")
            if not done.at("has_more"):
                return found
        raise Unclear(f"{path} does not come to an end in {PAGES} pages")

    async def hook(self, need: Need, **values: str) -> dict[str, Any]:
        """Bring something about. Raises Unclear where the hook is missing or fails."""
        name = need.value.partition(".")[2]
        headers, credentials = self.target.main or (self.config.headers, self._credentials)
        sender = Sender(
            self.ask("POST", "/", headers=headers).headers,
            lambda ask: self._proven(ask, credentials),
            credentials.forget,
        )
        filled = {"game_id": self.config.game_id, **values}
        try:
            return await self.target.bring_about(name, filled, sender, self._keep)
        except HookFailed as wrong:
            raise Unclear(str(wrong)) from None

    async def at_hand(self) -> dict[str, list[Any]]:
        """Name of a field → what stands there in requests that lead somewhere, as JSON. Raises
        Unclear."""
        pool = self.config.pool_id
        return {"game_id": [self.config.game_id], **({"pool_id": [pool]} if pool else {})}

    def has(self, *needs: Need) -> bool:
        """Whether the configuration gives these, and none of their hooks has failed for good."""
        return not self.target.failed(needs) and not lacking(needs, self.config)

    # --- Verdicts ---------------------------------------------------------------------------------

    def given(self, done: Done) -> Done:
        """What the check begins with was accepted. Raises Unclear."""
        if not done.ok:
            raise Unclear(f"what the check begins with failed: {done}")
        return done

    def require(self, kept: object, why: str) -> None:
        """Judge. Raises Broken with `why`, which says what should be and what is."""
        self.judged += 1
        if not kept:
            raise Broken(why)

    def accepted(self, done: Done, what: str = "a valid call") -> Done:
        """It was accepted."""
        self.require(done.ok, f"{what} has to be accepted, and {done}")
        return done

    def refused(self, done: Done, *codes: str, what: str = "it") -> Done:
        """It was refused, by one of these codes where any are given; never by a 5xx or silence."""
        self.require(not done.lost, f"{what} has to be refused, and {done}")
        self.require(done.status < 500, f"{what} has to be refused for good, and {done}")
        self.require(not done.ok, f"{what} has to be refused, and {done}")
        if codes:
            wanted = " or ".join(codes)
            self.require(done.code in codes, f"{what} has to be refused by {wanted}, and {done}")
        return done

    def same(self, first: Done, later: Done) -> None:
        """Two answers are the same, byte for byte (PRV-30)."""
        self.require(
            (first.status, first.raw) == (later.status, later.raw),
            f"a repeat has to be answered as the first time; first {first}; then {later}",
        )

    async def token(self) -> str:
        """The bearer token that this client has; empty where its proof is another one."""
        proven = await self._proven(self.ask("GET", "/"), self._credentials)
        kind, _, found = proven.headers.get("Authorization", "").partition(" ")
        return found if kind == "Bearer" else ""

    # --- Inside -----------------------------------------------------------------------------------

    async def _once(self, ask: Ask, manner: Manner, credentials: Credentials) -> Done:
        proven = await self._proven(ask, credentials)
        reply = await self.target.send(proven, manner)
        if isinstance(reply, Answer) and reply.status == 401:
            credentials.forget()
        self._keep(Exchange(proven, reply))
        return Done(ask, reply, self.dialect)

    async def _proven(self, ask: Ask, credentials: Credentials) -> Ask:
        try:
            return await credentials.prove(
                ask, now_ns=self.target.now_ns(), nonce=self.names.new("n")
            )
        except NoEntry as wrong:
            raise Unclear(str(wrong)) from None

    def _wait_s(self, done: Done, waited: int) -> float | None:
        """How long to wait before the same request goes out again; None: not at all."""
        if done.status == 401 and waited == 0 and self.config.auth == "bearer":
            return 0
        if done.status not in (425, 429, 503) or waited >= PATIENCE:
            return None
        asked = done.header("retry-after") or ""
        wait_s = int(asked) if asked.isdigit() else 0.05 * 2**waited
        return wait_s if wait_s <= LONGEST_WAIT_S else None

    def _keep(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        self.target.met.append(exchange)
        if len(self.exchanges) > KEEP:
            del self.exchanges[KEEP // 2]
