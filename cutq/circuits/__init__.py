"""The circuit as a value: gates, operations, circuits, observables, OpenQASM and the networkx graph."""
