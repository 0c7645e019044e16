package function

import (
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
