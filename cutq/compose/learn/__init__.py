"""Training compositions: losses, optimisers, checkpoints, and what can be said of a module before."""
