package planpb

import (
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/types"
)

// function names a function; found says whether the registry has it so.
func (w *writer) function(kind, name string, args []types.Type, found bool) {
	if !found {
		w.fail("%s function %s%v is not in the registry", kind, name, args)
	}
	w.string(name)
	w.types(args)
}

// lookup finds what function named.
func lookup[F any](r *reader, kind string, find func(string, []types.Type) (*F, bool)) *F {
	name, args := r.string(), r.types()
	if r.err != nil {
		return nil
	}
	f, ok := find(name, args)
	if !ok {
		r.fail("no %s function %s%v", kind, name, args)
	}
	return f
}

func (w *writer) scalar(f *function.Func) {
	x, ok := function.Find(f.Name, f.Args)
	w.function("scalar", f.Name, f.Args, ok && x == f)
}

func (w *writer) aggregate(f *function.Agg) {
	x, ok := function.FindAggregate(f.Name, f.Args)
	w.function("aggregate", f.Name, f.Args, ok && x == f)
}

func (w *writer) window(f *function.Window) {
	x, ok := function.FindWindow(f.Name, f.Args)
	w.function("window", f.Name, f.Args, ok && x == f)
}

func (w *writer) table(f *function.Table) {
	x, ok := function.FindTable(f.Name, f.Args)
	w.function("table", f.Name, f.Args, ok && x == f)
}

func (r *reader) scalar() *function.Func   { return lookup(r, "scalar", function.Find) }
func (r *reader) aggregate() *function.Agg { return lookup(r, "aggregate", function.FindAggregate) }
func (r *reader) window() *function.Window { return lookup(r, "window", function.FindWindow) }
func (r *reader) table() *function.Table   { return lookup(r, "table", function.FindTable) }
