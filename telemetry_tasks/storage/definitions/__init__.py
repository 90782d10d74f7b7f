"""Where definition files are found: a contract and one file a technology."""
