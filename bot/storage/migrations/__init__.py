"""The steps from an empty database to the present schema; ``versions`` holds one file a step."""
