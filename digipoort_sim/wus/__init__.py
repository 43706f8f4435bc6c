"""The SOAP door: listener, envelope, WS-Security, the service contract, operations, faults.

`WusDoor` is imported at first use only: whoever needs no more than `names` or `signing` (the reference
client) does not load spyne and uvicorn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from digipoort_sim.wus.door import WusDoor

__all__ = ["WusDoor"]


def __getattr__(name: str) -> Any:
    if name == "WusDoor":
        from digipoort_sim.wus.door import WusDoor

        return WusDoor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
