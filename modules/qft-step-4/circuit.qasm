OPENQASM 3.0;
include "stdgates.inc";
qubit[4] q;
h q[0];
cp(1.5707963267948966) q[1], q[0];
cp(0.7853981633974483) q[2], q[0];
cp(0.39269908169872414) q[3], q[0];
