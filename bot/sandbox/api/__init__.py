"""The platform's HTTP interface: what each path takes, refuses and answers."""
