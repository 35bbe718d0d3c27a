"""What this project refuses, each with a sentence the reader can act on.

``Refused`` is the one root of expected refusals in all three packages. Its message is shown to clerks and citizens as
it stands, so it is Chinese and says what is wrong, where, and what to do. Anything else that is raised is a defect.

    Refused
    ├── UnreadableFile     the file cannot be read at all
    ├── UnrecognisedFile   it can be read, but is not the kind of document asked for
    └── UnknownArea        no such area
"""


class Refused(Exception):
    """Input turned down; ``str(error)`` is the sentence to show."""


class UnreadableFile(Refused):
    """The file is missing, locked, damaged, in an unknown encoding or of an unknown format."""


class UnrecognisedFile(Refused):
    """The file can be read but is not the kind of document asked for; says what it seems to be and what to bring."""


class UnknownArea(Refused):
    """The area code is malformed, or the area name is not in the list."""
