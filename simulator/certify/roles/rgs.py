"""The game server's API as its checks write it: sessions by token, spins, what is beside them.

A game, its stakes and its modes are the target's own: what it lists, and what a session is told.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from simulator.certify import tokens
from simulator.certify.check import Need, Unclear
from simulator.certify.drive import Done
from simulator.certify.eventually import eventually
from simulator.certify.money import NotMoney, read, read_amount, scale
from simulator.certify.roles import player as players
from simulator.certify.roles.money import changed
from simulator.certify.roles.player import Player
from simulator.certify.roles.rgs_asks import Entry, Playing, RgsAsks

TOKEN_S = 300
"""How long a token of ours is good."""

GAMES = 6
"""Games that are tried for one that contributes to a jackpot."""

NEEDS_CHOICE = frozenset({"crash", "dice"})
"""Kinds of games that ask the player before a spin; another one is played where there is one."""


class Sums(NamedTuple):
    """What a session has come to; amounts in minor units, `balance` where the RGS keeps one."""

    spins: int
    staked: int
    won: int
    balance: int | None


class Rgs(RgsAsks):
    """Sessions, spins, voids, transfers, free spins, event items (RGS-01..51)."""

    # --- Calls ------------------------------------------------------------------------------------

    async def player(self) -> Player:
        """See `roles.player.player`."""
        return await players.player(self)

    async def entry(self, player: Player | None = None) -> Entry:
        """All that a session is opened with: a token from the hook, else one that we sign
        ourselves. Raises Unclear."""
        if not self.has(Need.PLAYER_TOKEN):
            return await self.own_entry(player)
        player = player or await self.player()
        game = await self.game()
        about = {"player_id": player.id, "currency": player.currency, "game_id": game}
        session = self.names.new("s")
        if self.has(Need.CREATE_SESSION):
            made = await self.hook(Need.CREATE_SESSION, **about)
            session = str(made.get("session_id", session))
        made = await self.hook(Need.PLAYER_TOKEN, **about, session_id=session)
        token = made.get("player_token", made.get("token"))
        if not isinstance(token, str):
            raise Unclear(f"hooks.player_token answered no player_token: {made}")
        build, geo = made.get("build_hash"), made.get("geo")
        if build is None or geo is None:
            active = await self.build(game)
            build, geo = build or str(active.get("build_hash")), geo or countries(active)[0]
        return Entry(player, str(made.get("session_id", session)), token, build, geo, game)

    async def own_entry(self, player: Player | None = None, geo: str = "", **claims: Any) -> Entry:
        """The same by a token of our own; `claims` replace or add some, None takes one away.

        Raises Unclear where there is no player_key.
        """
        if self.config.player_key is None:
            raise Unclear("neither hooks.player_token nor player_key is configured")
        player = player or await self.player()
        game = await self.game()
        active = await self.build(game)
        geo = geo or countries(active)[0]
        now_s = self.target.now_ns() // 1_000_000_000
        said = {
            "sub": player.id,
            "geo": geo,
            "aud": "studio",
            "iat": now_s,
            "exp": now_s + TOKEN_S,
            "jti": self.names.new("jti"),
            "rg_flags": {"self_excluded": False},
        }
        token = tokens.Signer(self.config.player_key).token(changed(said, claims))
        return Entry(player, self.names.new("s"), token, str(active.get("build_hash")), geo, game)

    async def game(self) -> str:
        """The configured game where the target has it, else one of its own. Raises Unclear."""
        listed = self.items(self.given(await self.listed("games")))
        named = {str(one.get("game_id")): str(one.get("kind")) for one in listed}
        if self.config.game_id in named:
            return self.config.game_id
        found = [name for name, kind in named.items() if kind not in NEEDS_CHOICE]
        if not found:
            raise Unclear("the target lists no game that is played without a choice")
        return found[0]

    async def builds(self) -> list[Mapping[str, Any]]:
        """Every build that the target lists. Raises Unclear."""
        return self.items(self.given(await self.listed("builds")))

    async def build(self, game: str) -> Mapping[str, Any]:
        """A build of the game that new sessions play. Raises Unclear."""
        for one in await self.builds():
            if one.get("game_id") == game and one.get("active", True) and countries(one):
                return one
        raise Unclear(f"the target lists no build of {game} that is active in any country")

    async def listed(self, what: str) -> Done:
        """GET games, builds and the like."""
        return await self.send(self.ask("GET", f"/rgs/v1/{what}"))

    async def look(self, what: str, name: str) -> Done:
        """GET one of `sessions`, `spins`, `rounds`, `free-spins`."""
        return await self.send(self.ask("GET", f"/rgs/v1/{what}/{name}"))

    async def open(self, entry: Entry, *, patient: bool = True, **over: Any) -> Done:
        """Let a player in; `over` as in `session_ask`."""
        return await self.send(self.session_ask(entry, **over), patient=patient)

    async def playing(self, entry: Entry | None = None, **over: Any) -> Playing:
        """An open session. Raises Unclear."""
        entry = entry or await self.entry()
        opened = self.given(await self.open(entry, **over))
        one = 10 ** scale(entry.player.currency)
        low, high, step = (
            self.minor(opened, f"stakes.{name}", other)
            for name, other in (("min", one), ("max", 0), ("step", 0))
        )
        return Playing(entry, opened, low, high, step or low)

    async def contributing(self) -> Playing:
        """A session of a game whose spins contribute to a jackpot, where there is one; else of any.
        Raises Unclear."""
        entry = await self.entry()
        others = {
            str(one.get("game_id")): str(one.get("build_hash"))
            for one in await self.builds()
            if one.get("active") is True and entry.geo in countries(one)
        }
        for game, build in [(entry.game, entry.build), *others.items()][:GAMES]:
            entry = (await self.entry())._replace(game=game, build=build)
            if not (await self.open(entry)).ok:
                continue
            playing = await self.playing(entry)
            played = await self.spin(playing, playing.large)
            if played.ok and self.total(playing, played, "jackpot_contribution"):
                return playing
        return await self.playing()

    async def in_market(self, name: str, fits: Callable[[Any], bool]) -> Playing:
        """A session of an active build whose rule of this name fits, with what the build asks to be
        shown reported as shown. Raises Unclear where there is none."""
        game = await self.game()
        for one in sorted(await self.builds(), key=lambda one: one.get("game_id") != game):
            rules = one.get("rules")
            active = one.get("active", True) and countries(one)
            if not active or not isinstance(rules, Mapping) or not fits(rules.get(name)):
                continue
            entry = await self.own_entry(geo=countries(one)[0])
            build, game_id = str(one.get("build_hash")), str(one.get("game_id"))
            playing = await self.playing(entry._replace(build=build, game=game_id))
            shown = texts(rules.get("warnings"))
            if shown:
                self.given(await self.report_shown(playing, shown))
            return playing
        raise Unclear(f"the target lists no build with such a rule: rules.{name}")

    async def report_shown(self, playing: Playing, shown: list[str]) -> Done:
        """Say that the client has displayed these (RGS-33)."""
        path = f"/rgs/v1/sessions/{playing.session}/displayed"
        return await self.send(self.ask("POST", path, {"displayed": shown}))

    async def at_hand(self) -> dict[str, list[Any]]:
        """An open session, and what may be staked in it."""
        playing = await self.playing()
        one = 10 ** scale(playing.player.currency)
        most = playing.high or 10 * one
        stakes = [units for units in (1, 2, 5, 10) if playing.low <= units * one <= most]
        return {
            **await super().at_hand(),
            "session_id": [playing.session],
            "player_id": [playing.player.id],
            "game_id": [playing.entry.game],
            "currency": [playing.player.currency],
            "spin_type": ["cash"],
            **({"amount": list(stakes)} if stakes else {}),
        }

    async def filled(self, stakes: int) -> Playing:
        """A session that keeps its money, with so many of the least stakes in it. Raises
        Unclear."""
        playing = await self.playing(wallet="transfer")
        self.given(await self.send(self.transfer_ask(playing, "in", stakes * playing.low)))
        return playing

    async def spin(self, playing: Playing, minor: int | None = None, **how: Any) -> Done:
        """Play; `how` as in `spin_ask`."""
        return await self.send(self.spin_ask(playing, minor, **how))

    async def end_round(self, round_id: str) -> Done:
        """No spin is played in it afterwards."""
        return await self.send(self.ask("POST", f"/rgs/v1/rounds/{round_id}/end"))

    async def end_session(self, session: str) -> Done:
        """No spin is played in it afterwards."""
        return await self.send(self.ask("POST", f"/rgs/v1/sessions/{session}/end"))

    async def exclude(self, player: Player, *, excluded: bool = True) -> Done:
        """Say that the player is self-excluded, or no longer (RGS-31)."""
        body = {"change_id": self.names.new("c"), "self_excluded": excluded}
        return await self.send(self.ask("POST", f"/rgs/v1/players/{player.id}/rg", body))

    async def keeps_out(self, entry: Entry, **over: Any) -> None:
        """Judge that who comes self-excluded gets no session, or none with a paid spin (RGS-31);
        `over` as in `open`."""
        done = await self.open(entry, **over)
        if not done.ok:
            self.refused(done, "RG_BLOCKED", "RG_BLOCK", what="a session of a self-excluded player")
            return
        spin = await self.spin(await self.playing(entry, **over))
        self.refused(spin, "RG_BLOCKED", "RG_BLOCK", what="a paid spin of a self-excluded player")
        self.require(spin.status == 403, f"it is 403, and {spin}")

    async def acknowledge(self, playing: Playing, reminder: str) -> Done:
        """The player has seen a reminder (RGS-30)."""
        path = f"/rgs/v1/sessions/{playing.session}/acknowledge"
        return await self.send(self.ask("POST", path, {"reminder_id": reminder}))

    async def told(
        self, player: Player, enough: Callable[[list[Mapping[str, Any]]], bool]
    ) -> list[Mapping[str, Any]]:
        """What the feed tells of a player, newest first: once that is enough, or no more comes.
        Raises Unclear."""

        async def look() -> list[Mapping[str, Any]]:
            path = f"events?player_id={player.id}&order=desc&limit=100"
            return self.items(self.given(await self.listed(path)))

        return await eventually(look, enough)

    # --- What came --------------------------------------------------------------------------------

    def items(self, done: Done, path: str = "items") -> list[Mapping[str, Any]]:
        """The objects of a list in an answer; none where it is not there. Raises Unclear."""
        found = done.at(path) or []
        if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
            raise Unclear(f"{path} is no list of objects in {done}")
        return found

    def minor(self, done: Done, path: str, other: int | None = None) -> int:
        """An amount of an answer in minor units; `other` where it is not there. Raises Unclear."""
        found = done.at(path)
        if found is None and other is not None:
            return other
        try:
            return read(found, "decimal_number").minor
        except NotMoney as wrong:
            raise Unclear(f"{path} cannot be read: {wrong}; {done}") from None

    def bare(self, amount: Any, playing: Playing) -> int:
        """A bare amount in the session's currency. Judges that it is one (RGS-42)."""
        currency = playing.player.currency
        try:
            return read_amount(amount, currency, "decimal_number")
        except NotMoney as wrong:
            self.require(False, f"an amount of rgs_txns is in {currency}: {wrong}")
            raise

    def total(self, playing: Playing, spin: Done, kind: str) -> int:
        """What the transactions of this type beside a spin come to."""
        txns = self.items(spin, "rgs_txns")
        return sum(self.bare(one.get("amount"), playing) for one in txns if one.get("type") == kind)

    def states(self, batch: Done) -> list[str]:
        """What became of each item of a batch, in order."""
        return [str(one.get("status")) for one in self.items(batch, "results")]

    async def sums(self, playing: Playing) -> Sums:
        """What the session has come to. Raises Unclear where the target does not say."""
        done = self.given(await self.look("sessions", playing.session))
        spins = done.at("spins")
        if not isinstance(spins, int):
            raise Unclear(f"the session does not say how many spins it had: {done}")
        balance = None if done.at("balance") is None else self.minor(done, "balance")
        return Sums(spins, self.minor(done, "staked"), self.minor(done, "won"), balance)

    async def counted(self, playing: Playing, before: Sums, *played: Done, stake: int = 0) -> None:
        """Judge that the session has moved by these spins and no other; `stake` of each, the least
        where none is said."""
        now = await self.sums(playing)
        stakes = len(played) * (stake or playing.low)
        wins = sum(self.minor(one, "outcome.win") for one in played)
        wanted = (len(played), stakes, wins)
        by = (now.spins - before.spins, now.staked - before.staked, now.won - before.won)
        self.require(
            by == wanted,
            f"the session has to have moved by {_told(playing, wanted)}, and it moved by "
            f"{_told(playing, by)}",
        )
        if before.balance is not None and now.balance is not None:
            self.require(
                now.balance - before.balance == wins - stakes,
                f"what the session keeps has to have moved by wins less stakes, "
                f"{playing.player.money(wins - stakes)}, and it went from "
                f"{playing.player.money(before.balance)} to {playing.player.money(now.balance)}",
            )

    def repeated(self, first: Done, later: Done) -> None:
        """Judge what a repeat is told: the first result, never "already done" (RGS-50); byte for
        byte, unless the profile has balances of now."""
        self.accepted(later, "the repeat of what was accepted")
        if self.profile.duplicate_answer == "same_body":
            self.same(first, later)
        self.alike(first, later)

    def alike(self, first: Done, later: Done) -> None:
        """Judge that two answers have one outcome."""
        self.require(
            later.at("outcome") == first.at("outcome"),
            f"a spin has one outcome; first {first}; then {later}",
        )

    def once_or_refused(self, first: Done, later: Done) -> None:
        """Judge a known spin under another key: it is answered again, or refused by 409."""
        if later.ok:
            self.alike(first, later)
            return
        self.refused(later, "DUPLICATE", "IDEMPOTENCY_MISMATCH", what="a spin that is known")


def countries(build: Mapping[str, Any]) -> list[str]:
    """Where a build is certified."""
    return texts(build.get("countries"))


def texts(found: Any) -> list[str]:
    """The texts of a list; none where it is no list."""
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _told(playing: Playing, by: tuple[int, int, int]) -> str:
    money = playing.player.money
    return f"{by[0]} spins, stakes of {money(by[1])} and wins of {money(by[2])}"
