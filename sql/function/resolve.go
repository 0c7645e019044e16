package function

import (
	"slices"
	"strings"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// Signature is what overload resolution looks at.
type Signature struct {
	Args     []types.Type
	Variadic bool
}

// Resolve picks the overload of a scalar function or operator for arguments of
// these types (Unknown for untyped literals), by PostgreSQL's rules, and returns
// the types to which the arguments must be cast.
func Resolve(name string, args []types.Type) (*Func, []types.Type, error) {
	fs := Scalars(name)
	sigs := make([]Signature, len(fs))
	for i, f := range fs {
		sigs[i] = Signature{f.Args, f.Variadic}
	}
	i, coerced, err := ResolveSignature(name, sigs, args)
	if err != nil {
		return nil, nil, err
	}
	f := fs[i]
	if comparesReal(name, coerced, args) {
		return Resolve(name, []types.Type{tFloat8, tFloat8})
	}
	if g, ts, ok := resolveFixed(f, coerced, args); ok {
		return g, ts, nil
	}
	return f, coerced, nil
}

// comparesReal reports a comparison of a real with another type of number: PostgreSQL
// has operators of double precision and real for these, so that 1.1 = 1.1::real is false.
func comparesReal(name string, want, args []types.Type) bool {
	if _, ok := compareNames[name]; !ok || len(args) != 2 || want[0].Kind != types.Float4 {
		return false
	}
	other := func(t types.Type) bool { return t.Kind != types.Float4 && t.Kind != types.Unknown }
	return other(args[0]) || other(args[1])
}

// ResolveSignature is Resolve over any set of overloads: it returns the index
// of the best one.
func ResolveSignature(name string, sigs []Signature, args []types.Type) (int, []types.Type, error) {
	cands := candidates(sigs, args)
	operator := IsOperator(name)
	if operator && len(args) == 2 {
		if i, ok := exactOperator(cands, args); ok {
			return finish(cands[i], args)
		}
	}
	for _, c := range cands {
		if slices.EqualFunc(c.args, args, sameType) {
			return finish(c, args)
		}
	}
	cands = slices.DeleteFunc(cands, func(c candidate) bool { return !c.accepts(args) })
	if len(cands) > 1 {
		cands = selectCandidate(cands, args)
	}
	switch len(cands) {
	case 0:
		return 0, nil, errUndefined(name, args, operator)
	case 1:
		return finish(cands[0], args)
	}
	return 0, nil, errAmbiguous(name, args, operator)
}

// candidate is an overload with its argument types expanded to the call's number.
type candidate struct {
	index int
	args  []types.Type
}

// sameType compares types without modifiers.
func sameType(a, b types.Type) bool { return a.Kind == b.Kind && a.Elem == b.Elem }

func candidates(sigs []Signature, args []types.Type) []candidate {
	var cs []candidate
	for i, s := range sigs {
		if isVariantSignature(s.Args) {
			continue // the fixed-scale twins of numeric overloads
		}
		if len(s.Args) == len(args) || s.Variadic && len(args) >= len(s.Args) {
			cs = append(cs, candidate{i, expand(s.Args, s.Variadic, len(args))})
		}
	}
	return cs
}

func isVariantSignature(ts []types.Type) bool {
	return slices.ContainsFunc(ts, types.Type.IsFixedNumeric)
}

func expand(ts []types.Type, variadic bool, n int) []types.Type {
	if !variadic || len(ts) == n || len(ts) == 0 {
		return ts
	}
	out := slices.Clone(ts)
	for len(out) < n {
		out = append(out, ts[len(ts)-1])
	}
	return out
}

// exactOperator treats an unknown operand of a binary operator as being of the
// other operand's type.
func exactOperator(cs []candidate, args []types.Type) (int, bool) {
	a, b := args[0], args[1]
	if a.Kind == types.Unknown {
		a = b
	} else if b.Kind == types.Unknown {
		b = a
	}
	for i, c := range cs {
		if sameType(c.args[0], a) && sameType(c.args[1], b) && a.Kind != types.Unknown {
			return i, true
		}
	}
	return 0, false
}

func (c candidate) accepts(args []types.Type) bool {
	for i, a := range args {
		if !implicit(a, c.args[i]) {
			return false
		}
	}
	_, ok := elementType(c.args, args)
	return ok
}

func implicit(from, to types.Type) bool {
	if to == anyArray {
		return from.Kind == types.Array || from.Kind == types.Unknown || from.Kind == types.Int2Vector || from.Kind == types.OIDVector
	}
	if to == nonArrayType && from.Kind == types.Array {
		return false
	}
	return CanCast(from, to) == CastImplicit
}

// selectCandidate is PostgreSQL's func_select_candidate.
func selectCandidate(cs []candidate, args []types.Type) []candidate {
	exact := func(c candidate, i int) bool { return sameType(c.args[i], args[i]) }
	cs = best(cs, func(c candidate) int { return count(args, func(i int) bool { return exact(c, i) }) })
	if len(cs) == 1 {
		return cs
	}
	cs = best(cs, func(c candidate) int {
		return count(args, func(i int) bool {
			if exact(c, i) {
				return true
			}
			want, preferred := category(c.args[i])
			have, _ := category(args[i])
			return preferred && want == have
		})
	})
	if len(cs) == 1 {
		return cs
	}
	unknown := count(args, func(int) bool { return true }) < len(args)
	if !unknown {
		return cs
	}
	cs = byUnknowns(cs, args)
	if len(cs) == 1 {
		return cs
	}
	return bySameType(cs, args)
}

// count counts the known arguments for which f holds.
func count(args []types.Type, f func(i int) bool) int {
	n := 0
	for i, a := range args {
		if a.Kind != types.Unknown && f(i) {
			n++
		}
	}
	return n
}

func best(cs []candidate, score func(candidate) int) []candidate {
	top := 0
	for _, c := range cs {
		top = max(top, score(c))
	}
	return slices.DeleteFunc(slices.Clone(cs), func(c candidate) bool { return score(c) < top })
}

// byUnknowns narrows by the categories that the candidates accept where the
// argument is an untyped literal; strings win, else all must agree.
func byUnknowns(cs []candidate, args []types.Type) []candidate {
	slot := make([]byte, len(args))
	preferred := make([]bool, len(args))
	conflict := make([]bool, len(args))
	for i, a := range args {
		if a.Kind != types.Unknown {
			continue
		}
		for _, c := range cs {
			k, p := category(c.args[i])
			switch {
			case slot[i] == 0:
				slot[i], preferred[i] = k, p
			case slot[i] == k:
				preferred[i] = preferred[i] || p
			case k == 'S':
				slot[i], preferred[i] = k, p
			case slot[i] != 'S':
				conflict[i] = true // unless a string is found yet
			}
		}
		if conflict[i] && slot[i] != 'S' {
			return cs
		}
	}
	keep := slices.DeleteFunc(slices.Clone(cs), func(c candidate) bool {
		for i := range args {
			if slot[i] == 0 {
				continue
			}
			k, p := category(c.args[i])
			if k != slot[i] || preferred[i] && !p {
				return true
			}
		}
		return false
	})
	if len(keep) == 0 {
		return cs
	}
	return keep
}

// bySameType assumes that the untyped literals have the one type that all
// other arguments share.
func bySameType(cs []candidate, args []types.Type) []candidate {
	var known types.Type
	for _, a := range args {
		switch {
		case a.Kind == types.Unknown:
		case known.Kind == types.Unknown:
			known = a
		case !sameType(known, a):
			return cs
		}
	}
	if known.Kind == types.Unknown {
		return cs
	}
	same := make([]types.Type, len(args))
	for i := range same {
		same[i] = known
	}
	keep := slices.DeleteFunc(slices.Clone(cs), func(c candidate) bool { return !c.accepts(same) })
	if len(keep) == 1 {
		return keep
	}
	return cs
}

// finish settles polymorphic arguments and returns the types to cast to.
func finish(c candidate, args []types.Type) (int, []types.Type, error) {
	elem, _ := elementType(c.args, args)
	out := make([]types.Type, len(args))
	for i, d := range c.args {
		switch {
		case d == anyType, d == nonArrayType:
			out[i] = args[i]
			if args[i].Kind == types.Unknown {
				out[i] = tText
			}
		case d == anyElement:
			out[i] = elem
		case d == anyArray:
			out[i] = types.ArrayOf(elem)
		case sameType(d, args[i]) && !args[i].IsFixedNumeric():
			out[i] = args[i] // keeps varchar(n)'s modifier
		default:
			out[i] = d
		}
	}
	return c.index, out, nil
}

// elementType finds what a call's polymorphic arguments stand for; ok is false
// when they disagree.
func elementType(declared, args []types.Type) (t types.Type, ok bool) {
	var found []types.Type
	for i, a := range args {
		if a.Kind == types.Unknown || i >= len(declared) {
			continue
		}
		switch declared[i] {
		case anyElement:
			found = append(found, a)
		case anyArray:
			switch a.Kind {
			case types.Array:
				if a.Elem == types.Unknown {
					continue
				}
				found = append(found, a.ElemType())
			case types.Int2Vector:
				found = append(found, tInt2)
			case types.OIDVector:
				found = append(found, tOID)
			default:
				return t, false
			}
		}
	}
	if len(found) == 0 {
		return tText, true
	}
	t, err := CommonType("", found)
	return t, err == nil
}

func typeList(args []types.Type) string {
	s := make([]string, len(args))
	for i, a := range args {
		s[i] = a.String()
	}
	return strings.Join(s, ", ")
}

// describe spells a call as PostgreSQL's messages do.
func describe(name string, args []types.Type) string {
	switch {
	case !IsOperator(name):
		return name + "(" + typeList(args) + ")"
	case len(args) == 2:
		return args[0].String() + " " + name + " " + args[1].String()
	}
	return name + " " + typeList(args)
}

func errUndefined(name string, args []types.Type, operator bool) error {
	if !operator {
		return sqlerr.New(sqlerr.UndefinedFunction, "function %s does not exist", describe(name, args)).
			WithHint("No function matches the given name and argument types. You might need to add explicit type casts.")
	}
	e := sqlerr.New(sqlerr.UndefinedFunction, "operator does not exist: %s", describe(name, args))
	if len(args) == 1 {
		return e.WithHint("No operator matches the given name and argument type. You might need to add an explicit type cast.")
	}
	return e.WithHint("No operator matches the given name and argument types. You might need to add explicit type casts.")
}

func errAmbiguous(name string, args []types.Type, operator bool) error {
	if !operator {
		return sqlerr.New(sqlerr.AmbiguousFunction, "function %s is not unique", describe(name, args)).
			WithHint("Could not choose a best candidate function. You might need to add explicit type casts.")
	}
	return sqlerr.New(sqlerr.AmbiguousFunction, "operator is not unique: %s", describe(name, args)).
		WithHint("Could not choose a best candidate operator. You might need to add explicit type casts.")
}
