"""The post office: accepting, the status table, jobs, routing, and what was fetched by whom."""
