OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
h q[0];
cp(1.5707963267948966) q[1], q[0];
