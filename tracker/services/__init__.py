"""Every change: takes an open change, never commits, records history in the same transaction."""

from tracker.services.access import create_token, revoke_token
from tracker.services.follow_ups import (
    change_follow_up,
    record_follow_up,
    record_follow_ups,
    remove_follow_up,
)
from tracker.services.resources import ANY, Match
from tracker.services.reverting import revert_change
from tracker.services.writing import create_part, create_resource, remove_resource, update_resource

__all__ = [
    "ANY",
    "Match",
    "change_follow_up",
    "create_part",
    "create_resource",
    "create_token",
    "record_follow_up",
    "record_follow_ups",
    "remove_follow_up",
    "remove_resource",
    "revert_change",
    "revoke_token",
    "update_resource",
]
