package function

import (
	"slices"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// CommonType is PostgreSQL's select_common_type: the type to which all inputs
// of a CASE, COALESCE, UNION, VALUES, ARRAY … are brought. what names the
// construct in the error (42804), e.g. "CASE".
func CommonType(what string, ts []types.Type) (types.Type, error) {
	if len(ts) == 0 {
		return tText, nil
	}
	var t types.Type
	for _, x := range ts {
		if x.Kind == types.Unknown {
			continue
		}
		if t.Kind == types.Unknown {
			t = x
			continue
		}
		if sameType(t, x) {
			continue
		}
		ct, preferred := category(t)
		cx, _ := category(x)
		if ct != cx {
			return t, errUnmatched(what, t, x)
		}
		if !preferred && CanCast(t, x) == CastImplicit && CanCast(x, t) != CastImplicit {
			t = x
		}
	}
	if t.Kind == types.Unknown {
		return tText, nil
	}
	for _, x := range ts {
		if CanCast(x, t) != CastImplicit {
			return t, sqlerr.New(sqlerr.CannotCoerce, "%s could not convert type %s to %s", what, x, t)
		}
	}
	return commonModifier(t, ts), nil
}

func errUnmatched(what string, a, b types.Type) error {
	return sqlerr.New(sqlerr.DatatypeMismatch, "%s types %s and %s cannot be matched", what, a, b)
}

// commonModifier widens numeric(p,s) and keeps a length limit all share.
func commonModifier(t types.Type, ts []types.Type) types.Type {
	bare := t
	bare.Precision, bare.Scale = 0, 0
	known := slices.DeleteFunc(slices.Clone(ts), func(x types.Type) bool { return x.Kind == types.Unknown })
	if t.Kind == types.Numeric {
		return commonNumeric(known)
	}
	for _, x := range known {
		if x != t {
			return bare
		}
	}
	return t
}

// commonNumeric returns the fixed numeric that holds every value of the given
// numeric and integer types, or the unconstrained one.
func commonNumeric(ts []types.Type) types.Type {
	whole, scale := 0, 0
	for _, x := range ts {
		f, ok := FixedNumeric(x)
		if !ok {
			return tNumeric
		}
		whole, scale = max(whole, int(f.Precision-f.Scale)), max(scale, int(f.Scale))
	}
	// Different display scales must survive: 1 and 1.50 have one column only if both print alike.
	for _, x := range ts {
		if f, _ := FixedNumeric(x); int(f.Scale) != scale {
			return tNumeric
		}
	}
	if whole+scale > 38 {
		return tNumeric
	}
	return types.NumericOf(max(whole+scale, 1), scale)
}

// comparableNumeric is commonNumeric where the display scale does not matter.
func comparableNumeric(a, b types.Type) types.Type {
	s := max(a.Scale, b.Scale)
	return types.NumericOf(int(max(a.Precision-a.Scale, b.Precision-b.Scale))+int(s), int(s))
}

// resolveFixed replaces the choice of an unconstrained numeric overload by its
// fixed-scale twin where all numeric arguments have a static scale.
func resolveFixed(f *Func, coerced, args []types.Type) (*Func, []types.Type, bool) {
	n := len(args)
	if n == 0 || n > 2 || slices.ContainsFunc(f.Args, func(t types.Type) bool { return t != tNumeric }) {
		return nil, nil, false
	}
	ts := make([]types.Type, n)
	for i, a := range args {
		x, ok := FixedNumeric(a)
		if !ok {
			return nil, nil, false
		}
		ts[i] = x
	}
	if _, ok := ParseCompare(f.Name); ok {
		t := comparableNumeric(ts[0], ts[1])
		return f, []types.Type{t, t}, true
	}
	variant := fixed
	switch {
	case n == 2 && (f.Name == "+" || f.Name == "-"):
		if _, ok := fixedAdd(ts[0], ts[1]); !ok {
			variant = capped
		}
	case n == 2 && f.Name == "*":
		t, ok := fixedMul(ts[0], ts[1])
		if !ok {
			variant = capped
		}
		if t == tNumeric {
			return nil, nil, false
		}
	}
	want := slices.Repeat([]types.Type{variant}, n)
	g, ok := Find(f.Name, want)
	return g, ts, ok
}
