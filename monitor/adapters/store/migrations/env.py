"""What alembic runs: the migrations, on the connection it is handed.

The caller began the transaction and ends it, so that a migration that fails
leaves the file as it was.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
