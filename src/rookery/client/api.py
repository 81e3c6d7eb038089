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
from rookery.web.routes.between import (
    ConnectionOut,
    ConnectionPage,
    GrantOut,
    GrantPage,
    Invitation,
    NewGrant,
    NewRequest,
    ReadPage,
    RequestOut,
    RequestPage,
    RequestWord,
)
from rookery.web.routes.companies import CompanyPage, CompanyQuery
from rookery.web.routes.departures import DepartureOut, DeparturePage, DeparturesQuery
from rookery.web.routes.events import EventsTaken
from rookery.web.routes.lists import OrderPage, OrderQuery, ParcelPage, ParcelQuery, ShipmentPage, ShipmentQuery
from rookery.web.routes.network import FacilityOut, FacilityPage, FacilityQuery, NetworkOut, ServicePage, ServiceQuery
from rookery.web.routes.notices import NoticeQuery, Notices
from rookery.web.routes.oauth import AuthorizationServer
from rookery.web.routes.objects import EventPage, EventQuery
from rookery.web.routes.orders import BatchOutcome, CancelWish, OrderBatch, OrderOutcome
from rookery.web.routes.quotes import QuoteWish
from rookery.web.routes.shares import Begun, Days, Result, SharesQuery
from rookery.web.routes.spaces import NewUses, SpaceOut, SpacePage, SpaceQuery, Why
from rookery.web.routes.system import Health, Ready
from rookery.web.routes.trust import KeyPage, KeyTold, NewCompany, NewKey, Reason, Rotation, UserIn, UserNamed, UserPage
from rookery.web.routes.webhooks import (
    Attempts,
    DeliveryPage,
    DeliveryQuery,
    EndpointIn,
    EndpointPage,
    EndpointTold,
    Overlap,
    Replayed,
    Span,
)
from rookery.web.rows import Listed
from rookery.web.shapes import Outcome, SpaceOutcome
from rookery.web.things import OrderOut, ParcelOut, ShipmentOut


class Client(Calls):
    """A hub, asked by a company.

    `key`: the caller's own name for what is to be done once; left out, one is made up, which holds for this call and
    for its being sent again. All methods raise  HubProblem: the hub said no; HubFault: it does not answer
    """

    def list_companies(self, query: CompanyQuery | None = None) -> CompanyPage:
        """Companies."""
        return self._send(Sent("GET", "/v1/companies", CompanyPage, query=query))

    def add_company(self, body: NewCompany, *, key: str = "") -> Outcome:
        """Add a company."""
        return self._send(Sent("POST", "/v1/companies", Outcome, body=body, key=key or new_key()))

    def suspend_company(self, company: str, body: Reason, *, key: str = "") -> Outcome:
        """Suspend a company."""
        return self._send(
            Sent("POST", f"/v1/companies/{part(company)}/suspend", Outcome, body=body, key=key or new_key())
        )

    def restore_company(self, company: str, body: Reason, *, key: str = "") -> Outcome:
        """Restore a company."""
        return self._send(
            Sent("POST", f"/v1/companies/{part(company)}/restore", Outcome, body=body, key=key or new_key())
        )

    def list_users(self, query: Listed | None = None) -> UserPage:
        """People."""
        return self._send(Sent("GET", "/v1/users", UserPage, query=query))

    def add_user(self, body: UserIn, *, key: str = "") -> Outcome:
        """Add a person."""
        return self._send(Sent("POST", "/v1/users", Outcome, body=body, key=key or new_key()))

    def change_user(self, body: UserIn, *, key: str = "") -> Outcome:
        """Change a person."""
        return self._send(Sent("POST", "/v1/users/change", Outcome, body=body, key=key or new_key()))

    def remove_user(self, body: UserNamed, *, key: str = "") -> Outcome:
        """Remove a person."""
        return self._send(Sent("POST", "/v1/users/remove", Outcome, body=body, key=key or new_key()))

    def list_keys(self, query: Listed | None = None) -> KeyPage:
        """Keys."""
        return self._send(Sent("GET", "/v1/keys", KeyPage, query=query))

    def make_key(self, body: NewKey, *, key: str = "") -> KeyTold:
        """Make a key."""
        return self._send(Sent("POST", "/v1/keys", KeyTold, body=body, key=key or new_key()))

    def rotate_key(self, key_id: str, body: Rotation, *, key: str = "") -> KeyTold:
        """Rotate a key."""
        return self._send(Sent("POST", f"/v1/keys/{part(key_id)}/rotate", KeyTold, body=body, key=key or new_key()))

    def revoke_key(self, key_id: str, body: Reason, *, key: str = "") -> Outcome:
        """Revoke a key."""
        return self._send(Sent("POST", f"/v1/keys/{part(key_id)}/revoke", Outcome, body=body, key=key or new_key()))

    def list_connections(self, query: Listed | None = None) -> ConnectionPage:
        """Connections."""
        return self._send(Sent("GET", "/v1/connections", ConnectionPage, query=query))

    def get_connection(self, company: str) -> ConnectionOut:
        """A connection."""
        return self._send(Sent("GET", f"/v1/connections/{part(company)}", ConnectionOut))

    def invite_company(self, body: Invitation, *, key: str = "") -> Outcome:
        """Invite a company."""
        return self._send(Sent("POST", "/v1/connections", Outcome, body=body, key=key or new_key()))

    def change_connection(self, company: str, word: str, body: Reason, *, key: str = "") -> Outcome:
        """A word on a connection."""
        return self._send(
            Sent("POST", f"/v1/connections/{part(company)}/{part(word)}", Outcome, body=body, key=key or new_key())
        )

    def list_grants(self, query: Listed | None = None) -> GrantPage:
        """Grants."""
        return self._send(Sent("GET", "/v1/grants", GrantPage, query=query))

    def get_grant(self, grant: str) -> GrantOut:
        """A grant."""
        return self._send(Sent("GET", f"/v1/grants/{part(grant)}", GrantOut))

    def make_grant(self, body: NewGrant, *, key: str = "") -> Outcome:
        """Show another company something."""
        return self._send(Sent("POST", "/v1/grants", Outcome, body=body, key=key or new_key()))

    def revoke_grant(self, grant: str, body: Reason, *, key: str = "") -> Outcome:
        """Revoke a grant."""
        return self._send(Sent("POST", f"/v1/grants/{part(grant)}/revoke", Outcome, body=body, key=key or new_key()))

    def list_requests(self, query: Listed | None = None) -> RequestPage:
        """Requests."""
        return self._send(Sent("GET", "/v1/requests", RequestPage, query=query))

    def get_request(self, request: str) -> RequestOut:
        """A request."""
        return self._send(Sent("GET", f"/v1/requests/{part(request)}", RequestOut))

    def make_request(self, body: NewRequest, *, key: str = "") -> Outcome:
        """Ask something of a company."""
        return self._send(Sent("POST", "/v1/requests", Outcome, body=body, key=key or new_key()))

    def change_request(self, request: str, body: RequestWord, *, key: str = "") -> Outcome:
        """A word on a request."""
        return self._send(Sent("POST", f"/v1/requests/{part(request)}", Outcome, body=body, key=key or new_key()))

    def list_reads(self, query: Listed | None = None) -> ReadPage:
        """Who has read what."""
        return self._send(Sent("GET", "/v1/reads", ReadPage, query=query))

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

    def list_departures(self, query: DeparturesQuery | None = None) -> DeparturePage:
        """Departures."""
        return self._send(Sent("GET", "/v1/departures", DeparturePage, query=query))

    def get_departure(self, variant: str, date: str) -> DepartureOut:
        """A departure."""
        return self._send(Sent("GET", f"/v1/departures/{part(variant)}/{part(date)}", DepartureOut))

    def authorization_server(self) -> AuthorizationServer:
        """What the server says of itself."""
        return self._send(Sent("GET", "/.well-known/oauth-authorization-server", AuthorizationServer))

    def list_orders(self, query: OrderQuery | None = None) -> OrderPage:
        """Orders."""
        return self._send(Sent("GET", "/v1/orders", OrderPage, query=query))

    def list_shipments(self, query: ShipmentQuery | None = None) -> ShipmentPage:
        """Shipments."""
        return self._send(Sent("GET", "/v1/shipments", ShipmentPage, query=query))

    def list_parcels(self, query: ParcelQuery | None = None) -> ParcelPage:
        """Parcels."""
        return self._send(Sent("GET", "/v1/parcels", ParcelPage, query=query))

    def get_order(self, order: str) -> OrderOut:
        """An order."""
        return self._send(Sent("GET", f"/v1/orders/{part(order)}", OrderOut))

    def get_shipment(self, shipment: str) -> ShipmentOut:
        """A shipment."""
        return self._send(Sent("GET", f"/v1/shipments/{part(shipment)}", ShipmentOut))

    def get_parcel(self, parcel: str) -> ParcelOut:
        """A parcel."""
        return self._send(Sent("GET", f"/v1/parcels/{part(parcel)}", ParcelOut))

    def list_parcel_events(self, parcel: str, query: EventQuery | None = None) -> EventPage:
        """A parcel's events."""
        return self._send(Sent("GET", f"/v1/parcels/{part(parcel)}/events", EventPage, query=query))

    def place_order(self, body: OrderText, *, key: str = "") -> OrderOutcome:
        """Place an order."""
        return self._send(Sent("POST", "/v1/orders", OrderOutcome, body=body, key=key or new_key()))

    def place_orders(self, body: OrderBatch, *, key: str = "") -> BatchOutcome:
        """Place many orders."""
        return self._send(Sent("POST", "/v1/orders/batch", BatchOutcome, body=body, key=key or new_key()))

    def cancel_order(self, body: CancelWish, *, key: str = "") -> Outcome:
        """Withdraw an order."""
        return self._send(Sent("POST", "/v1/orders/cancel", Outcome, body=body, key=key or new_key()))

    def make_quote(self, body: QuoteWish) -> Quoted:
        """What could be sent, and for how much."""
        return self._send(Sent("POST", "/v1/quotes", Quoted, body=body))

    def list_shares(self, query: SharesQuery | None = None) -> Begun:
        """Who has what."""
        return self._send(Sent("GET", "/v1/shares", Begun, query=query))

    def report_shares(self, query: Days | None = None) -> Begun:
        """What holders asked for and got."""
        return self._send(Sent("GET", "/v1/shares/report", Begun, query=query))

    def list_share_conflicts(self, query: Days | None = None) -> Begun:
        """Who did not get what others used."""
        return self._send(Sent("GET", "/v1/shares/conflicts", Begun, query=query))

    def explain_decision(self, name: str) -> Begun:
        """Why?"""
        return self._send(Sent("GET", f"/v1/decisions/{part(name)}", Begun))

    def get_operation(self, operation: str) -> Result:
        """An operation."""
        return self._send(Sent("GET", f"/v1/operations/{part(operation)}", Result))

    def list_spaces(self, query: SpaceQuery | None = None) -> SpacePage:
        """Spaces."""
        return self._send(Sent("GET", "/v1/spaces", SpacePage, query=query))

    def get_space(self, space: str) -> SpaceOut:
        """A space."""
        return self._send(Sent("GET", f"/v1/spaces/{part(space)}", SpaceOut))

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

    def list_webhooks(self, query: Listed | None = None) -> EndpointPage:
        """Endpoints."""
        return self._send(Sent("GET", "/v1/webhooks", EndpointPage, query=query))

    def set_webhook(self, body: EndpointIn, *, key: str = "") -> EndpointTold:
        """Set an endpoint."""
        return self._send(Sent("POST", "/v1/webhooks", EndpointTold, body=body, key=key or new_key()))

    def change_webhook(self, endpoint: str, body: EndpointIn, *, key: str = "") -> Outcome:
        """Change an endpoint."""
        return self._send(Sent("POST", f"/v1/webhooks/{part(endpoint)}", Outcome, body=body, key=key or new_key()))

    def rotate_webhook(self, endpoint: str, body: Overlap, *, key: str = "") -> EndpointTold:
        """Rotate a secret."""
        return self._send(
            Sent("POST", f"/v1/webhooks/{part(endpoint)}/rotate", EndpointTold, body=body, key=key or new_key())
        )

    def disable_webhook(self, endpoint: str, body: Reason, *, key: str = "") -> Outcome:
        """Disable an endpoint."""
        return self._send(
            Sent("POST", f"/v1/webhooks/{part(endpoint)}/disable", Outcome, body=body, key=key or new_key())
        )

    def enable_webhook(self, endpoint: str, body: Reason, *, key: str = "") -> Outcome:
        """Enable an endpoint."""
        return self._send(
            Sent("POST", f"/v1/webhooks/{part(endpoint)}/enable", Outcome, body=body, key=key or new_key())
        )

    def test_webhook(self, endpoint: str, body: Reason, *, key: str = "") -> Outcome:
        """Send a test."""
        return self._send(Sent("POST", f"/v1/webhooks/{part(endpoint)}/test", Outcome, body=body, key=key or new_key()))

    def list_deliveries(self, endpoint: str, query: DeliveryQuery | None = None) -> DeliveryPage:
        """Deliveries."""
        return self._send(Sent("GET", f"/v1/webhooks/{part(endpoint)}/deliveries", DeliveryPage, query=query))

    def list_attempts(self, endpoint: str, delivery: str) -> Attempts:
        """Attempts of a delivery."""
        return self._send(Sent("GET", f"/v1/webhooks/{part(endpoint)}/deliveries/{part(delivery)}", Attempts))

    def list_notices(self, endpoint: str, query: NoticeQuery | None = None) -> Notices:
        """Notices."""
        return self._send(Sent("GET", f"/v1/webhooks/{part(endpoint)}/notices", Notices, query=query))

    def replay_webhook(self, endpoint: str, body: Span, *, key: str = "") -> Replayed:
        """Send again."""
        return self._send(
            Sent("POST", f"/v1/webhooks/{part(endpoint)}/replay", Replayed, body=body, key=key or new_key())
        )
