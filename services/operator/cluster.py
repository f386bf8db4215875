"""A cluster of real brokers on this machine, for the tests and the fault harness: what compose.cluster.yaml runs.

Three nodes keep three copies of each stream, so that any one may die: the other two elect a leader and go on.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from services.operator.embedded import Server, free_port, start_server
from shared.errors import Misconfigured

if TYPE_CHECKING:
    from nats.js import JetStreamContext

NODES = 3
_READY_WITHIN_S = 60.0
_CLUSTER = "twin"


def start_nats_cluster(folder: Path, nodes: int = NODES) -> list[Server]:
    """So many nats-servers with routes to each other, each on its own ports and disk folder below `folder`.

    Returns when the cluster has a leader for JetStream; Misconfigured when it has none in time. Node n is called
    `nats-n`, on the broker as well as in `Server.name`. kill(), stop() and restart() work on each.
    """
    routes = [free_port() for _ in range(nodes)]
    servers = [_start_node(folder / f"nats-{number}", number, routes) for number in range(1, nodes + 1)]
    wait_for_cluster(servers)
    return servers


def wait_for_cluster(servers: Sequence[Server], *, within_s: float = _READY_WITHIN_S) -> None:
    """Returns when each of these nodes says that it is in step with the others; Misconfigured when not in time."""
    end = time.monotonic() + within_s
    for server in servers:
        while not _healthy(server):
            if time.monotonic() > end:
                raise Misconfigured(f"{server.name} is not in its cluster within {within_s:.0f} s: see {server.log}")
            time.sleep(0.05)


def cluster_url(servers: Sequence[Server]) -> str:
    """The addresses of all nodes, as NATS_URL takes them."""
    return ",".join(f"nats://127.0.0.1:{server.port}" for server in servers)


async def leader_of(js: JetStreamContext, stream: str, servers: Sequence[Server]) -> Server:
    """The node that leads this stream now. LookupError while an election goes on."""
    info = await js.stream_info(stream)
    name = info.cluster.leader if info.cluster else None
    for server in servers:
        if server.name == name:
            return server
    raise LookupError(f"stream {stream} has no leader now")


def _start_node(folder: Path, number: int, routes: Sequence[int]) -> Server:
    folder.mkdir(parents=True, exist_ok=True)
    port, health = free_port(), free_port()
    others = ", ".join(f'"nats://127.0.0.1:{route}"' for route in routes if route != routes[number - 1])
    configuration = folder / "nats.conf"
    configuration.write_text(
        f'server_name: "nats-{number}"\n'
        f'listen: "127.0.0.1:{port}"\n'
        f'http: "127.0.0.1:{health}"\n'
        # Three copies on three disks: the default rhythm of writing to disk is a fair choice here.
        f'jetstream {{ store_dir: "{folder / "jetstream"}" }}\n'
        f'cluster {{ name: "{_CLUSTER}", listen: "127.0.0.1:{routes[number - 1]}", routes: [{others}] }}\n'
        "max_payload: 4MB\n"
        "write_deadline: 10s\n"
    )
    return start_server(f"nats-{number}", ["nats-server", "-c", str(configuration)], port, folder)


def _healthy(server: Server) -> bool:
    """Whether the node's own health check passes: connected, its log of the cluster's state up to date."""
    port = _health_port(server)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _health_port(server: Server) -> int:
    configuration = Path(server.command[-1]).read_text()
    line = next(line for line in configuration.splitlines() if line.startswith("http: "))
    return int(line.rsplit(":", 1)[1].strip('"'))
