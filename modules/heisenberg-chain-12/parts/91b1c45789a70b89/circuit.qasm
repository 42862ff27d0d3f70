OPENQASM 3.0;
// cutq: {"digest": "2604504d766f61e7", "names": {"param_0": "gamma[0]", "param_1": "beta[0]", "param_2": "gamma[1]", "param_3": "beta[1]"}}
include "stdgates.inc";
input float[64] param_0;
input float[64] param_1;
input float[64] param_2;
input float[64] param_3;
gate rxx(t0) a, b { h a; h b; cx a, b; rz(t0) b; cx a, b; h a; h b; }
gate ryy(t0) a, b { sdg a; sdg b; h a; h b; cx a, b; rz(t0) b; cx a, b; h a; h b; s a; s b; }
gate rzz(t0) a, b { cx a, b; rz(t0) b; cx a, b; }
qubit[4] q;
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
