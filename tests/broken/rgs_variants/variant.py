"""What a variant says of itself."""

from collections.abc import Mapping
from typing import Any, ClassVar

from tests.broken.rgs import Rgs


class Broken(Rgs):
    """One defect: the docstring says which, `killed_by` the check that has to see it."""

    killed_by: ClassVar[str]


class Right(Rgs):
    """Keeps the rules in another way, under a profile and a dialect."""

    profile: ClassVar[Mapping[str, str]] = {}
    answers: ClassVar[Mapping[str, Any]] = {}
