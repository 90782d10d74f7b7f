"""What is promised must hold while services fail."""
