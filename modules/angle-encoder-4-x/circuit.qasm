OPENQASM 3.0;
// cutq: {"digest": "b38830ffc700f8cc", "names": {"param_0": "x[0]", "param_1": "x[1]", "param_2": "x[2]", "param_3": "x[3]"}}
include "stdgates.inc";
input float[64] param_0;
input float[64] param_1;
input float[64] param_2;
input float[64] param_3;
qubit[4] q;
rx(param_0) q[0];
rx(param_1) q[1];
rx(param_2) q[2];
rx(param_3) q[3];
