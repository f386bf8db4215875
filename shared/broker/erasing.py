"""Taking single messages out of a stream for good: the broker writes over them on disk before it lets them go."""

from __future__ import annotations

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import APIError, NotFoundError

from shared.broker.topology import consumers
from shared.errors import Unavailable


async def erase(js: JetStreamContext, stream: str, sequence: int) -> bool:
    """Erases one message (secure delete). False where it is gone already; Unavailable where the broker is."""
    try:
        await js.delete_msg(stream, sequence)  # the broker's default is to overwrite: `no_erase` is what turns it off
    except APIError as error:  # one code for every cause, so it is looked whether the message is there
        if await _is_there(js, stream, sequence):
            raise Unavailable(f"stream {stream} does not let go of {sequence}: {error.description}") from error
        return False
    except (NatsError, TimeoutError, OSError) as error:
        raise Unavailable(f"stream {stream} does not answer: {type(error).__name__}") from error
    return True


async def _is_there(js: JetStreamContext, stream: str, sequence: int) -> bool:
    try:
        await js.get_msg(stream, sequence)
    except NotFoundError:
        return False
    except (NatsError, TimeoutError, OSError) as error:
        raise Unavailable(f"stream {stream} does not answer: {type(error).__name__}") from error
    return True


async def handled(js: JetStreamContext, stream: str) -> int:
    """The place in this stream up to which each of our readers has handled every message."""
    try:
        last = (await js.stream_info(stream)).state.last_seq
        floors = [await _floor(js, stream, spec.durable, last) for spec in consumers() if spec.stream == stream]
    except NotFoundError:
        return 0
    except (NatsError, TimeoutError, OSError) as error:
        raise Unavailable(f"stream {stream} does not answer: {type(error).__name__}") from error
    return min(floors, default=last)


async def _floor(js: JetStreamContext, stream: str, durable: str, last: int) -> int:
    info = await js.consumer_info(stream, durable)
    if not info.num_pending and not info.num_ack_pending:
        return last
    return (info.ack_floor.stream_seq if info.ack_floor else 0) or 0
