"""How each kind of measure comes about in the example browser."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from telemetry_tasks.core.definitions import Definition
from telemetry_tasks.simulation.batch import Batch
from telemetry_tasks.simulation.sampling import Arrays, of_count, of_counts, of_samples

LARGEST_VALUE = 2**31 - 1
Factor = NDArray[np.float64] | None


class Model(Protocol):
    """Draws a measure for every ping of a batch; ``factor`` is the effect of regressions, None if there is none."""

    def draw(self, rng: np.random.Generator, batch: Batch, definition: Definition, factor: Factor) -> Arrays: ...


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Times and sizes: many small, few very large.

    ``median`` in the measure's unit on a machine of slowness 1, ``sigma`` of the logarithm, ``samples`` on average
    in a session, ``by_speed`` the power of the slowness that the median goes with, ``by_os`` a system's own factor.
    """

    median: float
    sigma: float
    samples: float
    by_speed: float = 1.0
    by_os: Mapping[str, float] = field(default_factory=dict)

    def draw(self, rng: np.random.Generator, batch: Batch, definition: Definition, factor: Factor) -> Arrays:
        owner = _owners(rng, batch, self.samples)
        centre = np.log(self.median * batch.slowness**self.by_speed)
        for os, own in self.by_os.items():
            centre[batch.runs_on(os)] += np.log(own)
        if factor is not None:
            centre += np.log(factor)
        values = np.exp(rng.standard_normal(len(owner)) * self.sigma + centre[owner])
        return of_samples(definition, owner, np.minimum(values, LARGEST_VALUE).astype(np.int64), batch.size)


@dataclass(frozen=True, slots=True)
class Normal:
    """Values around a middle, within ``lowest`` and ``highest``: percentages, frames in a second."""

    mean: float
    deviation: float
    samples: float
    lowest: float = 0.0
    highest: float = 100.0

    def draw(self, rng: np.random.Generator, batch: Batch, definition: Definition, factor: Factor) -> Arrays:
        owner = _owners(rng, batch, self.samples)
        mean = np.full(batch.size, self.mean) if factor is None else self.mean * factor
        values = rng.normal(mean[owner], self.deviation).clip(self.lowest, self.highest)
        return of_samples(definition, owner, values.astype(np.int64), batch.size)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some values each time, by weight: enumerated and categorical measures."""

    weights: tuple[float, ...]
    samples: float

    def draw(self, rng: np.random.Generator, batch: Batch, definition: Definition, factor: Factor) -> Arrays:
        weights = np.array(self.weights)
        numbers = _numbers(rng, batch, self.samples)
        counts = np.zeros((batch.size, definition.buckets), np.int64)
        counts[:, : len(weights)] = rng.multinomial(numbers, weights / weights.sum())
        return of_counts(counts)


@dataclass(frozen=True, slots=True)
class YesNo:
    """A boolean; ``share`` of the samples are true."""

    share: float
    samples: float

    def draw(self, rng: np.random.Generator, batch: Batch, definition: Definition, factor: Factor) -> Arrays:
        numbers = _numbers(rng, batch, self.samples)
        trues = rng.binomial(numbers, self.share if factor is None else np.minimum(1.0, self.share * factor))
        return of_counts(np.stack([numbers - trues, trues, np.zeros_like(trues)], axis=1))


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag: every session sends it, and it is set in ``share`` of them."""

    share: float

    def draw(self, rng: np.random.Generator, batch: Batch, definition: Definition, factor: Factor) -> Arrays:
        raised = (rng.random(batch.size) < self.share).astype(np.int64)
        return of_counts(np.stack([1 - raised, raised, np.zeros_like(raised)], axis=1))


@dataclass(frozen=True, slots=True)
class Count:
    """A count: how often something happened in the session."""

    mean: float

    def draw(self, rng: np.random.Generator, batch: Batch, definition: Definition, factor: Factor) -> Arrays:
        return of_count(_numbers(rng, batch, self.mean))


def _numbers(rng: np.random.Generator, batch: Batch, samples: float) -> NDArray[np.int64]:
    return rng.poisson(samples * batch.activity)


def _owners(rng: np.random.Generator, batch: Batch, samples: float) -> NDArray[np.int64]:
    return np.repeat(np.arange(batch.size), _numbers(rng, batch, samples))
