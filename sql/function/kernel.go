package function

import (
	"errors"
	"unsafe"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// errNull is what the row functions of this package return to make a row NULL.
var errNull = errors.New("null")

// each calls f for the rows of sel (nil = 0..n-1) until it fails.
func each(sel []int32, n int, f func(i int) error) error {
	if sel == nil {
		for i := 0; i < n; i++ {
			if err := f(i); err != nil {
				return err
			}
		}
		return nil
	}
	for _, i := range sel {
		if err := f(int(i)); err != nil {
			return err
		}
	}
	return nil
}

// mask returns the bits that map a row to its position in a Flat or Const vector.
func mask(v *vector.Vector) int {
	if v.Enc == vector.Const {
		return 0
	}
	return -1
}

func b2u(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// text gives access to the rows of a Flat or Const StoreBytes vector.
type text struct {
	off  []int32
	data []byte
	mask int
}

func textOf(v *vector.Vector) text { return text{v.Offsets, v.Data, mask(v)} }

func (t text) at(i int) []byte {
	i &= t.mask
	return t.data[t.off[i]:t.off[i+1]]
}

// str views bytes as a string that is valid as long as they do not change.
func str(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// reader returns a function that reads row i as a T: the Go type of the
// storage, string for bytes (valid while the vector is), bool for booleans.
func reader[T any](v *vector.Vector) func(i int) T {
	m := mask(v)
	var z T
	switch any(z).(type) {
	case string:
		t := textOf(v)
		return any(func(i int) string { return str(t.at(i)) }).(func(int) T)
	case bool:
		vals := vector.Values[uint8](v)
		return any(func(i int) bool { return vals[i&m] != 0 }).(func(int) T)
	case value.Value:
		return any(func(i int) value.Value { return v.Get(i) }).(func(int) T)
	}
	vals := vector.Values[T](v)
	return func(i int) T { return vals[i&m] }
}

// writer returns a function that writes row i, and one to call at the end.
// Rows are written in ascending order.
func writer[T any](out *vector.Vector) (set func(i int, x T), finish func() error) {
	var z T
	switch any(z).(type) {
	case string:
		w := vector.NewBytesWriter(out)
		return any(func(i int, s string) { w.SetString(i, s) }).(func(int, T)), w.Finish
	case bool:
		vals := vector.Values[uint8](out)
		return any(func(i int, b bool) { vals[i] = b2u(b) }).(func(int, T)), done
	case value.Value:
		w := newScalarWriter(out)
		return any(w.set).(func(int, T)), w.finish
	}
	vals := vector.Values[T](out)
	return func(i int, x T) { vals[i] = x }, done
}

func done() error { return nil }

// store writes one result, turning errNull into a NULL.
func store[R any](out *vector.Vector, set func(int, R), i int, r R, err error) error {
	if err == nil {
		set(i, r)
		return nil
	}
	if errors.Is(err, errNull) {
		out.SetNull(i)
		return nil
	}
	return err
}

// fn1 makes a kernel of a function of one argument.
func fn1[A, R any](f func(A) (R, error)) Kernel {
	return fn1c(func(_ *Context, a A) (R, error) { return f(a) })
}

// fn1c is fn1 with the query's context.
func fn1c[A, R any](f func(*Context, A) (R, error)) Kernel {
	if isFixed[A]() && isFixed[R]() {
		return fixed1(f)
	}
	return func(c *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
		a := reader[A](args[0])
		set, finish := writer[R](out)
		err := each(sel, n, func(i int) error {
			r, err := f(c, a(i))
			return store(out, set, i, r, err)
		})
		return errors.Join(finish(), err)
	}
}

// fn2 makes a kernel of a function of two arguments.
func fn2[A, B, R any](f func(A, B) (R, error)) Kernel {
	return fn2c(func(_ *Context, a A, b B) (R, error) { return f(a, b) })
}

// fn2c is fn2 with the query's context.
func fn2c[A, B, R any](f func(*Context, A, B) (R, error)) Kernel {
	if isFixed[A]() && isFixed[B]() && isFixed[R]() {
		return fixed2(f)
	}
	return func(c *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
		a, b := reader[A](args[0]), reader[B](args[1])
		set, finish := writer[R](out)
		err := each(sel, n, func(i int) error {
			r, err := f(c, a(i), b(i))
			return store(out, set, i, r, err)
		})
		return errors.Join(finish(), err)
	}
}

// fn3 makes a kernel of a function of three arguments.
func fn3[A, B, C, R any](f func(A, B, C) (R, error)) Kernel {
	return func(_ *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
		a, b, c := reader[A](args[0]), reader[B](args[1]), reader[C](args[2])
		set, finish := writer[R](out)
		err := each(sel, n, func(i int) error {
			r, err := f(a(i), b(i), c(i))
			return store(out, set, i, r, err)
		})
		return errors.Join(finish(), err)
	}
}

// ok1 and ok2 lift functions that cannot fail.
func ok1[A, R any](f func(A) R) Kernel { return fn1(func(a A) (R, error) { return f(a), nil }) }

func ok2[A, B, R any](f func(A, B) R) Kernel {
	return fn2(func(a A, b B) (R, error) { return f(a, b), nil })
}

// scalars makes a kernel of a function over scalar values: for rare functions,
// and those whose arguments have any type.
func scalars(f func(c *Context, args []value.Value) (value.Value, error)) Kernel {
	return func(c *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error {
		row := make([]value.Value, len(args))
		w := newScalarWriter(out)
		err := each(sel, n, func(i int) error {
			for k, a := range args {
				row[k] = a.Get(i)
			}
			r, err := f(c, row)
			return store(out, w.set, i, r, err)
		})
		return errors.Join(w.finish(), err)
	}
}

// scalarWriter writes scalar values into a Flat vector in ascending order.
type scalarWriter struct {
	out   *vector.Vector
	bytes *vector.BytesWriter
	list  *vector.Builder
	next  int
}

func newScalarWriter(out *vector.Vector) *scalarWriter {
	w := &scalarWriter{out: out}
	switch out.Type.Storage() {
	case types.StoreBytes:
		w.bytes = vector.NewBytesWriter(out)
	case types.StoreList:
		w.list = vector.NewBuilder(out.Type, out.Len)
	}
	return w
}

func (w *scalarWriter) set(i int, x value.Value) {
	if x.Null {
		w.out.SetNull(i)
		return
	}
	out := w.out
	switch s := out.Type.Storage(); s {
	case types.StoreBytes:
		w.bytes.SetString(i, x.S)
	case types.StoreList:
		w.skip(i)
		w.next++
		x.Type = out.Type
		w.list.Append(x)
	case types.StoreBool:
		out.Data[i] = byte(x.I)
	case types.StoreInt16:
		vector.Values[int16](out)[i] = int16(x.I)
	case types.StoreInt32:
		vector.Values[int32](out)[i] = int32(x.I)
	case types.StoreInt64:
		vector.Values[int64](out)[i] = x.I
	case types.StoreFloat32:
		vector.Values[float32](out)[i] = float32(x.F)
	case types.StoreFloat64:
		vector.Values[float64](out)[i] = x.F
	case types.StoreInt128:
		vector.Values[value.Int128](out)[i] = x.D
	case types.StoreNumeric:
		vector.Values[value.Numeric](out)[i] = x.N
	case types.StoreInterval:
		vector.Values[value.Interval](out)[i] = x.V
	}
}

func (w *scalarWriter) skip(to int) {
	for ; w.next < to; w.next++ {
		w.list.Append(value.Value{Type: w.out.Type})
	}
}

func (w *scalarWriter) finish() error {
	if w.bytes != nil {
		return w.bytes.Finish()
	}
	if w.list != nil {
		w.skip(w.out.Len)
		v := w.list.Finish()
		w.out.Offsets, w.out.Child = v.Offsets, v.Child
	}
	return nil
}
