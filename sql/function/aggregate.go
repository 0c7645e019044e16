package function

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// Agg is one overload of an aggregate function. Partial aggregation, the
// shuffle, spilling and windows all use the same accumulator.
type Agg struct {
	Name     string
	Args     []types.Type // none for count(*)
	Variadic bool
	Result   types.Type
	Infer    func(args []types.Type) types.Type // overrides Result
	// State returns the columns of a partial state for these argument types.
	State func(args []types.Type) []types.Type
	// New makes an accumulator for these argument types.
	New func(args []types.Type) Accumulator
	// IgnoresDuplicates is true where DISTINCT makes no difference (min, max, bool_and …).
	IgnoresDuplicates bool
	// OrderSensitive is true where the order of the input rows can change the result
	// (array_agg, string_agg, float sums): its stage is marked non-deterministic.
	OrderSensitive bool
}

// Accumulator holds the states of one aggregate for many groups. Group numbers
// are dense from 0. It is used by one goroutine.
type Accumulator interface {
	// Grow makes room for groups 0..n-1; new groups are empty.
	Grow(n int)
	// Update folds rows in. args are Flat or Const; sel (nil = 0..n-1) lists the rows, and
	// groups[k] is the group of the k-th listed row. groups == nil means that all rows belong to group 0.
	Update(c *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error
	// Merge folds partial states in, with the same conventions; state has the columns of Agg.State.
	Merge(c *Context, groups []int32, state []*vector.Vector, sel []int32, n int) error
	// State returns the partial states of groups [from, to).
	State(from, to int) ([]*vector.Vector, error)
	// Final returns the results of groups [from, to).
	Final(c *Context, from, to int) (*vector.Vector, error)
	// Bytes returns the memory held, for accounting.
	Bytes() int64
	// Reset drops all groups, keeping the memory.
	Reset()
}

// Grower is an accumulator that says beforehand what it will allocate.
type Grower interface {
	// Growth returns the bytes that Grow(n) allocates besides those held, the memory
	// that it then leaves not taken off, and what keeping rows rows takes whatever their values.
	Growth(n, rows int) int64
}

// Follower is an accumulator that can report another's states.
type Follower interface {
	// Follow makes the accumulator report lead's states, if it would keep the same ones of the
	// same rows, as avg(x) does beside sum(x); from then on only lead is grown, updated and reset.
	Follow(lead Accumulator) bool
}

// Window is one overload of a pure window function (rank, lag …). Aggregates
// serve as window functions through their accumulators.
type Window struct {
	Name   string
	Args   []types.Type
	Result types.Type
	Infer  func(args []types.Type) types.Type
	// Eval computes rows [p.From, p.To) of out, a Flat vector over all rows of the sorted
	// input; args lie over the same rows, Flat or Const.
	Eval func(p *WindowPartition, args []*vector.Vector, out *vector.Vector) error
}

// WindowPartition describes one partition of a window's sorted input. All
// positions are absolute row positions in the input.
type WindowPartition struct {
	From, To   int
	PeerFrom   []int32 // for row From+i: first row of its peer group
	PeerTo     []int32 // one past the last row of its peer group
	FrameFrom  []int32 // for row From+i: frame start; nil if the function ignores frames
	FrameTo    []int32 // one past the frame's end
	FrameHoles []int32 // reserved for EXCLUDE; nil
}

// Table is a set-returning function: generate_series, unnest …
type Table struct {
	Name       string
	Args       []types.Type
	Variadic   bool
	Columns    func(args []types.Type) []types.Field
	Volatility Volatility
	// Call produces the rows for one set of arguments: row i of args (Flat or Const).
	// emit takes batches of the declared columns; it may return an error to stop early.
	Call func(c *Context, args []*vector.Vector, i int, emit func(*vector.Batch) error) error
}
