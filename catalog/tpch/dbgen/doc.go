// Package dbgen makes the rows of TPC's dbgen (TPC-H 2.x and 3.x): the same
// random streams, distributions and pseudo text, so every value of every
// column equals what the C program writes for the same scale factor.
//
// Generation is columnar. A Generator stands on a range of units (orders for
// orders and lineitem, parts for part and partsupp, rows elsewhere), Next
// moves it over the next chunk, and Fill makes one column of that chunk. No
// state is carried between chunks: every stream is a multiplicative congruence,
// so the seed at any unit is one modular power away. A column that is never
// filled costs nothing, and two generators over neighbouring ranges make
// exactly the rows of one generator over both.
package dbgen
