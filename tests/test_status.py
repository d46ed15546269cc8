from __future__ import annotations

import json

import pytest

from posturecam.status import Mode, Status

STARTED = Status(pid=7, version="1.2", since=1000.0, mode=Mode.STARTING, mode_since=1000.0)
FULL = Status(
    pid=7,
    version="1.2",
    since=1000.0,
    mode=Mode.SNOOZED,
    mode_since=2000.0,
    snoozed_until=3000.0,
    camera="Desk Cam",
    trouble=None,
    profile="desk",
    view="front",
    state="red",
    state_since=1990.0,
    neck_flexion_deg=27.5,
    amber_deg=15.0,
    onset_deg=20.0,
    severe_deg=30.0,
    exposure=0.4,
    setup=None,
    seated_s=1200.0,
    still_s=60.0,
    alerts_today=3,
    last_alert=1500.0,
    last_alert_title="Text neck",
    sink_troubles={"desktop": "no answer"},
    analysed_hz=5.0,
    analysis_ms=21.5,
)


@pytest.mark.parametrize("status", [STARTED, FULL], ids=["just started", "everything known"])
def test_a_status_survives_json(status):
    assert Status.from_dict(json.loads(json.dumps(status.as_dict(), allow_nan=False))) == status


def test_what_a_newer_monitor_also_tells_is_left_out():
    assert Status.from_dict({**FULL.as_dict(), "heart_rate_hz": 1.1}) == FULL


def test_what_an_older_monitor_does_not_tell_is_not_known():
    told = FULL.as_dict()
    del told["still_s"]
    assert Status.from_dict(told).still_s is None


@pytest.mark.parametrize(
    "told",
    [{}, {**FULL.as_dict(), "mode": "dancing"}, {"mode": "paused"}, {**FULL.as_dict(), "mode": []}],
    ids=["nothing", "an unknown mode", "a mode alone", "a mode of another kind"],
)
def test_what_is_no_status_is_refused(told):
    with pytest.raises(ValueError, match=r"status|valid Mode"):
        Status.from_dict(told)
