"""Jobs of the notices."""

from __future__ import annotations

from ecrm_server.jobs.kind import JobKind
from ecrm_server.notices.delivery import deliver
from ecrm_server.notices.mail import DELIVER

KINDS = [JobKind(DELIVER, deliver, "Send mail", every=60)]
