"""Every change: takes a session, never commits, writes history in the same transaction."""

from tracker.service.access import create_token, revoke_token
from tracker.service.clauses import change_clause, create_clause, remove_clause
from tracker.service.follow_ups import change_follow_up, record_follow_up, remove_follow_up
from tracker.service.things import ANY, Match

__all__ = [
    "ANY",
    "Match",
    "change_clause",
    "change_follow_up",
    "create_clause",
    "create_token",
    "record_follow_up",
    "remove_clause",
    "remove_follow_up",
    "revoke_token",
]
