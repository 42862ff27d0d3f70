OPENQASM 3.0;
// cutq: {"digest": "33ff9a43b4f1f388", "names": {"param_0": "x[0]", "param_1": "x[1]"}}
include "stdgates.inc";
input float[64] param_0;
input float[64] param_1;
qubit[2] q;
rx(3.141592653589793*param_0) q[0];
rx(3.141592653589793*param_1) q[1];
