"""Jobs of the notices."""

from __future__ import annotations

from ecrm_server.jobs.kind import JobKind
from ecrm_server.notices.delivery import deliver
from ecrm_server.notices.mail import DELIVER
from ecrm_server.notices.retention import tidy

KINDS = [
    JobKind(DELIVER, deliver, "Send mail", every=60),
    JobKind("notices.tidy", tidy, "Delete old mail and notices", every=86_400),
]
