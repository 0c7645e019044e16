// Package planpb carries a physical plan, with what its query fixes, between
// processes.
//
// Every operator and every expression is an envelope {kind, children, fields}:
// the kind's name, the children's envelopes, and the kind's own fields. Each kind has one entry in a registry (nodes.go, exprs.go) that
// writes and reads its fields. Functions are named by name and declared argument types, and looked up
// again where the plan is read. Both ends are of one version.
package planpb
