"""The Prometheus exporter: what the deployment is like, asked when a scrape asks."""
