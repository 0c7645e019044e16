package shuffle

import (
	"math"

	"github.com/flintsql/flint/cluster/scheduler"
)

// One is the span of a single partition.
func One(partition int) scheduler.Span {
	return scheduler.Span{From: partition, To: partition + 1}
}

// All is the span of all partitions of an output, however many there are.
func All() scheduler.Span { return scheduler.Span{From: 0, To: math.MaxInt32} }

// within returns the part of a span that an output with n partitions has.
func within(s scheduler.Span, n int) (from, to int) {
	from = min(max(0, s.From), n)
	return from, min(max(from, s.To), n)
}
