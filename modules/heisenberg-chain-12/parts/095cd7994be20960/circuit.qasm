OPENQASM 3.0;
// cutq: {"digest": "63502c24796d7524", "names": {"param_0": "gamma[0]", "param_1": "beta[0]", "param_2": "gamma[1]", "param_3": "beta[1]", "param_4": "gamma[2]", "param_5": "beta[2]"}}
include "stdgates.inc";
input float[64] param_0;
input float[64] param_1;
input float[64] param_2;
input float[64] param_3;
input float[64] param_4;
input float[64] param_5;
gate rxx(t0) a, b { h a; h b; cx a, b; rz(t0) b; cx a, b; h a; h b; }
gate ryy(t0) a, b { sdg a; sdg b; h a; h b; cx a, b; rz(t0) b; cx a, b; h a; h b; s a; s b; }
gate rzz(t0) a, b { cx a, b; rz(t0) b; cx a, b; }
qubit[4] q;
x q[0];
x q[1];
h q[0];
cx q[0], q[1];
x q[2];
x q[3];
h q[2];
cx q[2], q[3];
rxx(param_0) q[0], q[1];
ryy(param_0) q[0], q[1];
rzz(param_0) q[0], q[1];
rxx(param_0) q[2], q[3];
ryy(param_0) q[2], q[3];
rzz(param_0) q[2], q[3];
rxx(param_1) q[1], q[2];
ryy(param_1) q[1], q[2];
rzz(param_1) q[1], q[2];
rxx(param_2) q[0], q[1];
ryy(param_2) q[0], q[1];
rzz(param_2) q[0], q[1];
rxx(param_2) q[2], q[3];
ryy(param_2) q[2], q[3];
rzz(param_2) q[2], q[3];
rxx(param_3) q[1], q[2];
ryy(param_3) q[1], q[2];
rzz(param_3) q[1], q[2];
rxx(param_4) q[0], q[1];
ryy(param_4) q[0], q[1];
rzz(param_4) q[0], q[1];
rxx(param_4) q[2], q[3];
ryy(param_4) q[2], q[3];
rzz(param_4) q[2], q[3];
rxx(param_5) q[1], q[2];
ryy(param_5) q[1], q[2];
rzz(param_5) q[1], q[2];
