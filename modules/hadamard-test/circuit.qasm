OPENQASM 3.0;
// cutq: {"digest": "8ce7ce1705d8ddd4", "names": {"param_0": "angles[0]", "param_1": "angles[1]", "param_2": "angles[2]", "param_3": "angles[3]"}}
include "stdgates.inc";
input float[64] param_0;
input float[64] param_1;
input float[64] param_2;
input float[64] param_3;
qubit[2] q;
h q[0];
cu(param_0, param_1, param_2, param_3) q[0], q[1];
