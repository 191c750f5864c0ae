"""English and Portuguese words that show what a name is, who speaks, and what is promised."""

from __future__ import annotations

import re

from tracker.drafting.wordlists import alternatives, entries, word_set

SAYING = alternatives("en_saying")

SAYING_PLAINLY = "|".join(
    re.escape(verb) for verb in entries("en_saying") if verb not in word_set("en_saying_of_things")
)
"""Those that have a person before them almost always."""

HONORIFICS = word_set("en_honorifics")
ROLES = word_set("en_roles")
LOW_ROLES = alternatives("en_low_roles")

ORGANISATION_HEADS = word_set("en_organisation_heads")
BODIES = word_set("en_bodies")

LOCAL = word_set("en_local")
NOT_NAMES = word_set("en_not_names")

JOINT = (
    r"(?:the\s)?(?:two|three|four|both)\s(?!years?|months?|weeks?|days?|hours?|students?|million|"
    r"percent|hundred)[A-Za-z]+s(?=\s(?:will|shall|have|agreed|pledged|committed|also|intend|"
    r"plan))|(?:the\s)?(?:two|three|four|five|six|both|all|participating|signing|"
    r"partner)\s(?:of\sthe\s)?(?:\w+\s)?(?:sides|parties|institutions|organi[sz]ations|cities|"
    r"countries|agencies|universities|bodies|partners|companies|"
    r"governments|ministries|groups|entities|local governments|departments|provinces|councils|"
    r"authorities|schools|hospitals|firms|nations|states|museums|forces|services|municipalities|"
    r"towns|colleges)|"
    r"the\s(?:parties|partners|pair|partnership|sides|signatories|cooperation|collaboration|"
    r"institutions|organi[sz]ations|universities|cities|two)|they|the\s[a-z]{4,}s(?=\s(?:have\s|"
    r"also\s|further\s)?(?:agreed|pledged|committed|undertook))|both|each\s(?:party|side|"
    r"institution|partner|city)"
)
COUNTRIES = alternatives("countries")

KEPT_WHOLE = word_set("en_kept_whole")

AGREEMENT = (
    r"\b(?:the|this|a|an|its|their|new|renewed|said)\s(?:(?!says?\b|said\b|the\b|that\b|"
    r"of\b)[\w-]+\s){0,3}?(?:mous?|moa|memorandum(?:\sof\s(?:understanding|agreement|"
    r"cooperation))?|agreement|accord|pact|deal|partnership|protocol|treaty|arrangement|compact|"
    r"charter|contract|declaration|cooperation|collaboration|alliance|document|amendment|addendum|"
    r"concordat|covenant|framework|text(?!\s(?:message|book|line))|letter of intent)|"
    r"\b(?:cooperation|collaboration|co-operation)\sbetween\s(?:the\s)?[^,.]{3,60}?"
)
