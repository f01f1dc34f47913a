"""On the path of a process its clock is off by CLOCK_OFFSET seconds: what Python tells of it.

Chaos Mesh's TimeChaos changes what the kernel tells. libfaketime would be nearer to that, but
librdkafka hangs under it: it takes the time by a function that the library does not change, and
waits by one that it does. How long something takes is measured by another clock, which goes on.
"""

import datetime as dt
import os
import time

_OFFSET = float(os.environ.get("CLOCK_OFFSET", "0"))
_time, _time_ns, _datetime = time.time, time.time_ns, dt.datetime


class _Anything(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _datetime)


class _Moved(dt.datetime, metaclass=_Anything):
    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]  # a plain one
        return _datetime.now(tz) + dt.timedelta(seconds=_OFFSET)


time.time = lambda: _time() + _OFFSET
time.time_ns = lambda: _time_ns() + int(_OFFSET * 1e9)
dt.datetime = _Moved  # type: ignore[misc]  # that is the point
