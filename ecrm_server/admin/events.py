"""Events of the administration."""

from __future__ import annotations

from ecrm_server.events import Event


class FeatureEnabled(Event, name="admin.feature_enabled"):
    """A plugin was switched on."""

    plugin: str


class FeatureDisabled(Event, name="admin.feature_disabled"):
    """A plugin was switched off; its data stays."""

    plugin: str


class SettingsChanged(Event, name="admin.settings_changed"):
    """Settings of a part were changed; ``names`` lists which."""

    part: str
    names: list


EVENTS: list[type[Event]] = [FeatureEnabled, FeatureDisabled, SettingsChanged]
