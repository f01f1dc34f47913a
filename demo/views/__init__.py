"""The operations of the demo, one module per kind of resource."""
