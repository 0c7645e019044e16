package function

import "github.com/flintsql/flint/exec/vector"

// The loops compute first and look at the result: only an infinity, a NaN or,
// where that may be an underflow, a zero goes through the checks of the row
// functions, which also make the error. r-r is 0 for all other values.

// floatArgs returns the values of a float kernel with their masks.
func floatArgs[T float](out *vector.Vector, args []*vector.Vector) (a, b, to []T, ma, mb int) {
	return vector.Values[T](args[0]), vector.Values[T](args[1]), vector.Values[T](out), mask(args[0]), mask(args[1])
}

func addFloats[T float](_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
	a, b, to, ma, mb := floatArgs[T](out, args)
	if sel != nil {
		for _, i := range sel {
			x, y := a[int(i)&ma], b[int(i)&mb]
			r := x + y
			if r-r != 0 {
				if _, err := addFloat[T, T, T](x, y); err != nil {
					return err
				}
			}
			to[i] = r
		}
		return nil
	}
	for i := range n {
		x, y := a[i&ma], b[i&mb]
		r := x + y
		if r-r != 0 {
			if _, err := addFloat[T, T, T](x, y); err != nil {
				return err
			}
		}
		to[i] = r
	}
	return nil
}

func subFloats[T float](_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
	a, b, to, ma, mb := floatArgs[T](out, args)
	if sel != nil {
		for _, i := range sel {
			x, y := a[int(i)&ma], b[int(i)&mb]
			r := x - y
			if r-r != 0 {
				if _, err := subFloat[T, T, T](x, y); err != nil {
					return err
				}
			}
			to[i] = r
		}
		return nil
	}
	for i := range n {
		x, y := a[i&ma], b[i&mb]
		r := x - y
		if r-r != 0 {
			if _, err := subFloat[T, T, T](x, y); err != nil {
				return err
			}
		}
		to[i] = r
	}
	return nil
}

func mulFloats[T float](_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
	a, b, to, ma, mb := floatArgs[T](out, args)
	if sel != nil {
		for _, i := range sel {
			x, y := a[int(i)&ma], b[int(i)&mb]
			r := x * y
			if r-r != 0 || r == 0 {
				if _, err := mulFloat[T, T, T](x, y); err != nil {
					return err
				}
			}
			to[i] = r
		}
		return nil
	}
	for i := range n {
		x, y := a[i&ma], b[i&mb]
		r := x * y
		if r-r != 0 || r == 0 {
			if _, err := mulFloat[T, T, T](x, y); err != nil {
				return err
			}
		}
		to[i] = r
	}
	return nil
}

func divFloats[T float](_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
	a, b, to, ma, mb := floatArgs[T](out, args)
	if sel != nil {
		for _, i := range sel {
			x, y := a[int(i)&ma], b[int(i)&mb]
			r := x / y
			if r-r != 0 || r == 0 {
				if _, err := divFloat[T, T, T](x, y); err != nil {
					return err
				}
			}
			to[i] = r
		}
		return nil
	}
	for i := range n {
		x, y := a[i&ma], b[i&mb]
		r := x / y
		if r-r != 0 || r == 0 {
			if _, err := divFloat[T, T, T](x, y); err != nil {
				return err
			}
		}
		to[i] = r
	}
	return nil
}
