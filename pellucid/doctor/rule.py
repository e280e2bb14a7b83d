"""How a rule is registered, and what it needs to know before it can speak."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._core.errors import ConfigError
from ..record.schema import RunRecord
from .finding import Finding

STAGES = ("static", "data", "initial", "training", "end")

# What a rule may need, as words. A rule whose needs are not met is not asked at all.
NEEDS: dict[str, Callable[[RunRecord], bool]] = {
    "layers": lambda record: bool(record.layers),
    "weights": lambda record: bool(record.weights),
    "loss": lambda record: any(output.loss for output in record.outputs),
    "inputs": lambda record: bool(record.data.inputs),
    "targets": lambda record: bool(record.data.targets),
    "validation": lambda record: bool(
        record.data.validation_targets
        or record.data.validation_inputs
        or record.checkups.validation
        or "val_loss" in record.history
    ),
    # the checkup before the first step
    "initial": lambda record: len(record.checkups) > 0 and int(record.checkups.step[0]) == 0,
    "checkups": lambda record: len(record.checkups) > 0 and int(record.checkups.step[-1]) > 0,
    "trained": lambda record: record.trained,
    "history": lambda record: len(record.history.get("loss", ())) > 0,
    "losses": lambda record: len(record.losses) > 0,
}

Examiner = Callable[[RunRecord], Iterable[Finding]]


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        id: kebab-case, also the name of its page in the documentation.
        stage: when it can first speak: ``"static"`` from the configuration alone, ``"data"`` with
            the data, ``"initial"`` with the checkup before training, ``"training"`` while it
            trains, ``"end"`` when the run is over.
        examine: record -> findings. Pure; never raises on a half-filled record.
        needs: keys of `NEEDS`.
        symptom: it says that something goes wrong, not why. Symptoms are looked for first.
        explains: symptom id -> 0 to 1, how likely a finding of this rule, if there is one, is to
            be behind that symptom. Empty for a symptom.
        risk: its findings are predictions that a run which learned well refutes: they are then
            made remarks. False for facts that matter however well the run went.
        alone: False keeps its findings back unless a symptom asks for causes.
        same_as: rules that say the same from better evidence: where one of them has found
            something and there is a symptom, this one is silent.
        about: first line of the function's docstring.
        family: name of the module.
    """

    id: str
    stage: str
    examine: Examiner
    needs: tuple[str, ...] = ()
    symptom: bool = False
    explains: Mapping[str, float] = field(default_factory=dict)
    risk: bool = True
    alone: bool = True
    same_as: tuple[str, ...] = ()
    about: str = ""
    family: str = ""

    def can_speak(self, record: RunRecord) -> bool:
        """Whether the record holds what the rule needs."""
        return all(NEEDS[need](record) for need in self.needs)


_RULES: dict[str, Rule] = {}


def rule(
    id: str,
    stage: str,
    needs: Iterable[str] = (),
    *,
    symptom: bool = False,
    explains: Mapping[str, float] | None = None,
    risk: bool = True,
    alone: bool = True,
    same_as: Iterable[str] = (),
) -> Callable[[Examiner], Examiner]:
    """Register a function `RunRecord -> Iterable[Finding]` as a rule; see `Rule`.

    Raises:
        ConfigError: a name that is taken, an unknown stage or need.
    """

    def register(examine: Examiner) -> Examiner:
        unknown = set(needs) - NEEDS.keys()
        if stage not in STAGES or unknown:
            raise ConfigError(
                f"The rule {id!r} was registered wrongly.",
                got=f"stage {stage!r}, needs {sorted(needs)}",
                expected=f"a stage of {STAGES}, needs of {sorted(NEEDS)}",
            )
        family = examine.__module__.rpartition(".")[2]
        if id in _RULES and (_RULES[id].family, _RULES[id].examine.__name__) != (
            family,
            examine.__name__,
        ):
            raise ConfigError(f"Two rules are called {id!r}.", got=f"{_RULES[id].family}, {family}")
        about = (examine.__doc__ or "").strip().splitlines()
        _RULES[id] = Rule(
            id=id,
            stage=stage,
            examine=examine,
            needs=tuple(needs),
            symptom=symptom,
            explains=dict(explains or {}),
            risk=risk and not symptom,
            alone=alone,
            same_as=tuple(same_as),
            about=about[0] if about else "",
            family=family,
        )
        return examine

    return register


def load_rules() -> dict[str, Rule]:
    """Every rule by id, as there are now: `doctor/rules` is imported at the first call.

    >>> load_rules()["softmax-with-mse"].stage
    'static'
    """
    if not _loaded:
        from . import rules

        names = sorted(module.name for module in pkgutil.iter_modules(rules.__path__))
        for name in names:
            importlib.import_module(f"{rules.__name__}.{name}")
        _loaded.append(True)
    return dict(_RULES)


_loaded: list[Any] = []
