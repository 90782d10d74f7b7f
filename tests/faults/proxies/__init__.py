"""Proxies between the product and its services that make them fail in chosen ways."""
