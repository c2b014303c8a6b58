"""The nouns: sizes, shapes, their notation, and the constraints between them."""
