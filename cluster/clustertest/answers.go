package clustertest

import (
	"testing"

	"github.com/flintsql/flint/server/slt"
)

// Queries returns TPC-H's queries with their answers at a scale factor.
func Queries(t testing.TB, scale string) []slt.TPCH {
	return slt.Queries(t, slt.Shared(t, "tpch", "answers", scale))
}

// check compares rows with a query's answer.
func check(q slt.TPCH, got [][]string) error { return q.Want.Compare(q.Want.Header, got) }
