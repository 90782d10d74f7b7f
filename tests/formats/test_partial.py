"""Partial results as bytes: old ones stay readable, and each says with which limits it was made."""

import base64

import msgpack
import pytest

from telemetry_tasks.core.limits import Limits
from telemetry_tasks.core.result import Result, merge_results
from telemetry_tasks.errors import DataError
from telemetry_tasks.formats import partial
from telemetry_tasks.formats.pings.saved_session import SavedSession
from telemetry_tasks.pipeline.aggregate import PingFile, aggregate
from tests.support.pings import FLAG, key, ping, ping_file

FORMAT = SavedSession(("reason", "appName", "OS", "osVersion", "arch"), "none")
BODY = ping_file(ping(FLAG), bad_lines=[b"no ping"])
GOLDEN = base64.b85decode(
    "gr;+2Xk~3-0i|+vY-Mu+rDkbtWpk02*+_F?c4cH=b7gaLX>V>XMrm?oW^Z^eZfR#|bZmJqGB_?UVKFZ<FflVRGB7bPGcYnRF)lJNF*7kTFf}fA"
    "GA?XyXD(qbXL_V%bYW))0fDA&Z!L6TVgZ1_rDJ7mY;%FCZfR#|bZmJqGC0KnUnsRN{bY#%jS2vEQ%gE9t!fMaVH`3vR5c(b%MEND@!O5h2&lXf"
    ">N4v<v=uD@*tR>4C!MKBqdm8ZC2Q)zF&tSM4(*mQ1wa5j05bq0F$6)PZ~^3qV8n;B2|XY@VrS%G2#FrT4Hio3)NFut7>(=eIFHM49UbR&nU3>f"
    "85p}nnW?&AH=nerwAqU0-g=9pR^`p%aT#*d-&gv+ys31$WmS_3wyk&8r%tyrMKSq2O$zjcDNWmkkWy7s0!XOS*^D$m&L;E;7nm4SD3fRHZCz}2"
    "MJMtJ`ycRM^1t#Q;J^0Y@*n@t{@;Oiuh8^m+2g5AlGPlrTqraarAcyuE+Y~j4k97rs)=OmDqxXhu}H?=>d{=iB$#q9?bhp=Rcv-IK?P?RUrXik"
    "rQP<nwu)NO5_<y;07T@XL?%es2nqUNBd(d26@WBwZB=P;;dE!`gYhkS0-tZq"
)
"""What ``BODY`` gave before results told their limits."""


def made(limits: Limits | None = None, name: str = "a") -> Result:
    return aggregate([PingFile(key(name), lambda: iter([BODY]), "etag", 7)], FORMAT, limits)


def test_results_of_before_limits_were_told_are_read() -> None:
    old, new = partial.decode(GOLDEN, any_rules=True), made()
    assert old.limits == ("",)
    assert old.files == new.files
    assert old.cells.keys() == new.cells.keys()
    assert all(cells.same(new.cells[name]) for name, cells in old.cells.items())


def test_with_the_usual_limits_a_result_has_the_members_that_it_always_had() -> None:
    assert list(msgpack.unpackb(partial.encode(made()))) == ["schema", "rules", "files", "cells"]


def test_a_result_says_with_which_limits_it_was_made() -> None:
    limits = Limits(histograms=7)
    data = partial.encode(made(limits))
    assert msgpack.unpackb(data)["limits"] == [limits.mark]
    assert partial.decode(data).limits == (limits.mark,)
    assert partial.encode(partial.decode(data)) == data


def test_merged_results_say_all_the_limits_they_were_made_with() -> None:
    marks = Limits(histograms=7).mark, Limits(histograms=8).mark
    parts = [made(Limits(histograms=7), "a"), made(Limits(histograms=8), "b"), made(None, "c")]
    for order in (parts, parts[::-1]):
        assert partial.decode(partial.encode(merge_results(order))).limits == ("", *sorted(marks))
    assert merge_results([]).limits == ("",)


@pytest.mark.parametrize("limits", [7, [], [7], "abc", None])
def test_limits_that_are_no_marks_are_no_result(limits: object) -> None:
    document = {**msgpack.unpackb(partial.encode(made())), "limits": limits}
    with pytest.raises(DataError, match="bad-result"):
        partial.decode(msgpack.packb(document))
