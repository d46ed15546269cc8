"""ActivityWatch: the posture beside whatever else its server on this machine keeps of the day."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from datetime import datetime, timezone
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from posturecam.closing import Closing
from posturecam.core.patterns.sustained import GAP_S
from posturecam.core.session import Sample
from posturecam.errors import PosturecamError
from posturecam.sinks.courier import Courier

if TYPE_CHECKING:
    from aw_client import ActivityWatchClient

    from posturecam.monitor import Moment

CLIENT = "posturecam"
KIND = "posturecam.posture"
"""What the bucket holds."""
HOST = "127.0.0.1"
"""Nothing leaves this machine, whatever the client's own configuration says."""
BEAT_S = 5.0
"""A sample stands for so long (judgement)."""
STEP_DEG = 5
STICKINESS_DEG = 1.0
"""So far beyond the middle between two steps an angle must go to be rounded to the other (judgement)."""
COMMIT_S = 30.0
"""So much of the same is put together before it is sent (judgement)."""
WITHIN_S = 3.0
"""How long the server may take to answer."""
WAITING = 20
"""Beats that may wait for the disk."""

_Beat = tuple[float, float, dict[str, Any]]
"""From when, seconds since 1970 UTC, for how long, and what."""


class ActivityWatch(Closing):
    """Tells the server the state and the neck flexion, to 5°, every 5 s. While it is away a file keeps them."""

    name = "activitywatch"

    def __init__(self, port: int | None = None, clock: Callable[[], float] = time.time) -> None:
        """`port` is the server's, by default the one in the client's configuration; `clock` gives seconds since 1970.

        Raises PosturecamError when the client is not installed.
        """
        if find_spec("aw_client") is None:
            raise PosturecamError(
                "--activitywatch needs the package aw-client: pip install 'posturecam[activitywatch]'"
            )
        self._port, self._clock = port, clock
        self._client: ActivityWatchClient | None = None
        self._since = self._seen = -math.inf
        """When the sample began that stands, and the latest one was, seconds since 1970 UTC."""
        self._data: dict[str, Any] = {}
        self._deg: int | None = None
        self._courier: Courier[_Beat] = Courier("activitywatch", self._beat, most=WAITING, afterwards=self._leave)

    @property
    def trouble(self) -> str | None:
        """Why nothing is being sent or kept for later, in words; None when all is well."""
        return self._courier.trouble

    def update(self, sample: Sample) -> None:
        """Take the next sample; returns at once and never raises."""
        now = self._clock()
        gap = not 0 <= now - self._seen <= GAP_S  # no pictures came, or the clock was set
        if gap or now - self._since >= BEAT_S:
            self._tell(self._seen if gap else now)
            self._deg = _stepped(sample.posture.neck_flexion.deg, self._deg)
            self._since, self._data = now, {"state": sample.state.value}
            if self._deg is not None:
                self._data["neck_flexion_deg"] = self._deg
        self._seen = now

    def show(self, moment: Moment) -> None:
        """Take what the monitor shows; while nothing is measured the server is told nothing."""
        if moment.sample:
            self.update(moment.sample)

    def close(self) -> None:
        """Stop; what was not sent yet is sent the next time."""
        self._tell(self._seen)
        self._since = -math.inf
        self._courier.close()

    def _tell(self, until: float) -> None:
        """Send what stood until now."""
        if math.isfinite(self._since):
            self._courier.send((self._since, max(0.0, until - self._since), self._data))

    # In the courier's thread

    def _beat(self, beat: _Beat) -> None:
        from aw_core.models import Event

        client = self._client = self._client or self._connected()
        since, length_s, data = beat
        event = Event(timestamp=datetime.fromtimestamp(since, timezone.utc), duration=length_s, data=data)
        client.heartbeat(_bucket(client), event, GAP_S, queued=True, commit_interval=COMMIT_S)

    def _connected(self) -> ActivityWatchClient:
        from aw_client import ActivityWatchClient

        logging.getLogger("aw_client").setLevel(logging.CRITICAL)  # it remarks on every attempt
        try:
            client = ActivityWatchClient(CLIENT, host=HOST, port=self._port)
        except SystemExit:
            raise PosturecamError("another posturecam of yours is telling ActivityWatch already") from None
        client._post = _Post(client)
        client.create_bucket(_bucket(client), KIND, queued=True)
        client.connect()  # type: ignore[no-untyped-call]
        return client

    def _leave(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        if last := client.last_heartbeat.get(_bucket(client)):  # the client holds it back until another one comes
            endpoint = f"buckets/{_bucket(client)}/heartbeat?pulsetime={GAP_S}"
            client.request_queue.add_request(endpoint, last.to_json_dict())
        queue = client.request_queue  # the client's own way to stop waits without limit
        queue.stop()
        queue.join(2 * WITHIN_S)


def _bucket(client: ActivityWatchClient) -> str:
    return f"{CLIENT}_{client.client_hostname}"


def _stepped(deg: float | None, before: int | None) -> int | None:
    """To the nearest step, or the one before when that is nearly as near."""
    if deg is None or (before is not None and abs(deg - before) < STEP_DEG / 2 + STICKINESS_DEG):
        return None if deg is None else before
    return STEP_DEG * round(deg / STEP_DEG)


class _Post:
    """Sends as the client does, but to this machine only, and so that nothing is lost.

    The client's own way (0.5.15) asks the proxies that the environment names, waits without limit, and
    drops what it has queued when the connection is refused, or the server has forgotten the bucket.
    """

    def __init__(self, client: ActivityWatchClient) -> None:
        import requests

        self._client = client
        self._session = requests.Session()
        self._session.trust_env = False

    def __call__(self, endpoint: str, data: Any, params: dict[str, Any] | None = None) -> Any:
        from requests.exceptions import ConnectionError, ConnectTimeout, Timeout

        url = self._client._url(endpoint)
        try:
            response = self._session.post(url, json=data, params=params, timeout=WITHIN_S, allow_redirects=False)
        except (ConnectionError, Timeout) as error:
            raise ConnectTimeout(str(error)) from error
        if response.status_code == 404 or response.status_code >= 500:
            raise ConnectTimeout(f"{url} answered {response.status_code}")  # the one error after which it tries again
        response.raise_for_status()
        return response
