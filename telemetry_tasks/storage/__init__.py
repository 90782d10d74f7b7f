"""Storage: two contracts (``objects``, ``state``) and one package per technology."""
