OPENQASM 3.0;
// cutq: {"digest": "99072c3ff866e5ce", "names": {"param_0": "phase"}}
include "stdgates.inc";
input float[64] turn;
input float[64] param_0;
qubit[2] q;
h q[0];
x q[1];
cp(turn) q[0], q[1];
p(-1.0*param_0) q[0];
h q[0];
