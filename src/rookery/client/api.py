"""Every route of a hub as a method. A method has the name of its route, takes its structs and answers with them.

with Client("http://127.0.0.1:8750", key) as hub:
    print(hub.make_quote(QuoteWish("CN 310000", "ES 28001", 800)))
"""

from typing import Any

from rookery.client.calls import Calls, Sent, new_key, part
from rookery.hub.journeys import Quoted
from rookery.partners.capacity.read import CapacityWord
from rookery.partners.departures.read import DepartureWord
from rookery.partners.orders.read import OrderText
from rookery.partners.scans.read import Events, Packing
from rookery.partners.space.read import WishText
from rookery.web.routes.events import EventsTaken
from rookery.web.routes.network import FacilityOut, FacilityPage, FacilityQuery, NetworkOut, ServicePage, ServiceQuery
from rookery.web.routes.orders import BatchOutcome, CancelWish, OrderBatch
from rookery.web.routes.quotes import QuoteWish
from rookery.web.routes.spaces import NewUses, Why
from rookery.web.routes.system import Health, Ready
from rookery.web.shapes import Outcome, SpaceOutcome


class Client(Calls):
    """A hub, asked by a company.

    `key`: the caller's own name for what is to be done once; left out, one is made up, which holds for this call and
    for its being sent again. All methods raise  HubProblem: the hub said no; HubFault: it does not answer
    """

    def send_events(self, body: Events, *, key: str = "") -> EventsTaken:
        """Report events."""
        return self._send(Sent("POST", "/v1/events", EventsTaken, body=body, key=key or new_key()))

    def send_packing(self, body: Packing, *, key: str = "") -> Outcome:
        """Report packing."""
        return self._send(Sent("POST", "/v1/packing", Outcome, body=body, key=key or new_key()))

    def change_departure(self, body: DepartureWord, *, key: str = "") -> Outcome:
        """Report a changed departure."""
        return self._send(Sent("POST", "/v1/departures/changes", Outcome, body=body, key=key or new_key()))

    def change_capacity(self, body: CapacityWord, *, key: str = "") -> Outcome:
        """Report capacity lost or added."""
        return self._send(Sent("POST", "/v1/capacity", Outcome, body=body, key=key or new_key()))

    def network(self) -> NetworkOut:
        """The network."""
        return self._send(Sent("GET", "/v1/network", NetworkOut))

    def facilities(self, query: FacilityQuery | None = None) -> FacilityPage:
        """Facilities."""
        return self._send(Sent("GET", "/v1/facilities", FacilityPage, query=query))

    def facility(self, facility: str) -> FacilityOut:
        """A facility."""
        return self._send(Sent("GET", f"/v1/facilities/{part(facility)}", FacilityOut))

    def services(self, query: ServiceQuery | None = None) -> ServicePage:
        """Services."""
        return self._send(Sent("GET", "/v1/services", ServicePage, query=query))

    def place_order(self, body: OrderText, *, key: str = "") -> Outcome:
        """Place an order."""
        return self._send(Sent("POST", "/v1/orders", Outcome, body=body, key=key or new_key()))

    def place_orders(self, body: OrderBatch, *, key: str = "") -> BatchOutcome:
        """Place many orders."""
        return self._send(Sent("POST", "/v1/orders/batch", BatchOutcome, body=body, key=key or new_key()))

    def cancel_order(self, body: CancelWish, *, key: str = "") -> Outcome:
        """Withdraw an order."""
        return self._send(Sent("POST", "/v1/orders/cancel", Outcome, body=body, key=key or new_key()))

    def make_quote(self, body: QuoteWish) -> Quoted:
        """What could be sent, and for how much."""
        return self._send(Sent("POST", "/v1/quotes", Quoted, body=body))

    def quote_space(self, body: WishText, *, key: str = "") -> SpaceOutcome:
        """Could this space be held?"""
        return self._send(Sent("POST", "/v1/spaces/quote", SpaceOutcome, body=body, key=key or new_key()))

    def hold_space(self, body: WishText, *, key: str = "") -> SpaceOutcome:
        """Hold space."""
        return self._send(Sent("POST", "/v1/spaces", SpaceOutcome, body=body, key=key or new_key()))

    def take_space(self, space: str, body: Why, *, key: str = "") -> Outcome:
        """Use what is held."""
        return self._send(Sent("POST", f"/v1/spaces/{part(space)}/take", Outcome, body=body, key=key or new_key()))

    def release_space(self, space: str, body: Why, *, key: str = "") -> Outcome:
        """Give space back."""
        return self._send(Sent("POST", f"/v1/spaces/{part(space)}/release", Outcome, body=body, key=key or new_key()))

    def change_space(self, space: str, body: NewUses, *, key: str = "") -> SpaceOutcome:
        """Use other space instead."""
        return self._send(
            Sent("POST", f"/v1/spaces/{part(space)}/change", SpaceOutcome, body=body, key=key or new_key())
        )

    def health(self) -> Health:
        """Is the server alive?"""
        return self._send(Sent("GET", "/health", Health))

    def ready(self) -> Ready:
        """Can the server write?"""
        return self._send(Sent("GET", "/ready", Ready))

    def metrics(self) -> str:
        """Figures for Prometheus."""
        return self._send(Sent("GET", "/metrics", str))

    def openapi(self) -> Any:
        """This description."""
        return self._send(Sent("GET", "/v1/openapi.json", dict))
