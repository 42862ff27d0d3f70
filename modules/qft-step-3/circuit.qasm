OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
h q[0];
cp(1.5707963267948966) q[1], q[0];
cp(0.7853981633974483) q[2], q[0];
