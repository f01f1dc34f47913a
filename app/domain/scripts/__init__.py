"""Scripts as text: their parts, how they are merged three ways, and what names they use."""
