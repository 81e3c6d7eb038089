"""Who gets how much of one limited thing: guarantees, lending and recall, fair rounds, cuts. Integers only."""
