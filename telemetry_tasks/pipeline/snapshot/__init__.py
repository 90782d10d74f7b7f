"""The state as a snapshot of layout 2: packs, manifests, and the document that names them."""
