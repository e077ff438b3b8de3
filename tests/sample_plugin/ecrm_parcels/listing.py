"""The list of all parcels: what can be filtered, shown, edited, and done to many."""

from __future__ import annotations

from operator import itemgetter

from ecrm_server.api import BulkAction, Column, Edit, Expression, ListKind, Trait, TraitSet, index_on

from . import services
from .desk import EDIT, READ
from .importing import SIZES

TRAITS = TraitSet(
    "parcels_parcel",
    [
        Trait(
            name="parcels.code", title="Code", kind="text", read=itemgetter("code"),
            read_key=itemgetter("code_key"), sql=Expression("t.code_key"), events=("parcels.arrived",),
        ),
        Trait(
            name="parcels.state", title="State", kind="choice", read=itemgetter("state"), sql=Expression("t.state"),
            choices=services.STATES, events=("parcels.changed",),
        ),
        Trait(
            name="parcels.size", title="Size", kind="choice", read=itemgetter("size"), sql=Expression("t.size"),
            choices=SIZES, events=("parcels.arrived",),
        ),
        Trait(
            name="parcels.weight", title="Weight in kg", kind="number", read=itemgetter("weight"),
            sql=Expression("t.weight"), events=("parcels.changed",),
        ),
        Trait(
            name="parcels.worth", title="Worth", kind="money", currency="EUR", read=itemgetter("worth"),
            sql=Expression("t.worth"), events=("parcels.arrived",),
        ),
        Trait(
            name="parcels.due", title="Kept until", kind="date", read=itemgetter("due"), sql=Expression("t.due"),
            events=("parcels.changed",),
        ),
        Trait(
            name="parcels.arrived_at", title="Arrived", kind="time", read=itemgetter("created_at"),
            sql=Expression("t.created_at"), events=("parcels.arrived",),
        ),
    ],
)  # fmt: skip

PARCELS = ListKind(
    name="parcels.parcels",
    title="All parcels",
    noun="parcel",
    url="/parcels/all",
    permission=READ.name,
    traits=TRAITS,
    columns=[
        Column(key="code", trait="parcels.code", sql=Expression("t.code"), show="link", indexed=True),
        Column(
            key="state", trait="parcels.state", show="badge", colours={"here": "info", "called": "warning"}, group=True,
            edit=Edit(permission=EDIT.name, set=services.set_state),
        ),
        Column(
            key="weight", trait="parcels.weight", make_index=index_on("parcels_parcel", "weight"),
            edit=Edit(permission=EDIT.name, set=services.set_weight),
        ),
        Column(key="size", trait="parcels.size", default=False, group=True),
        Column(key="worth", trait="parcels.worth", default=False),
        Column(key="due", trait="parcels.due", edit=Edit(permission=EDIT.name, set=services.set_due)),
        Column(key="arrived", trait="parcels.arrived_at"),
        Column(key="changed_by", title="Last changed by", sql=Expression("t.changed_by"), default=False),
    ],
    version=Expression("t.version"),
    editor=Expression("t.changed_by"),
    address=lambda row: f"/parcels/parcel/{row['uid']}",
    search=["parcels.code"],
    sort="code",
    actions=[
        BulkAction(
            key="set_state", title="Set state", permission=EDIT.name, ask="State",
            choices=lambda actor: services.STATES,
            confirm="Set the state of %(num)s parcels?", apply=services.set_states, undo=services.restore_states,
            icon="tag",
        ),
    ],
)  # fmt: skip
