"""The use cases as plain functions over the storage contracts. The clock is an argument."""
