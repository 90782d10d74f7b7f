"""Layout 2: content-addressed packs of numbers, manifests that name them, and one pointer (docs/layout-2.md)."""
