"""OpenQASM 2 and 3: reading through Qiskit's parsers, writing without loss."""
