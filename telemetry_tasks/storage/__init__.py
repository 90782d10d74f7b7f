"""Where bytes are kept: two contracts (``objects``, ``state``) and one file a technology."""
