"""Every fact there is, under its stored name, with the function that folds it. The ledger is handed this table.

A name is for good: facts already written carry it. A new meaning takes a new name.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from rookery.journey import (
    account,
    booking,
    capacity,
    company,
    connection,
    deadline,
    deliver,
    departure,
    disrupt,
    endpoint,
    fallback,
    grant,
    involved,
    itinerary,
    key,
    option,
    order,
    promise,
    request,
    reweigh,
    room,
    share,
    shipment,
    source,
    space,
    track,
    unit,
    waits,
    waybill,
)
from rookery.journey.state import State, View

Fold = Callable[[State, Any], None]

FACTS: dict[str, tuple[type[msgspec.Struct], Fold]] = {
    "order_placed": (order.OrderPlaced, order.placed),
    "order_refused": (order.OrderRefused, itinerary.refused),
    "order_cancelled": (order.OrderCancelled, disrupt.order_cancelled),
    "sourced": (option.Sourced, itinerary.sourced),
    "plan_overtaken": (option.PlanOvertaken, source.plan_overtaken),
    "account_opened": (account.AccountOpened, account.opened),
    "plan_held": (booking.PlanHeld, waits.held),
    "plan_taken": (booking.PlanTaken, booking.taken),
    "plan_changed": (booking.PlanChanged, disrupt.plan_changed),
    "plan_refused": (booking.PlanRefused, waits.refused),
    "change_refused": (booking.ChangeRefused, booking.not_changed),
    "space_quoted": (space.SpaceQuoted, space.quoted),
    "plan_queued": (waits.PlanQueued, waits.queued),
    "plan_waits": (waits.PlanWaits, waits.waits),
    "order_served": (waits.OrderServed, waits.served),
    "plan_left": (waits.PlanLeft, waits.left),
    "round_closed": (waits.RoundClosed, waits.closed),
    "hold_released": (booking.HoldReleased, disrupt.hold_released),
    "plan_recalled": (booking.PlanRecalled, disrupt.plan_recalled),
    "loan_firmed": (share.LoanFirmed, share.firmed),
    "plan_given_back": (booking.PlanGivenBack, disrupt.plan_given_back),
    "capacity_changed": (capacity.CapacityChanged, capacity.changed),
    "space_lost": (capacity.SpaceLost, capacity.space_lost),
    "reweighed": (reweigh.Reweighed, reweigh.reweighed),
    "departure_cancelled": (departure.DepartureCancelled, disrupt.departure_cancelled),
    "departure_delayed": (departure.DepartureDelayed, disrupt.departure_delayed),
    "departure_restored": (departure.DepartureRestored, disrupt.departure_restored),
    "shipment_made": (shipment.ShipmentMade, shipment.made),
    "parcels_cancelled": (shipment.ParcelsCancelled, shipment.parcels_cancelled),
    "promised": (promise.Promised, promise.promised),
    "waybills_issued": (waybill.WaybillsIssued, waybill.issued),
    "packed": (unit.Packed, unit.packed),
    "unpacked": (unit.Unpacked, unit.unpacked),
    "scanned": (track.Scanned, track.scanned),
    "plan_kept": (disrupt.PlanKept, disrupt.plan_kept),
    "plan_struck": (disrupt.PlanStruck, disrupt.plan_struck),
    "retimed": (disrupt.Retimed, disrupt.retimed),
    "replanned": (disrupt.Replanned, disrupt.replanned),
    "replan_failed": (disrupt.ReplanFailed, disrupt.replan_failed),
    "promise_at_risk": (disrupt.PromiseAtRisk, disrupt.promise_at_risk),
    "standby_prolonged": (booking.StandbyProlonged, booking.prolonged),
    "standby_renewed": (fallback.StandbyRenewed, fallback.renewed),
    "carriage_withdrawn": (disrupt.CarriageWithdrawn, disrupt.carriage_withdrawn),
    "delivered": (deliver.Delivered, disrupt.delivered),
    "attempt_failed": (deliver.AttemptFailed, deliver.attempt_failed),
    "return_started": (deliver.ReturnStarted, deliver.return_started),
    "company_added": (company.CompanyAdded, company.added),
    "company_suspended": (company.CompanySuspended, company.suspended),
    "company_restored": (company.CompanyRestored, company.restored),
    "user_added": (company.UserAdded, company.user_known),
    "user_changed": (company.UserChanged, company.user_known),
    "user_removed": (company.UserRemoved, company.user_removed),
    "key_made": (key.KeyMade, key.made),
    "key_shortened": (key.KeyShortened, key.shortened),
    "key_revoked": (key.KeyRevoked, key.revoked),
    "token_expired": (key.TokenExpired, key.token_expired),
    "invited": (connection.Invited, connection.invited),
    "connection_changed": (connection.ConnectionChanged, connection.changed),
    "grant_made": (grant.GrantMade, grant.made),
    "grant_ended": (grant.GrantEnded, grant.ended),
    "request_made": (request.RequestMade, request.made),
    "request_rewritten": (request.RequestRewritten, request.rewritten),
    "request_advanced": (request.RequestAdvanced, request.advanced),
    "endpoint_set": (endpoint.EndpointSet, endpoint.was_set),
    "secret_rotated": (endpoint.SecretRotated, endpoint.rotated),
    "endpoint_disabled": (endpoint.EndpointDisabled, endpoint.disabled),
    "endpoint_enabled": (endpoint.EndpointEnabled, endpoint.enabled),
    "endpoint_tried": (endpoint.EndpointTried, endpoint.tried),
}

VIEWS: tuple[View, ...] = (
    *room.VIEWS,
    View("hold", booking.Hold, resident=True, followed=True),
    View("booking", booking.Booking),
    View("own_space", booking.OwnSpace, indexes=("company",)),
    View("queued", waits.Queued, resident=True, followed=True),
    View("deficit", waits.Deficit),
    View("orders", order.Order, indexes=("owner", "status", "owner status", "changed", "owner changed")),
    View("order_asked", order.OrderAsked),
    View("waiting", order.Waiting, resident=True),
    View("reference", order.Reference),
    View("decision", order.Decision),
    View("itinerary", itinerary.Itinerary, wide=True),
    View("riders", itinerary.Riders),
    View("involved", involved.Involved, indexes=("company how",)),
    View("shipment", shipment.Shipment),
    View("parcel", shipment.Parcel),
    View("earlier_scans", shipment.EarlierScans),
    View("pool", waybill.Pool),
    View("unit", unit.Unit),
    View("inside", unit.Inside),
    View("struck", disrupt.Struck, resident=True),
    View("open_case", disrupt.Case, resident=True),
    View("company", company.Company),
    View("company_user", company.User, indexes=("company",)),
    View("api_key", key.ApiKey, indexes=("company",)),
    View("connection", connection.Connection, indexes=("invited_by", "company")),
    View("grants", grant.Grant, indexes=("owner", "to_company")),
    View("shown", grant.Shown),
    View("request", request.Request, indexes=("from_company", "to_company")),
    View("deadline", deadline.Deadline, resident=True, followed=True),
    View("endpoint", endpoint.Endpoint, resident=True, followed=True, indexes=("company",)),
)

NAMES: dict[type[msgspec.Struct], str] = {kind: name for name, (kind, _) in FACTS.items()}
# A hold carries the id of the order that it is for; a grant is about itself, not about its connection.
_ABOUT = ("order_id", "hold_id", "grant_id", "request_id", "connection_id")
_SUBJECT: dict[type[msgspec.Struct], str] = {
    kind: next((field for field in _ABOUT if field in kind.__struct_fields__), "") for kind in NAMES
}
_FOLD: dict[type[msgspec.Struct], Fold] = dict(FACTS.values())


def evolve(state: State, fact: msgspec.Struct) -> None:
    """Fold one fact, the next one of all, into the state."""
    state.fact_count += 1
    _FOLD[type(fact)](state, fact)


def about(fact: msgspec.Struct) -> bytes:
    """Id of the order, space, grant, request or connection that a fact is about; empty where it is about none."""
    field = subject_field(fact)
    return getattr(fact, field) if field else b""


def subject_field(fact: msgspec.Struct) -> str:
    """The field that names what a fact is about; blank where it is about none."""
    return _SUBJECT[type(fact)]
