package optimizer

import (
	"context"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/logical"
)

// buildSide makes the smaller input of an inner or left join the right one,
// which builds the hash table.
//
//	tiny LEFT JOIN huge → huge RIGHT JOIN tiny
type buildSide struct{}

func (buildSide) Name() string { return "build_side" }
func (buildSide) Order() Order { return BottomUp }

// swapFactor is how much smaller the left side must be before sides are swapped.
const swapFactor = 1.5

func (buildSide) Apply(_ context.Context, n logical.Node, m *cost.Model) (logical.Node, bool, error) {
	j, ok := n.(*logical.Join)
	if !ok || j.Kind != logical.Inner && j.Kind != logical.Left && j.Kind != logical.Full {
		return n, false, nil
	}
	if m.Bytes(j.L)*swapFactor >= m.Bytes(j.R) || j.Kind == logical.Inner && m.Rows(j.L) > m.Rows(j.R) {
		return n, false, nil
	}
	y := *j
	y.L, y.R = j.R, j.L
	if j.Kind == logical.Left {
		y.Kind = logical.Right
	}
	return withSchema(&y, j.Schema()), true, nil
}
