"""Saved-session pings as JSON, from the arrays that were drawn for a batch."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson

from telemetry_tasks.simulation.batch import REASONS, Batch
from telemetry_tasks.simulation.builds import APPLICATION
from telemetry_tasks.simulation.fleet import LOCALES, SYSTEMS
from telemetry_tasks.simulation.measures import MODELS, simulated_definitions
from telemetry_tasks.simulation.regressions import factors


def documents(rng: np.random.Generator, batch: Batch) -> Iterator[bytes]:
    """The JSON of each ping of the batch, in its order."""
    histograms = _histograms(rng, batch)
    simple = _simple_measures(rng, batch)
    for index, info in enumerate(_infos(batch)):
        yield orjson.dumps(
            {
                "ver": 1,
                "info": info,
                "simpleMeasurements": simple[index],
                "histograms": histograms[index],
                "addonHistograms": {},
                "slowSQL": {"mainThread": {}, "otherThreads": {}},
                "chromeHangs": {"memoryMap": [], "stacks": [], "durations": []},
                "lateWrites": {"memoryMap": [], "stacks": []},
            }
        )


def _histograms(rng: np.random.Generator, batch: Batch) -> list[dict[str, list[int | float]]]:
    of_pings: list[dict[str, list[int | float]]] = [{} for _ in range(batch.size)]
    definitions = simulated_definitions()
    for measure, model in MODELS.items():
        arrays = model.draw(rng, batch, definitions[measure], factors(measure, batch))
        for of_ping, row in zip(of_pings, arrays.rows(), strict=True):
            if row is not None:
                of_ping[measure] = row
    return of_pings


def _infos(batch: Batch) -> Iterator[dict[str, Any]]:
    fleet = batch.fleet
    of_builds = [
        {
            "appName": APPLICATION,
            "appVersion": build.version,
            "appBuildID": build.build_id,
            "platformBuildID": build.build_id,
            "appUpdateChannel": build.channel,
            "revision": build.revision,
        }
        for build in batch.builds
    ]
    for client, reason, build in zip(batch.client.tolist(), batch.reason.tolist(), batch.build.tolist(), strict=True):
        system = SYSTEMS[fleet.system[client]]
        yield {
            "reason": REASONS[reason].replace("_", "-"),
            **of_builds[build],
            "OS": system.os,
            "version": system.version,
            "arch": system.arch,
            "locale": LOCALES[fleet.locale[client]],
            "memsize": int(fleet.memory[client]),
            "cpucount": int(fleet.cpus[client]),
        }


def _simple_measures(rng: np.random.Generator, batch: Batch) -> list[dict[str, Any]]:
    """Times of the start in ms since the process began, the session's length in minutes, some numbers."""
    size = batch.size
    main = rng.lognormal(3.4, 0.6, size) * batch.slowness
    first_paint = main + rng.lognormal(6.3, 0.5, size) * batch.slowness
    restored = first_paint + rng.lognormal(5.2, 0.7, size) * batch.slowness
    uptime = rng.lognormal(4.5, 1.2, size)
    saved = rng.poisson(0.7, size)
    setters = rng.poisson(0.3, (size, 2))
    columns = [np.rint(each).astype(np.int64).tolist() for each in (main, first_paint, restored, uptime)]
    return [
        {
            "main": main_,
            "firstPaint": paint_,
            "sessionRestored": restored_,
            "uptime": uptime_,
            "startupInterrupted": 0,
            "savedPings": saved_,
            "js": {"setProto": set_[0], "customIter": set_[1]},
        }
        for main_, paint_, restored_, uptime_, saved_, set_ in zip(
            *columns, saved.tolist(), setters.tolist(), strict=True
        )
    ]
