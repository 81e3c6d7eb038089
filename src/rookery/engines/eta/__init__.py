"""When things arrive: spreads learned from past legs, and the arrival of a plan as a distribution."""
