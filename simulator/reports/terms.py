"""Contracts and exchange rates as data, read and checked once (RGS-61).

`contracts/royalties/` has the shipped ones and the schemas. A wrong file is a ConfigError that says
where, what and what would be right. Rates and amounts are fractions from here on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jsonschema_rs

from simulator.base.blocks import scalar
from simulator.base.errors import ConfigError
from simulator.base.money import MoneyError, scale_of
from simulator.base.source import Path_, Source, parse
from simulator.settings import unknown
from simulator.wire import json
from simulator.wire.files import find, text_of

SettleBy = Literal["operator", "brand", "game"]
Rounding = Literal["half_even", "half_up", "down"]

_OWN = ("bonus_cost", "jackpot_contribution")
"""Deductions that are sums of the period; the others are rates of something."""


@dataclass(frozen=True, slots=True)
class Deduction:
    """One step of the waterfall: a sum of the period, or a rate of something; capped or not."""

    take: str
    rate: Fraction = Fraction(0)
    of: str = ""
    at_most: Fraction | None = None


@dataclass(frozen=True, slots=True)
class RevenueShare:
    """A part of the NetWin, what is taken off before, and what becomes of a negative one."""

    rate: Fraction
    waterfall: tuple[Deduction, ...]
    carry: bool


@dataclass(frozen=True, slots=True)
class Contract:
    """What an operator owes. Amounts in units of the currency of play, not in minor ones."""

    name: str
    about: str
    begins: str
    billing_currency: str
    settle_by: SettleBy
    rounding: Rounding
    min_stake: Mapping[str, Fraction]
    per_spin: Mapping[str, Fraction] = field(default_factory=dict)
    turnover_rate: Fraction | None = None
    share: RevenueShare | None = None
    guarantee: Fraction | None = None
    invoice_after_days: int = 0

    def least_stake(self, currency: str) -> Fraction:
        """The stake from which on a spin is eligible (RGS-64). Raises ConfigError."""
        return self._of("min_stake", self.min_stake, currency)

    def spin_fee(self, currency: str) -> Fraction:
        """The fee of one eligible spin. Raises ConfigError where the contract has none for it."""
        return self._of("per_spin", self.per_spin, currency)

    def _of(self, name: str, amounts: Mapping[str, Fraction], currency: str) -> Fraction:
        if currency not in amounts:
            raise ConfigError(
                f"contract {self.name}: {name} names no {currency}, in which there is play; "
                f'add {currency}: "…"'
            )
        return amounts[currency]


@dataclass(frozen=True, slots=True)
class Rates:
    """Exchange rates into one currency, by month and quarter."""

    name: str
    into: str
    rates: Mapping[str, Mapping[str, Fraction]]

    def rate(self, period: str, currency: str) -> Fraction:
        """What one unit of a currency is worth. Raises ConfigError where nobody has said."""
        if currency == self.into:
            return Fraction(1)
        try:
            return self.rates[period][currency]
        except KeyError:
            raise ConfigError(
                f"{self.name}: rates has no {currency} for {period}; "
                f'add it under {period}: {currency}: "…"'
            ) from None


def load_contract(name: str) -> Contract:
    """A shipped contract by its name, or any by its file. Raises ConfigError."""
    if name.endswith((".yaml", ".yml")) or "/" in name:
        return read_contract(Path(name).name, text_of(Path(name)))
    folder = find("contracts", "royalties")
    known = sorted(path.stem for path in folder.glob("*.yaml") if not path.stem.startswith("fx-"))
    if name not in known:
        raise unknown("--contract", name, known, "or a file.yaml")
    return read_contract(f"{name}.yaml", text_of(folder.joinpath(f"{name}.yaml")))


def load_rates(name: str) -> Rates:
    """Shipped rates by their name, or any by their file. Raises ConfigError."""
    path = Path(name)
    if not name.endswith((".yaml", ".yml")) and "/" not in name:
        folder = find("contracts", "royalties")
        known = sorted(path.stem for path in folder.glob("fx-*.yaml"))
        if name not in known:
            raise unknown("--fx", name, known, "or a file.yaml")
        path = folder.joinpath(f"{name}.yaml")
    return read_rates(path.name, text_of(path))


def read_contract(file: str, text: str) -> Contract:
    """A contract out of its file."""
    data = _checked(file, text, "royalty.schema.json")
    if f"{data['contract']}.yaml" != file:
        raise ConfigError(f"{file}: contract: {data['contract']!r} is not the name of the file")
    fees = ("per_spin", "turnover_rate", "revenue_share", "minimum_guarantee")
    if not any(name in data for name in fees):
        raise ConfigError(f"{file}: asks for nothing; give it one of {', '.join(fees)}")
    for place in ("min_stake", "per_spin"):
        _require_currencies(f"{file}: {place}", data.get(place, ()))
    _require_currencies(f"{file}: billing_currency", [data["billing_currency"]])
    rate, guarantee = data.get("turnover_rate"), data.get("minimum_guarantee")
    return Contract(
        name=data["contract"],
        about=data["about"],
        begins=data["begins"],
        billing_currency=data["billing_currency"],
        settle_by=data["settle_by"],
        rounding=data["rounding"],
        min_stake=_fractions(data["min_stake"]),
        per_spin=_fractions(data.get("per_spin", {})),
        turnover_rate=None if rate is None else Fraction(rate),
        share=_share(file, data["revenue_share"]) if "revenue_share" in data else None,
        guarantee=None if guarantee is None else Fraction(guarantee),
        invoice_after_days=data.get("invoice_after_days", 0),
    )


def read_rates(file: str, text: str) -> Rates:
    """Rates out of their file."""
    data = _checked(file, text, "fx.schema.json")
    _require_currencies(f"{file}: into", [data["into"]])
    for period, rates in data["rates"].items():
        _require_currencies(f"{file}: rates.{period}", rates)
        for currency, rate in rates.items():
            if Fraction(rate) == 0:
                raise ConfigError(f"{file}: rates.{period}.{currency}: is above zero")
    return Rates(file, data["into"], {key: _fractions(part) for key, part in data["rates"].items()})


def _share(file: str, data: Mapping[str, Any]) -> RevenueShare:
    steps = []
    for at, step in enumerate(data["waterfall"]):
        place = f"{file}: revenue_share.waterfall.{at}"
        own = step["take"] in _OWN
        if own and ("rate" in step or "of" in step):
            raise ConfigError(f"{place}: {step['take']} is a sum of its own; leave rate and of out")
        if not own and not ("rate" in step and "of" in step):
            raise ConfigError(f"{place}: {step['take']} needs a rate, and of what (of)")
        cap = step.get("at_most")
        steps.append(
            Deduction(
                take=step["take"],
                rate=Fraction(step.get("rate", "0")),
                of=step.get("of", ""),
                at_most=None if cap is None else Fraction(cap),
            )
        )
    for name in _OWN:
        if sum(step.take == name for step in steps) > 1:
            raise ConfigError(f"{file}: revenue_share.waterfall: takes {name} twice")
    return RevenueShare(Fraction(data["rate"]), tuple(steps), data["negative"] == "carry")


def _checked(file: str, text: str, schema: str) -> Any:
    """The data of a file that fits its schema. Raises ConfigError naming file, keys and rule."""
    source = Source(file, *parse(text, file, scalar, "contracts and rates are mappings of keys"))
    parts, validator = _schema(schema)
    for error in validator.iter_errors(source.data):
        path = tuple(error.instance_path)
        raise _wrong(source.place(path), path, error, parts)
    return source.data


def _wrong(file: str, path: Path_, error: Any, schema: Any) -> ConfigError:
    """What a schema says of a part, with the choices and the nearest word where there are some."""
    keys = ".".join(map(str, path))
    place = f"{file}: {keys}" if keys else file
    kind = error.kind.name
    if kind == "enum":
        return unknown(place, str(error.instance), error.kind.options)
    if kind == "additionalProperties":
        for part in error.schema_path[:-1]:
            schema = schema[part]
        return unknown(place, str(error.kind.unexpected[0]), list(schema["properties"]))
    decimal = type(error.instance).__name__ in ("int", "float")
    return ConfigError(f"{place}: {error.message}{'; write decimals in quotes' if decimal else ''}")


@cache
def _schema(name: str) -> tuple[Any, jsonschema_rs.Draft202012Validator]:
    schema = json.decode(find("contracts", "royalties", name).read_bytes())
    return schema, jsonschema_rs.Draft202012Validator(schema)


def _fractions(amounts: Mapping[str, str]) -> dict[str, Fraction]:
    return {currency: Fraction(text) for currency, text in amounts.items()}


def _require_currencies(place: str, codes: Any) -> None:
    for code in codes:
        try:
            scale_of(code)
        except MoneyError as wrong:
            raise ConfigError(f"{place}: {wrong}") from None
