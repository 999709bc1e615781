"""The pages of saved panels: one room a tab, the same head above all of them."""
