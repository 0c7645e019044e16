package optimizer

import (
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/types"
)

// Functions finds functions for expressions that rules make. Each returns nil
// where there is none; a rule then leaves the plan as it is.
type Functions interface {
	// Operator returns the overload of a scalar function for exactly these types.
	Operator(name string, args ...types.Type) *function.Func
	// Window returns a window function without arguments.
	Window(name string) *function.Window
	// Aggregate returns an aggregate over one argument of a type.
	Aggregate(name string, arg types.Type) *function.Agg
}

// registry is the Functions of sql/function.
type registry struct{}

// Operator accepts an overload only if it takes the arguments without a cast.
func (registry) Operator(name string, args ...types.Type) *function.Func {
	f, want, err := function.Resolve(name, args)
	if err != nil {
		return nil
	}
	for i, t := range want {
		if t.Storage() != args[i].Storage() || t.Kind != args[i].Kind || t.Scale != args[i].Scale && t.Precision > 0 {
			return nil
		}
	}
	return f
}

func (registry) Window(name string) *function.Window {
	for _, w := range function.Windows(name) {
		if len(w.Args) == 0 {
			return w
		}
	}
	return nil
}

func (registry) Aggregate(name string, arg types.Type) *function.Agg {
	f, want, err := function.ResolveAggregate(name, []types.Type{arg})
	if err != nil || want[0] != arg {
		return nil
	}
	return f
}
