"""Where to cut: a proving search and a beam over plain networkx graphs with prices."""
