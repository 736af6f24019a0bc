"""What crosses to another repository."""
