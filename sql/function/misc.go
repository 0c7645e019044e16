package function

import (
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

func countNulls(null bool) Kernel {
	return scalars(func(_ *Context, a []value.Value) (value.Value, error) {
		n := int32(0)
		for _, v := range a {
			if v.Null == null {
				n++
			}
		}
		return value.Int4(n), nil
	})
}

func arrayReplace(_ *Context, a []value.Value) (value.Value, error) {
	if a[0].Null {
		return value.Value{}, errNull
	}
	r := value.Value{Type: a[0].Type}
	for _, e := range a[0].List {
		if e.Null == a[1].Null && (e.Null || value.Equal(e, a[1])) {
			e = a[2]
		}
		r.List = append(r.List, e)
	}
	return r, nil
}

func arrayPositions(_ *Context, a []value.Value) (value.Value, error) {
	if a[0].Null {
		return value.Value{}, errNull
	}
	r := value.Value{Type: types.ArrayOf(tInt4)}
	for i, e := range a[0].List {
		if e.Null == a[1].Null && (e.Null || value.Equal(e, a[1])) {
			r.List = append(r.List, value.Int4(int32(i)+1))
		}
	}
	return r, nil
}

// miscFuncs lists what belongs to no other family.
func miscFuncs() []*Func {
	return []*Func{
		{Name: "num_nulls", Args: sig(anyType), Variadic: true, Result: tInt4, NotStrict: true, Kernel: countNulls(true)},
		{Name: "num_nonnulls", Args: sig(anyType), Variadic: true, Result: tInt4, NotStrict: true, Kernel: countNulls(false)},
		{Name: "array_replace", Args: sig(anyArray, anyElement, anyElement), Result: anyArray, NotStrict: true, Kernel: scalars(arrayReplace)},
		{Name: "array_positions", Args: sig(anyArray, anyElement), Result: types.ArrayOf(tInt4), NotStrict: true, Kernel: scalars(arrayPositions)},
	}
}
