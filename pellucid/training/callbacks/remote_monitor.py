"""`RemoteMonitor`: each epoch's numbers sent to a server."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
import warnings
from typing import Any

from ..._core.errors import PellucidWarning
from .base import Callback


class RemoteMonitor(Callback):
    """Posts the numbers of every epoch to a server; training goes on where it does not answer.

    Args:
        root: address of the server.
        path: below it.
        field: of the form that holds the numbers as JSON.
        headers: of the request.
        send_as_json: True posts the JSON itself, as ``application/json``.
    """

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: dict[str, str] | None = None,
        send_as_json: bool = False,
    ):
        super().__init__()
        self.root = root
        self.path = path
        self.field = field
        self.headers = headers
        self.send_as_json = send_as_json

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        numbers = {name: _plain(value) for name, value in (logs or {}).items()}
        text = json.dumps({"epoch": epoch, **numbers})
        if self.send_as_json:
            body, kind = text, "application/json"
        else:
            body = urllib.parse.urlencode({self.field: text})
            kind = "application/x-www-form-urlencoded"
        address = self.root + self.path
        request = urllib.request.Request(
            address, body.encode(), {"Content-Type": kind, **(self.headers or {})}, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=10):
                pass
        except (OSError, ValueError) as error:
            warnings.warn(
                f"RemoteMonitor could not reach {address}: {error}", PellucidWarning, stacklevel=2
            )


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
