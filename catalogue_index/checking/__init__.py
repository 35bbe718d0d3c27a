"""Checks a draft catalogue before it is published: each finding says where, what is wrong, what to do, and by which rule.

draft     the table that is checked, as the importer reads it
guide     the names and order it should keep: a file, or what several places publish alike
naming    the draft against the guide
layout    columns and names of the table
cells     what single cells say: basis, content, body, channels, deadline, method, level
damage    what scanning and typing broke
laws      laws that are no longer in force
rules     every rule with its source, as data
findings  runs all checks
"""

from .draft import Draft
from .findings import Finding, check
from .guide import Guide, consensus, of_file

__all__ = ["Draft", "Finding", "Guide", "check", "consensus", "of_file"]
