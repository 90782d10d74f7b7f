"""Sources of definition files: a contract and one module per technology."""
