package function

import (
	"strings"

	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// lowerBound is the first subscript: vectors of pg_catalog count from 0.
func lowerBound(t types.Type) int64 {
	if t.Kind == types.Int2Vector || t.Kind == types.OIDVector {
		return 0
	}
	return 1
}

func arrayUpper(a value.Value, dim int64) (value.Value, error) {
	if dim != 1 || len(a.List) == 0 {
		return value.Value{}, errNull
	}
	return value.Int4(int32(lowerBound(a.Type) + int64(len(a.List)) - 1)), nil
}

// subscript is array[i]; outside the bounds it is NULL.
func subscript(_ *Context, a []value.Value) (value.Value, error) {
	i := a[1].I - lowerBound(a[0].Type)
	if i < 0 || i >= int64(len(a[0].List)) {
		return value.Value{}, errNull
	}
	return a[0].List[i], nil
}

// slice is array[from:to].
func slice(_ *Context, a []value.Value) (value.Value, error) {
	lo, hi := max(a[1].I-1, 0), min(a[2].I, int64(len(a[0].List)))
	r := value.Value{Type: a[0].Type}
	if lo < hi {
		r.List = a[0].List[lo:hi]
	}
	return r, nil
}

func arrayPosition(_ *Context, a []value.Value) (value.Value, error) {
	if a[0].Null {
		return value.Value{}, errNull
	}
	for i, e := range a[0].List {
		if e.Null == a[1].Null && (e.Null || value.Equal(e, a[1])) {
			return value.Int4(int32(i) + 1), nil
		}
	}
	return value.Value{}, errNull
}

func arrayAppend(a, e value.Value) value.Value {
	a.Null = false
	a.List = append(append([]value.Value(nil), a.List...), e)
	return a
}

func arrayPrepend(e, a value.Value) value.Value {
	a.Null = false
	a.List = append([]value.Value{e}, a.List...)
	return a
}

func arrayCat(a, b value.Value) value.Value {
	if a.Null {
		return b
	}
	if b.Null {
		return a
	}
	a.List = append(append([]value.Value(nil), a.List...), b.List...)
	return a
}

func arrayRemove(a, e value.Value) value.Value {
	r := value.Value{Type: a.Type, Null: a.Null}
	for _, x := range a.List {
		if x.Null != e.Null || !x.Null && !value.Equal(x, e) {
			r.List = append(r.List, x)
		}
	}
	return r
}

func contains(a, b value.Value) bool {
	for _, e := range b.List {
		found := false
		for _, x := range a.List {
			found = found || !e.Null && !x.Null && value.Equal(x, e)
		}
		if !found {
			return false
		}
	}
	return true
}

func overlaps(a, b value.Value) bool {
	for _, e := range b.List {
		for _, x := range a.List {
			if !e.Null && !x.Null && value.Equal(x, e) {
				return true
			}
		}
	}
	return false
}

// arrayToString joins elements; NULLs are left out unless null is given.
func arrayToString(c *Context, a []value.Value) (value.Value, error) {
	if a[0].Null || a[1].Null {
		return value.Value{}, errNull
	}
	var parts []string
	for _, e := range a[0].List {
		switch {
		case !e.Null:
			parts = append(parts, textValue(c, e))
		case len(a) > 2 && !a[2].Null:
			parts = append(parts, a[2].S)
		}
	}
	return value.Text(strings.Join(parts, a[1].S)), nil
}

// stringToArray splits text: at every character for a NULL separator, not at all
// for an empty one.
func stringToArray(_ *Context, a []value.Value) (value.Value, error) {
	if a[0].Null {
		return value.Value{}, errNull
	}
	var parts []string
	switch {
	case a[0].S == "":
	case a[1].Null:
		parts = strings.Split(a[0].S, "")
	case a[1].S == "":
		parts = []string{a[0].S}
	default:
		parts = strings.Split(a[0].S, a[1].S)
	}
	v := textArray(parts)
	if len(a) > 2 && !a[2].Null {
		for i, e := range v.List {
			if e.S == a[2].S {
				v.List[i] = value.NullOf(tText)
			}
		}
	}
	return v, nil
}

// arrayFuncs lists the functions and operators of arrays.
func arrayFuncs() []*Func {
	pair := func(f func(a, b value.Value) value.Value) Kernel {
		return scalars(func(_ *Context, a []value.Value) (value.Value, error) { return f(a[0], a[1]), nil })
	}
	test := func(f func(a, b value.Value) bool) Kernel {
		return scalars(func(_ *Context, a []value.Value) (value.Value, error) { return value.Bool(f(a[0], a[1])), nil })
	}
	dim := func(f func(a value.Value, dim int64) (value.Value, error)) Kernel {
		return scalars(func(_ *Context, a []value.Value) (value.Value, error) { return f(a[0], a[1].I) })
	}
	length := func(a value.Value, dim int64) (value.Value, error) {
		if dim != 1 || len(a.List) == 0 {
			return value.Value{}, errNull
		}
		return value.Int4(int32(len(a.List))), nil
	}
	lower := func(a value.Value, dim int64) (value.Value, error) {
		if dim != 1 || len(a.List) == 0 {
			return value.Value{}, errNull
		}
		return value.Int4(int32(lowerBound(a.Type))), nil
	}
	ai, ae, ea, aa := sig(anyArray, tInt4), sig(anyArray, anyElement), sig(anyElement, anyArray), sig(anyArray, anyArray)
	texts := types.ArrayOf(tText)
	return []*Func{
		{Name: "array_length", Args: ai, Result: tInt4, Kernel: dim(length)},
		{Name: "array_upper", Args: ai, Result: tInt4, Kernel: dim(arrayUpper)},
		{Name: "array_lower", Args: ai, Result: tInt4, Kernel: dim(lower)},
		{Name: "cardinality", Args: sig(anyArray), Result: tInt4,
			Kernel: scalars(func(_ *Context, a []value.Value) (value.Value, error) { return value.Int4(int32(len(a[0].List))), nil })},
		{Name: "array_ndims", Args: sig(anyArray), Result: tInt4,
			Kernel: scalars(func(_ *Context, a []value.Value) (value.Value, error) { return length(a[0], 1) })},
		{Name: "array_subscript", Args: ai, Result: anyElement, Kernel: scalars(subscript)},
		{Name: "array_slice", Args: sig(anyArray, tInt4, tInt4), Result: anyArray, Kernel: scalars(slice)},
		{Name: "array_position", Args: ae, Result: tInt4, NotStrict: true, Kernel: scalars(arrayPosition)},
		{Name: "array_append", Args: ae, Result: anyArray, NotStrict: true, Kernel: pair(arrayAppend)},
		{Name: "array_prepend", Args: ea, Result: anyArray, NotStrict: true, Kernel: pair(arrayPrepend)},
		{Name: "array_cat", Args: aa, Result: anyArray, NotStrict: true, Kernel: pair(arrayCat)},
		{Name: "array_remove", Args: ae, Result: anyArray, NotStrict: true, Kernel: pair(arrayRemove)},
		{Name: "||", Args: aa, Result: anyArray, NotStrict: true, Kernel: pair(arrayCat)},
		{Name: "||", Args: ae, Result: anyArray, NotStrict: true, Kernel: pair(arrayAppend)},
		{Name: "||", Args: ea, Result: anyArray, NotStrict: true, Kernel: pair(arrayPrepend)},
		{Name: "@>", Args: aa, Result: tBool, Kernel: test(contains)},
		{Name: "<@", Args: aa, Result: tBool, Kernel: test(func(a, b value.Value) bool { return contains(b, a) })},
		{Name: "&&", Args: aa, Result: tBool, Kernel: test(overlaps)},
		{Name: "array_to_string", Args: sig(anyArray, tText), Result: tText, Volatility: Stable, Kernel: scalars(arrayToString)},
		{Name: "array_to_string", Args: sig(anyArray, tText, tText), Result: tText, Volatility: Stable, NotStrict: true,
			Kernel: scalars(arrayToString)},
		{Name: "string_to_array", Args: sig(tText, tText), Result: texts, NotStrict: true, Kernel: scalars(stringToArray)},
		{Name: "string_to_array", Args: sig(tText, tText, tText), Result: texts, NotStrict: true, Kernel: scalars(stringToArray)},
	}
}
