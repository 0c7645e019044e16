package analyzer

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// stackFunctions puts the select list's set-returning functions on a plan. Several
// advance in lockstep, shorter ones padded with NULL.
func (b *binder) stackFunctions(plan logical.Node, fs []*logical.TableFunc) (logical.Node, error) {
	if len(fs) == 0 {
		return plan, nil
	}
	if len(fs) == 1 {
		fs[0].Input = plan
		return fs[0], nil
	}
	if sameLength(fs) {
		return b.chain(plan, fs)
	}
	parts := make([]zipped, len(fs))
	for i, f := range fs {
		f.Input = oneRow()
		b.number(f)
		parts[i] = zipped{f, f.Cols[:len(f.Cols)-1], f.Cols[len(f.Cols)-1]}
	}
	all, err := b.zip(parts)
	if err != nil {
		return nil, err
	}
	return &logical.Apply{Kind: logical.Inner, L: plan, R: all.plan}, nil
}

// number adds a row number to a function's columns.
func (b *binder) number(f *logical.TableFunc) *expr.Column {
	c := b.ids.NewColumn("ordinality", types.Of(types.Int8), false)
	f.WithOrdinality = true
	f.Cols = append(f.Cols[:len(f.Cols):len(f.Cols)], c)
	return c.Ref()
}

// perElement are functions with one row for each element of their first argument.
var perElement = map[string]bool{"unnest": true, "generate_subscripts": true, "_pg_expandarray": true}

// sameLength reports functions that walk one array, so that none needs padding.
func sameLength(fs []*logical.TableFunc) bool {
	for _, f := range fs {
		if !perElement[f.Func.Name] || !expr.Equal(f.Args[0], fs[0].Args[0]) {
			return false
		}
	}
	return true
}

// chain calls each function for the rows of the one before and keeps equal row numbers.
func (b *binder) chain(plan logical.Node, fs []*logical.TableFunc) (logical.Node, error) {
	var first *expr.Column
	for i, f := range fs {
		f.Input = plan
		n := b.number(f)
		plan = f
		if i == 0 {
			first = n
			continue
		}
		eq, err := b.operator("=", []expr.Expr{first, n}, nil)
		if err != nil {
			return nil, err
		}
		plan = filter(plan, eq)
	}
	return plan, nil
}

// zipped is a plan whose rows are numbered by a column.
type zipped struct {
	plan logical.Node
	cols []logical.Column // without the number
	ord  logical.Column
}

// zip joins plans by their row numbers.
func (b *binder) zip(parts []zipped) (zipped, error) {
	out := parts[0]
	for _, p := range parts[1:] {
		eq, err := b.operator("=", []expr.Expr{out.ord.Ref(), p.ord.Ref()}, nil)
		if err != nil {
			return out, err
		}
		cols := append(out.cols[:len(out.cols):len(out.cols)], p.cols...)
		both := b.ids.NewColumn("ordinality", types.Of(types.Int8), false)
		merged := &expr.Coalesce{Args: []expr.Expr{out.ord.Ref(), p.ord.Ref()}, Typ: both.Field.Type}
		j := &logical.Join{Kind: logical.Full, L: out.plan, R: p.plan, On: []expr.Expr{eq}}
		out.plan = &logical.Project{Input: j, Items: append(passThrough(cols), logical.Item{Col: both, Expr: merged})}
		out.cols, out.ord = cols, both
	}
	return out, nil
}
