package exec

import (
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/sqlerr"
)

// builder makes the operators of one task.
type builder struct {
	env     *Env
	clock   *clock
	filters map[*physical.Scan]*scanFilters // runtime filters for scans, filled by joins above them
	codes   codeMarks
}

// Build makes the operator tree of a stage's task. Nothing is opened or
// charged before Open.
func Build(n physical.Node, env *Env) (Operator, error) {
	if env.Stats == nil {
		env.Stats = &TaskStats{}
	}
	last := -1
	physical.Walk(n, func(x physical.Node) { last = max(last, int(x.Info().ID)) })
	if last >= len(env.Stats.Ops) {
		ops := make([]OpStats, last+1)
		copy(ops, env.Stats.Ops)
		env.Stats.Ops = ops
	}
	b := &builder{env: env, clock: &clock{}, filters: map[*physical.Scan]*scanFilters{}}
	return b.build(n)
}

func (b *builder) build(n physical.Node) (Operator, error) {
	op, err := b.operator(n)
	if err != nil {
		return nil, err
	}
	return &measured{op: op, stats: b.env.Stats.op(n.Info().ID), clock: b.clock}, nil
}

func (b *builder) operator(n physical.Node) (Operator, error) {
	switch n := n.(type) {
	case *physical.Scan:
		return newScan(b, n)
	case *physical.Values:
		return newValues(b, n)
	case *physical.ExchangeSource:
		return newExchangeSource(b, n)
	case *physical.HashJoin:
		return newHashJoin(b, n)
	case *physical.NestedLoopJoin:
		return newNestedLoopJoin(b, n)
	case *physical.Union:
		return newUnion(b, n)
	case *physical.TopN:
		bound := b.topBound(n)
		in, err := b.build(n.Input)
		if err != nil {
			return nil, err
		}
		return newTopN(b, n, in, bound), nil
	}
	if a, ok := n.(*physical.HashAggregate); ok {
		b.markCodes(a)
	}
	kids := n.Children()
	if len(kids) != 1 {
		return nil, sqlerr.New(sqlerr.Internal, "unknown operator %T", n)
	}
	in, err := b.build(kids[0])
	if err != nil {
		return nil, err
	}
	return b.unary(n, in)
}

func (b *builder) unary(n physical.Node, in Operator) (Operator, error) {
	switch n := n.(type) {
	case *physical.Filter:
		return newFilter(b, n, in)
	case *physical.Project:
		return newProject(b, n, in)
	case *physical.HashAggregate:
		return newHashAggregate(b, n, in)
	case *physical.Sort:
		return newSort(b, n, in), nil
	case *physical.Fetch:
		return newFetch(b, n, in), nil
	case *physical.Limit:
		return newLimit(b, n, in), nil
	case *physical.Window:
		return newWindow(b, n, in)
	case *physical.TableFunc:
		return newTableFunc(b, n, in)
	}
	return nil, sqlerr.New(sqlerr.Internal, "unknown operator %T", n)
}
