OPENQASM 3.0;
// cutq: {"digest": "ce7a83af5dd90ed1", "names": {"param_0": "x[0]", "param_1": "x[1]", "param_2": "x[2]", "param_3": "x[3]"}}
include "stdgates.inc";
input float[64] param_0;
input float[64] param_1;
input float[64] param_2;
input float[64] param_3;
qubit[5] q;
rx(3.141592653589793*param_0) q[0];
rx(3.141592653589793*param_1) q[1];
rx(3.141592653589793*param_2) q[2];
rx(3.141592653589793*param_3) q[3];
cx q[0], q[4];
cx q[1], q[4];
cx q[2], q[4];
cx q[3], q[4];
