"""`Config`: settings by name, as a dictionary and as attributes, which can be frozen."""

from __future__ import annotations

import json
from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Any

from .._core.errors import ConfigError
from .._core.registry import did_you_mean


class Config:
    """Settings of an experiment: ``config.width`` and ``config["width"]`` are one.

    Args:
        **kwargs: the settings.

    Raises:
        ConfigError: a setting changed after `freeze`.

    >>> config = Config(width=64, rate=0.1)
    >>> config.width = 128
    >>> config["width"], config.as_dict()
    (128, {'width': 128, 'rate': 0.1})
    """

    __slots__ = ("_frozen", "_settings")

    def __init__(self, **kwargs: Any):
        object.__setattr__(self, "_settings", dict(kwargs))
        object.__setattr__(self, "_frozen", False)

    # --- reading

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in Config.__slots__:
            raise AttributeError(name)
        try:
            return self._settings[name]
        except KeyError:
            hint = did_you_mean(name, self._settings) if self._settings else "it holds nothing."
            raise AttributeError(f"The Config has no setting {name!r}: {hint}") from None

    def __getitem__(self, name: str) -> Any:
        return self._settings[name]

    def get(self, keyname: str, value: Any = None) -> Any:
        """The setting `keyname`, or `value` where there is none."""
        return self._settings.get(keyname, value)

    def keys(self) -> KeysView[str]:
        return self._settings.keys()

    def values(self) -> ValuesView[Any]:
        return self._settings.values()

    def items(self) -> ItemsView[str, Any]:
        return self._settings.items()

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._settings))

    def __len__(self) -> int:
        return len(self._settings)

    def __contains__(self, name: object) -> bool:
        return name in self._settings

    def as_dict(self) -> dict[str, Any]:
        """A dictionary of the settings."""
        return dict(self._settings)

    def to_json(self) -> str:
        """The settings as JSON text."""
        return json.dumps(self._settings)

    def __repr__(self) -> str:
        return f"<Config {self._settings}>"

    # --- changing

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __setitem__(self, name: str, value: Any) -> None:
        self._must_be_free()
        self._settings[name] = value

    def __delattr__(self, name: str) -> None:
        del self[name]

    def __delitem__(self, name: str) -> None:
        self._must_be_free()
        del self._settings[name]

    def update(self, *args: Mapping[str, Any], **kwargs: Any) -> None:
        """Set several at once, from dictionaries and arguments."""
        self._must_be_free()
        for settings in args:
            self._settings.update(settings)
        self._settings.update(kwargs)

    def pop(self, *args: Any) -> Any:
        """Take a setting out, and return it: ``pop(name)`` or ``pop(name, default)``."""
        self._must_be_free()
        return self._settings.pop(*args)

    @property
    def frozen(self) -> bool:
        """Whether settings can no longer be changed."""
        return self._frozen

    def freeze(self) -> None:
        """Let nothing be changed from now on."""
        object.__setattr__(self, "_frozen", True)

    def unfreeze(self) -> None:
        """Let settings be changed again."""
        object.__setattr__(self, "_frozen", False)

    def _must_be_free(self) -> None:
        if self._frozen:
            raise ConfigError(
                "This Config is frozen: it cannot be changed.", fix="call config.unfreeze() first."
            )
