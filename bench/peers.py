"""Earliest arrival by well-kept libraries: Dijkstra on the time-expanded graph, each in the form that it is fastest in.

A node is a row of the links (being ready for a ride) or a facility as a destination. Edges lead to the next ride of
the chain, to what is met after the ride, and to the facility that it ends at; weights are seconds, so that an
arrival is the key of the first row plus a distance. The graph is built once; a question is one call of the library for
each way out of its origin (stations of the generated network have one).

Tuned, on 300 questions of the generated network:
    rustworkx   lengths with a goal; `float` as the cost function: a C function, not a lambda
    igraph      distances with one target. It turns the weights into its own vector at each call; there is no way round
    scipy       a prebuilt CSR matrix of float64, which it would convert to anyway; it knows no target, but a limit.
                "oracle" is told the true arrival as its limit, which nobody could know: it flatters
    networkx    dijkstra_path_length, which stops at the target; numbers as nodes
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import igraph
import networkx
import numpy as np
import rustworkx
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from rookery.engines.network.links import Flags, Links

Ints = NDArray[np.int32]

NEVER = -1


class Peer(Protocol):
    """Answers when goods ready at an origin are at a destination, in seconds; NEVER for not at all."""

    def earliest(self, origin: int, destination: int, ready_s: int) -> int: ...


@dataclass(frozen=True, slots=True)
class Expanded:
    """The time-expanded graph: R rows, then F facilities; `source`, `target`, `weight_s` int32 by edge."""

    links: Links
    node_count: int
    source: Ints
    target: Ints
    weight_s: Ints

    def starts(self, origin: int, ready_s: int) -> Iterator[int]:
        """The first row that can be met of each chain of an origin."""
        links = self.links
        for chain in links.chain_of[origin].tolist():
            if chain >= 0:
                low, high = links.chain_start[chain], links.chain_start[chain + 1]
                at = low + int(np.searchsorted(links.chain_s[low:high], ready_s))
                if at < high:
                    yield int(links.chain_row[at])

    def sink(self, facility: int) -> int:
        """The node of a facility as a destination."""
        return len(self.links.key_s) + facility


def expand(links: Links, usable: Flags | None = None) -> Expanded:
    """Edges from the links. A ride without room can only be waited past."""
    count, facilities = len(links.key_s), len(links.chain_of)
    rows = np.arange(count, dtype=np.int32)
    runs = np.ones(count, np.bool_) if usable is None else usable[links.ride]
    sources, targets, weights = [], [], []
    for to, has in ((links.next_row, rows >= 0), *((column, runs) for column in links.onward.T)):
        real = has & (to < count)
        sources.append(rows[real])
        targets.append(to[real])
        weights.append(links.key_s[to[real]] - links.key_s[real])
    ends = runs & (links.to_facility >= 0)
    sources.append(rows[ends])
    targets.append(count + links.to_facility[ends])
    weights.append(links.ready_s[ends] - links.key_s[ends])
    parts = (np.concatenate(part).astype(np.int32) for part in (sources, targets, weights))
    return Expanded(links, count + facilities, *parts)


@dataclass(frozen=True, slots=True)
class Rustworkx:
    """`rustworkx.dijkstra_shortest_path_lengths` with a goal."""

    expanded: Expanded
    graph: rustworkx.PyDiGraph

    @classmethod
    def of(cls, expanded: Expanded) -> "Rustworkx":
        graph = rustworkx.PyDiGraph(multigraph=False)
        graph.add_nodes_from(range(expanded.node_count))
        weights = expanded.weight_s.astype(np.float64).tolist()
        graph.add_edges_from(list(zip(expanded.source.tolist(), expanded.target.tolist(), weights, strict=True)))
        return cls(expanded, graph)

    def earliest(self, origin: int, destination: int, ready_s: int) -> int:
        goal, keys, found = self.expanded.sink(destination), self.expanded.links.key_s, []
        for start in self.expanded.starts(origin, ready_s):
            lengths = rustworkx.dijkstra_shortest_path_lengths(self.graph, start, float, goal)
            if goal in lengths:
                found.append(int(keys[start]) + round(lengths[goal]))
        return min(found, default=NEVER)


@dataclass(frozen=True, slots=True)
class Igraph:
    """`igraph.Graph.distances` with one target."""

    expanded: Expanded
    graph: igraph.Graph
    weights: list[float]

    @classmethod
    def of(cls, expanded: Expanded) -> "Igraph":
        edges = np.stack([expanded.source, expanded.target], axis=1)
        graph = igraph.Graph(n=expanded.node_count, edges=edges, directed=True)
        return cls(expanded, graph, expanded.weight_s.astype(np.float64).tolist())

    def earliest(self, origin: int, destination: int, ready_s: int) -> int:
        goal, keys, found = self.expanded.sink(destination), self.expanded.links.key_s, []
        for start in self.expanded.starts(origin, ready_s):
            ((length,),) = self.graph.distances([start], [goal], weights=self.weights, algorithm="dijkstra")
            if length < float("inf"):
                found.append(int(keys[start]) + round(length))
        return min(found, default=NEVER)


@dataclass(frozen=True, slots=True)
class Scipy:
    """`scipy.sparse.csgraph.dijkstra` to all nodes, or with a limit that somebody else has to know."""

    expanded: Expanded
    matrix: csr_matrix

    @classmethod
    def of(cls, expanded: Expanded) -> "Scipy":
        order = np.lexsort((expanded.target, expanded.source))
        starts = np.append(0, np.cumsum(np.bincount(expanded.source, minlength=expanded.node_count)))
        parts = (expanded.weight_s[order].astype(np.float64), expanded.target[order], starts.astype(np.int32))
        return cls(expanded, csr_matrix(parts, shape=(expanded.node_count, expanded.node_count)))

    def earliest(self, origin: int, destination: int, ready_s: int) -> int:
        return self._within(origin, destination, ready_s, None)

    def earliest_by_oracle(self, origin: int, destination: int, ready_s: int, arrival_s: int) -> int:
        """As `earliest`, told the answer as its limit."""
        return self._within(origin, destination, ready_s, arrival_s)

    def _within(self, origin: int, destination: int, ready_s: int, arrival_s: int | None) -> int:
        goal, keys, found = self.expanded.sink(destination), self.expanded.links.key_s, []
        for start in self.expanded.starts(origin, ready_s):
            limit = np.inf if arrival_s is None else arrival_s - int(keys[start])
            if limit >= 0:
                length = dijkstra(self.matrix, directed=True, indices=start, limit=limit)[goal]
                if length < np.inf:
                    found.append(int(keys[start]) + round(length))
        return min(found, default=NEVER)


@dataclass(frozen=True, slots=True)
class Networkx:
    """`networkx.dijkstra_path_length`. Some 700 bytes an edge: 1.5 GB for three weeks of the normal network."""

    expanded: Expanded
    graph: networkx.DiGraph

    @classmethod
    def of(cls, expanded: Expanded) -> "Networkx":
        graph = networkx.DiGraph()
        graph.add_nodes_from(range(expanded.node_count))
        edges = (expanded.source.tolist(), expanded.target.tolist(), expanded.weight_s.tolist())
        graph.add_weighted_edges_from(zip(*edges, strict=True))
        return cls(expanded, graph)

    def earliest(self, origin: int, destination: int, ready_s: int) -> int:
        goal, keys, found = self.expanded.sink(destination), self.expanded.links.key_s, []
        for start in self.expanded.starts(origin, ready_s):
            try:
                found.append(int(keys[start]) + networkx.dijkstra_path_length(self.graph, start, goal))
            except networkx.NetworkXNoPath:
                continue
        return min(found, default=NEVER)
