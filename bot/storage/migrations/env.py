"""How Alembic runs the steps: on the connection it is given, inside its transaction."""

from alembic import context

from bot.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite has transactional DDL; Alembic assumes the contrary.
    transactional_ddl=True,
    # SQLite cannot alter most things in place: Alembic then copies the table.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
