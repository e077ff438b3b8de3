"""What is kept of customers, and how long."""

from __future__ import annotations

from ecrm_server.privacy.kind import Retention

_WHY = "We deal with you, and know what we agreed on."
_FIXED = "until the customer is erased; what must be kept by law keeps no name"

TABLES = [
    Retention(table=table, holds=holds, why=why, fixed=_FIXED)
    for table, holds, why in (
        ("customer", "Your name, address, phone number and what else is known of you as a customer", _WHY),
        ("contact_point", "Further addresses and phone numbers", _WHY),
        ("address", "Postal addresses", _WHY),
        ("customer_key", "Words under which our staff find you", _WHY),
        ("customer_tag", "Tags", _WHY),
        ("custom_choice", "What was chosen for you in fields of this site", _WHY),
        ("membership", "The organisations you belong to", _WHY),
        ("activity", "Notes, calls, meetings, tasks and mails of our staff, and your answers", _WHY),
        ("customer_removed", "What our staff removed, for a day", "A mistake can be undone."),
        ("received_mail", "Mails you answered ours with: sender, what they repeat, names of attachments", _WHY),
        ("customer_claim", "That you were invited to make an account", "The account finds the customer."),
        ("customer_merge", "That two records turned out to be you", "A mistake can be undone."),
    )
] + [
    Retention(
        table=table, holds=holds, why="Somebody looks after each organisation.",
        fixed="as long as the organisation; erasure takes a person's name off it",
    )
    for table, holds in (
        ("organisation", "Which organisations you look after"),
        ("account_plan", "Which plans you look after"),
        ("account_plan_step", "Which steps of plans are yours"),
    )
]  # fmt: skip
