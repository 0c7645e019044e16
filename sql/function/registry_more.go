package function

import (
	"slices"
	"sync"

	"github.com/flintsql/flint/sql/types"
)

// byName indexes a registry.
func byName[T any](list []T, name func(*T) string) map[string][]*T {
	m := map[string][]*T{}
	for i := range list {
		n := name(&list[i])
		m[n] = append(m[n], &list[i])
	}
	return m
}

var aggregatesByName = sync.OnceValue(func() map[string][]*Agg {
	return byName(aggregates, func(a *Agg) string { return a.Name })
})

// Aggregates returns the overloads of an aggregate function.
func Aggregates(name string) []*Agg { return aggregatesByName()[name] }

// AllAggregates lists the aggregate functions.
func AllAggregates() []Agg { return aggregates }

// ResultType returns the type of the aggregate over arguments of these types.
func (a *Agg) ResultType(args []types.Type) types.Type {
	return ResultType(a.Args, a.Variadic, a.Result, a.Infer, args)
}

// ResolveAggregate is Resolve for aggregates. Numerics with a static scale keep
// it: the accumulators know both kinds.
func ResolveAggregate(name string, args []types.Type) (*Agg, []types.Type, error) {
	list := Aggregates(name)
	sigs := make([]Signature, len(list))
	for i, a := range list {
		sigs[i] = Signature{a.Args, a.Variadic}
	}
	i, coerced, err := ResolveSignature(name, sigs, args)
	if err != nil {
		return nil, nil, err
	}
	return list[i], keepFixed(coerced, args), nil
}

// keepFixed undoes the loss of a static scale where nothing else is converted.
func keepFixed(coerced, args []types.Type) []types.Type {
	for k, t := range coerced {
		if t == tNumeric && args[k].IsFixedNumeric() {
			coerced[k] = args[k]
		}
	}
	return coerced
}

var windowsByName = sync.OnceValue(func() map[string][]*Window {
	return byName(windows, func(w *Window) string { return w.Name })
})

// Windows returns the overloads of a pure window function.
func Windows(name string) []*Window { return windowsByName()[name] }

// AllWindows lists the pure window functions.
func AllWindows() []Window { return windows }

// ResultType returns the type of the window function over these arguments.
func (w *Window) ResultType(args []types.Type) types.Type {
	return ResultType(w.Args, false, w.Result, w.Infer, args)
}

// ResolveWindow is Resolve for pure window functions.
func ResolveWindow(name string, args []types.Type) (*Window, []types.Type, error) {
	list := Windows(name)
	sigs := make([]Signature, len(list))
	for i, w := range list {
		sigs[i] = Signature{Args: w.Args}
	}
	i, coerced, err := ResolveSignature(name, sigs, args)
	if err != nil {
		return nil, nil, err
	}
	return list[i], coerced, nil
}

// AllTables lists the set-returning functions.
func AllTables() []Table { return append(tables[:len(tables):len(tables)], catalogTables...) }

var tablesByName = sync.OnceValue(func() map[string][]*Table {
	return byName(AllTables(), func(t *Table) string { return t.Name })
})

// Tables returns the overloads of a set-returning function.
func Tables(name string) []*Table { return tablesByName()[name] }

// ResolveTable is Resolve for set-returning functions.
func ResolveTable(name string, args []types.Type) (*Table, []types.Type, error) {
	list := Tables(name)
	sigs := make([]Signature, len(list))
	for i, t := range list {
		sigs[i] = Signature{t.Args, t.Variadic}
	}
	i, coerced, err := ResolveSignature(name, sigs, args)
	if err != nil {
		return nil, nil, err
	}
	return list[i], coerced, nil
}

// FindAggregate returns the overload with exactly these declared argument types.
func FindAggregate(name string, args []types.Type) (*Agg, bool) {
	return find(Aggregates(name), args, func(a *Agg) []types.Type { return a.Args })
}

// FindWindow returns the overload with exactly these declared argument types.
func FindWindow(name string, args []types.Type) (*Window, bool) {
	return find(Windows(name), args, func(w *Window) []types.Type { return w.Args })
}

// FindTable returns the overload with exactly these declared argument types.
func FindTable(name string, args []types.Type) (*Table, bool) {
	return find(Tables(name), args, func(t *Table) []types.Type { return t.Args })
}

func find[T any](list []*T, args []types.Type, of func(*T) []types.Type) (*T, bool) {
	for _, x := range list {
		if slices.Equal(of(x), args) {
			return x, true
		}
	}
	return nil, false
}
