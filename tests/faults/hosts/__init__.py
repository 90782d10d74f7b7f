"""Several hosts on one machine: network namespaces, whose cables can be pulled."""
