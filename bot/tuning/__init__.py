"""Learning the classifiers and the weights anew from package data, and judging what was learned."""
