"""Runs migrations on the connection that `digipoort_sim.store.schema` hands over."""

from __future__ import annotations

from alembic import context

from digipoort_sim.store.metadata import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
