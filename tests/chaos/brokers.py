"""The broker under fault: one node, or a cluster of which one node at a time may be gone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from nats.js import JetStreamContext

from services.operator import cluster, embedded
from services.operator.embedded import Server

_LEADS = "RAW"  # the stream whose leader is taken for the cluster's


@dataclass
class Broker:
    """The broker's nodes. `port` is that of a single node, and None for a cluster."""

    nodes: list[Server]

    @property
    def port(self) -> int | None:
        """Where a single node listens."""
        return self.nodes[0].port if len(self.nodes) == 1 else None

    @property
    def url(self) -> str:
        """The address of all nodes."""
        return cluster.cluster_url(self.nodes)

    @property
    def replicas(self) -> int:
        """Copies of each stream."""
        return len(self.nodes)

    async def victim(self, js: JetStreamContext) -> Server:
        """The node to hurt: the only one, or the one that leads now (the first where an election goes on)."""
        if len(self.nodes) == 1:
            return self.nodes[0]
        try:
            async with asyncio.timeout(2):
                return await cluster.leader_of(js, _LEADS, self.nodes)
        except Exception:  # the cluster cannot say while it elects; any node will do
            return self.nodes[0]

    def stop(self) -> None:
        """Stops every node."""
        for node in self.nodes:
            node.stop()


def open_broker(folder: Path, nodes: int) -> Broker:
    """A broker of so many nodes with its data below `folder`."""
    if nodes == 1:
        return Broker([embedded.start_nats(folder)])
    return Broker(cluster.start_nats_cluster(folder, nodes))
