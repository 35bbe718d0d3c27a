"""The people of the office: who they are, what they may do, and that it is really they."""
