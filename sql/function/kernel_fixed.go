package function

import (
	"errors"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/value"
)

// isFixed tells whether a T lies in a vector as it is: reader and writer only
// index values then, and a kernel can do so itself without a call a value.
func isFixed[T any]() bool {
	var z T
	switch any(z).(type) {
	case string, bool, value.Value:
		return false
	}
	return true
}

// nullOr makes row i NULL if that is what the error says.
func nullOr(out *vector.Vector, i int, err error) error {
	if errors.Is(err, errNull) {
		out.SetNull(i)
		return nil
	}
	return err
}

// fixed1 is fn1c where argument and result are of fixed width.
func fixed1[A, R any](f func(*Context, A) (R, error)) Kernel {
	return func(c *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
		a, to, m := vector.Values[A](args[0]), vector.Values[R](out), mask(args[0])
		if sel != nil {
			for _, i := range sel {
				r, err := f(c, a[int(i)&m])
				if err == nil {
					to[i] = r
				} else if err = nullOr(out, int(i), err); err != nil {
					return err
				}
			}
			return nil
		}
		for i := range n {
			r, err := f(c, a[i&m])
			if err == nil {
				to[i] = r
			} else if err = nullOr(out, i, err); err != nil {
				return err
			}
		}
		return nil
	}
}

// fixed2 is fn2c where arguments and result are of fixed width.
func fixed2[A, B, R any](f func(*Context, A, B) (R, error)) Kernel {
	return func(c *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
		a, b, to := vector.Values[A](args[0]), vector.Values[B](args[1]), vector.Values[R](out)
		ma, mb := mask(args[0]), mask(args[1])
		if sel != nil {
			for _, i := range sel {
				r, err := f(c, a[int(i)&ma], b[int(i)&mb])
				if err == nil {
					to[i] = r
				} else if err = nullOr(out, int(i), err); err != nil {
					return err
				}
			}
			return nil
		}
		for i := range n {
			r, err := f(c, a[i&ma], b[i&mb])
			if err == nil {
				to[i] = r
			} else if err = nullOr(out, i, err); err != nil {
				return err
			}
		}
		return nil
	}
}
