"""The clients: which system each runs on, how fast it is, how much it is used."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from telemetry_tasks.simulation.builds import CHANNELS


@dataclass(frozen=True, slots=True)
class System:
    """What ``info`` says of a client's machine. Android's version is a number, as real clients sent it."""

    os: str
    version: str | int
    arch: str
    share: float


SYSTEMS = (
    System("WINNT", "10.0", "x86-64", 0.42),
    System("WINNT", "6.1", "x86-64", 0.12),
    System("WINNT", "6.1", "x86", 0.07),
    System("WINNT", "6.3", "x86-64", 0.06),
    System("WINNT", "5.1", "x86", 0.02),
    System("Darwin", "22.6.0", "x86-64", 0.05),
    System("Darwin", "23.5.0", "aarch64", 0.08),
    System("Linux", "5.15.0-91-generic", "x86-64", 0.06),
    System("Linux", "6.1.0-18-amd64", "x86-64", 0.04),
    System("Linux", "6.1.0-18-arm64", "aarch64", 0.01),
    System("Android", 33, "arm", 0.07),
)

CHANNEL_SHARES = {"nightly": 0.4, "beta": 0.2, "release": 0.4}
"""Far more on nightly than in real life, because so few clients would give empty charts."""

LOCALES = ("en-US", "de", "fr", "es-ES", "ja", "pt-BR", "ru", "zh-CN")
_SLOWNESS = {"WINNT": 1.0, "Darwin": 0.8, "Linux": 0.9, "Android": 1.9}


@dataclass(frozen=True, slots=True)
class Fleet:
    """One element a client in each array.

    ``system``, ``channel``, ``locale`` are indices of ``SYSTEMS``, ``CHANNELS``, ``LOCALES``; ``slowness`` is a
    factor of times around 1, ``activity`` one of sample numbers; ``memory`` in MiB; ``cpus`` a number.
    """

    system: NDArray[np.int64]
    channel: NDArray[np.int64]
    locale: NDArray[np.int64]
    slowness: NDArray[np.float64]
    activity: NDArray[np.float64]
    memory: NDArray[np.int64]
    cpus: NDArray[np.int64]

    @property
    def size(self) -> int:
        return len(self.system)


def make_fleet(seed: int, clients: int) -> Fleet:
    """``clients`` clients, the same for the same arguments."""
    if clients < 1:
        raise ValueError("a fleet has at least one client")
    rng = np.random.default_rng([seed, clients])
    shares = np.array([system.share for system in SYSTEMS])
    system = rng.choice(len(SYSTEMS), clients, p=shares / shares.sum())
    of_system = np.array([_SLOWNESS[each.os] for each in SYSTEMS])[system]
    return Fleet(
        system=system,
        channel=rng.choice(len(CHANNELS), clients, p=[CHANNEL_SHARES[channel] for channel in CHANNELS]),
        locale=rng.integers(len(LOCALES), size=clients),
        slowness=of_system * rng.lognormal(0.0, 0.3, clients),
        activity=rng.lognormal(0.0, 0.6, clients),
        memory=2 ** rng.integers(11, 16, size=clients),
        cpus=2 ** rng.integers(1, 5, size=clients),
    )
