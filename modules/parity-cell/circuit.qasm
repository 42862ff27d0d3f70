OPENQASM 3.0;
// cutq: {"digest": "3f43c6e556d671cb", "names": {"param_0": "before[0]", "param_1": "before[1]", "param_2": "before[2]", "param_3": "bit_turn[0]", "param_4": "bit_turn[1]", "param_5": "bit_turn[2]", "param_6": "coupling[0]", "param_7": "coupling[1]", "param_8": "after[0]", "param_9": "after[1]", "param_10": "after[2]"}}
include "stdgates.inc";
input float[64] loaded;
input float[64] param_0;
input float[64] param_1;
input float[64] param_2;
input float[64] param_3;
input float[64] param_4;
input float[64] param_5;
input float[64] param_6;
input float[64] param_7;
input float[64] param_8;
input float[64] param_9;
input float[64] param_10;
gate rxx(t0) a, b { h a; h b; cx a, b; rz(t0) b; cx a, b; h a; h b; }
gate rzx(t0) a, b { h b; cx a, b; rz(t0) b; cx a, b; h b; }
qubit[2] q;
rx(loaded) q[1];
rz(param_0) q[0];
ry(param_1) q[0];
rz(param_2) q[0];
rz(param_3) q[1];
ry(param_4) q[1];
rz(param_5) q[1];
rzx(param_6) q[1], q[0];
rxx(param_7) q[0], q[1];
rz(param_8) q[0];
ry(param_9) q[0];
rz(param_10) q[0];
