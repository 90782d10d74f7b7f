"""The page and the published data over HTTP."""
