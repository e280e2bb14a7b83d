"""Policies for the parts of a network by their paths."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from typing import Any, Self

from .dtypes import DTypePolicy, dtype_policy, policy_from_config, resolve_policy
from .errors import ArgumentTypeError, ConfigError


class DTypePolicyMap(DTypePolicy, MutableMapping[str, DTypePolicy]):
    """Dtype policies by the paths of layers; a key may be a regular expression.

    Given as the `dtype` of a layer, it is asked by the layer's name.

    Args:
        default_policy: policy, or its name, of what no key fits; by default the one that
            `pellucid.config.dtype_policy` gives at the time.
        policy_map: path or regular expression -> policy.

    Raises:
        ConfigError: a map within a map, a key set twice, or several keys that fit one path.

    >>> policies = DTypePolicyMap("float32")
    >>> policies["encoder/.*"] = "mixed_bfloat16"
    >>> policies["encoder/dense"].name, policies["head"].name
    ('mixed_bfloat16', 'float32')
    """

    def __init__(self, default_policy: Any = None, policy_map: dict[str, Any] | None = None):
        if isinstance(default_policy, DTypePolicyMap):
            raise ConfigError(
                "The default of a map of policies cannot be a map.",
                got=repr(default_policy),
                fix="DTypePolicyMap(default_policy='float32').",
            )
        if policy_map is not None and not isinstance(policy_map, dict):
            raise ArgumentTypeError(
                "policy_map is a dictionary from paths to policies.",
                got=type(policy_map).__name__,
                fix="DTypePolicyMap(policy_map={'encoder/.*': 'bfloat16'}).",
            )
        self._given = default_policy
        self._default = None if default_policy is None else resolve_policy(default_policy)
        self._policies: dict[str, DTypePolicy] = {
            key: resolve_policy(policy) for key, policy in (policy_map or {}).items()
        }

    @property
    def name(self) -> str:
        return f"map_{self.default_policy.name}"

    @property
    def default_policy(self) -> DTypePolicy:
        """The policy of what no key fits."""
        return self._default or dtype_policy()

    @property
    def compute_dtype(self) -> str:
        return self.default_policy.compute_dtype

    @property
    def variable_dtype(self) -> str:
        return self.default_policy.variable_dtype

    def __getitem__(self, key: str) -> DTypePolicy:
        if key in self._policies:
            return self._policies[key]
        fitting = [pattern for pattern in self._policies if re.fullmatch(pattern, key)]
        if len(fitting) > 1:
            raise ConfigError(
                f"Several keys of the map of dtype policies fit the path {key!r}.",
                got=", ".join(map(repr, fitting)),
                expected="at most one",
                fix="make the regular expressions narrower.",
            )
        return self._policies[fitting[0]] if fitting else self.default_policy

    def __setitem__(self, key: str, policy: Any) -> None:
        if key in self._policies:
            raise ConfigError(
                f"The map of dtype policies has a policy for {key!r} already.",
                got=self._policies[key].name,
                fix=f"del policies[{key!r}] first.",
            )
        try:
            self._policies[key] = resolve_policy(policy)
        except TypeError as error:
            raise ConfigError(
                "A map of dtype policies holds policies or their names.",
                got=repr(policy),
                fix="policies['encoder/.*'] = 'bfloat16'.",
            ) from error

    def __delitem__(self, key: str) -> None:
        del self._policies[key]

    def __contains__(self, key: object) -> bool:
        return key in self._policies

    def __len__(self) -> int:
        return len(self._policies)

    def __iter__(self) -> Iterator[str]:
        return iter(self._policies)

    def __repr__(self) -> str:
        pairs = [(key, policy.name) for key, policy in self._policies.items()]
        return f"<DTypePolicyMap default_policy={self.default_policy.name}, mapping={pairs}>"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, DTypePolicyMap)
            and self.default_policy == other.default_policy
            and self._policies == other._policies
        )

    __hash__ = None  # type: ignore[assignment]  # it can be changed

    def get_config(self) -> dict[str, Any]:
        default = self._given.name if isinstance(self._given, DTypePolicy) else self._given
        return {
            "default_policy": default,
            "policy_map": {
                key: {"class_name": type(policy).__name__, "config": policy.get_config()}
                for key, policy in self._policies.items()
            },
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Self:
        own = custom_objects or {}

        def read(value: Any) -> Any:
            if not isinstance(value, dict):
                return value
            if value.get("class_name") in own:
                return own[value["class_name"]].from_config(value["config"])
            return policy_from_config(value)

        policies = {key: read(value) for key, value in (config.get("policy_map") or {}).items()}
        return cls(read(config.get("default_policy")), policies)
