package function

import (
	"slices"
	"strings"
	"sync"

	"github.com/flintsql/flint/sql/types"
)

// families lists every family of scalar functions and operators, one file each.
var families = []func() []*Func{
	integerFuncs, floatFuncs, numericFuncs, fixedFuncs, comparisons, likeFuncs,
	stringFuncs, concatFuncs, encodingFuncs, mathFuncs, regexFuncs, temporalFuncs, datetimeFuncs, precisionFuncs, arrayFuncs, systemFuncs, formatFuncs,
	numericMathFuncs, miscFuncs, jsonBuildFuncs, identifierFuncs, wholeExtractFuncs,
}

var scalarsByName = sync.OnceValue(func() map[string][]*Func {
	m := map[string][]*Func{}
	for _, family := range families {
		for _, f := range family() {
			m[f.Name] = append(m[f.Name], f)
		}
	}
	return m
})

// Scalars returns the overloads of a scalar function or operator.
func Scalars(name string) []*Func { return scalarsByName()[name] }

// ScalarNames returns the names of all scalar functions and operators, sorted.
func ScalarNames() []string {
	var names []string
	for n := range scalarsByName() {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Find returns the overload with exactly these declared argument types; plans
// name functions so on the wire.
func Find(name string, args []types.Type) (*Func, bool) {
	for _, f := range Scalars(name) {
		if slices.Equal(f.Args, args) {
			return f, true
		}
	}
	return nil, false
}

// IsVariant reports an overload that no call in SQL resolves to: a twin of another that a
// rule or the types of its arguments choose.
func (f *Func) IsVariant() bool { return isVariantSignature(f.Args) }

// IsOperator reports whether a name is made of operator characters.
func IsOperator(name string) bool {
	return name != "" && strings.ContainsRune("+-*/%^=<>~!@#&|?", rune(name[0]))
}

// ResultType returns the type of a call with arguments of these types, which
// are those that Resolve asked for.
func (f *Func) ResultType(args []types.Type) types.Type {
	return ResultType(f.Args, f.Variadic, f.Result, f.Infer, args)
}

// ResultType is the rule for results of scalar and aggregate functions alike:
// infer decides if there is one; a polymorphic declared type follows the
// arguments.
func ResultType(declared []types.Type, variadic bool, result types.Type, infer func([]types.Type) types.Type, args []types.Type) types.Type {
	if infer != nil {
		return infer(args)
	}
	switch result {
	case anyElement:
		t, _ := elementType(expand(declared, variadic, len(args)), args)
		return t
	case anyArray:
		t, _ := elementType(expand(declared, variadic, len(args)), args)
		return types.ArrayOf(t)
	}
	return result
}
