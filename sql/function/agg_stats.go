package function

import (
	"math"
	"math/big"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// moments are the running sums of one or two variables, kept by Youngs and
// Cramer's updates as in PostgreSQL's float.c: sxx is the sum of squared deviations.
type moments struct {
	n                     float64
	sx, sxx, sy, syy, sxy float64
}

func (m *moments) add1(x float64) {
	m.n++
	m.sx += x
	if m.n > 1 {
		d := x*m.n - m.sx
		m.sxx += d * d / (m.n * (m.n - 1))
	} else if math.IsNaN(x) || math.IsInf(x, 0) {
		m.sxx = math.NaN()
	}
}

func (m *moments) add2(y, x float64) {
	m.n++
	m.sx += x
	m.sy += y
	if m.n > 1 {
		dx, dy := x*m.n-m.sx, y*m.n-m.sy
		s := 1 / (m.n * (m.n - 1))
		m.sxx += dx * dx * s
		m.syy += dy * dy * s
		m.sxy += dx * dy * s
	}
}

func (m *moments) merge(o moments) {
	switch {
	case o.n == 0:
		return
	case m.n == 0:
		*m = o
		return
	}
	n := m.n + o.n
	dx, dy := m.sx/m.n-o.sx/o.n, m.sy/m.n-o.sy/o.n
	w := m.n * o.n / n
	m.sxx += o.sxx + w*dx*dx
	m.syy += o.syy + w*dy*dy
	m.sxy += o.sxy + w*dx*dy
	m.sx, m.sy, m.n = m.sx+o.sx, m.sy+o.sy, n
}

// momentsAcc computes a statistic from the moments of one or two float columns.
type momentsAcc struct {
	aggStates[moments]
	two  bool
	stat func(m *moments) (float64, bool)
}

func (a *momentsAcc) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(args[0], groups, sel, n)
	y := vector.Values[float64](args[0])
	if !a.two {
		for k := 0; k < count; k++ {
			a.s[group(grp, k)].add1(y[at(pos, k)])
		}
		return nil
	}
	if sel != nil {
		n = len(sel)
	}
	x := vector.Values[float64](args[1])
	for k := 0; k < n; k++ {
		i := at(sel, k)
		if !args[0].IsNull(i) && !args[1].IsNull(i) {
			a.s[group(groups, k)].add2(y[args[0].Index(i)], x[args[1].Index(i)])
		}
	}
	return nil
}

func momentsState([]types.Type) []types.Type {
	return []types.Type{tFloat8, tFloat8, tFloat8, tFloat8, tFloat8, tFloat8}
}

func (m *moments) fields() [6]*float64 {
	return [6]*float64{&m.n, &m.sx, &m.sxx, &m.sy, &m.syy, &m.sxy}
}

func (a *momentsAcc) Merge(_ *Context, groups []int32, state []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(state[0], groups, sel, n)
	for k := 0; k < count; k++ {
		var o moments
		for c, f := range o.fields() {
			*f = vector.Values[float64](state[c])[at(pos, k)]
		}
		a.s[group(grp, k)].merge(o)
	}
	return nil
}

func (a *momentsAcc) State(from, to int) ([]*vector.Vector, error) {
	out := make([]*vector.Vector, 6)
	for c := range out {
		vals := make([]float64, to-from)
		for i := range vals {
			vals[i] = *a.s[from+i].fields()[c]
		}
		out[c] = vector.FromSlice(tFloat8, vals)
	}
	return out, nil
}

func (a *momentsAcc) Final(_ *Context, from, to int) (*vector.Vector, error) {
	out := vector.New(tFloat8, to-from)
	vals := vector.Values[float64](out)
	for i := range vals {
		v, ok := a.stat(&a.s[from+i])
		vals[i] = v
		setValid(out, i, ok)
	}
	return out, nil
}

func newMoments(two bool, stat func(m *moments) (float64, bool)) func([]types.Type) Accumulator {
	return func([]types.Type) Accumulator { return &momentsAcc{two: two, stat: stat} }
}

func statVarSamp(m *moments) (float64, bool)   { return m.sxx / (m.n - 1), m.n > 1 }
func statVarPop(m *moments) (float64, bool)    { return m.sxx / m.n, m.n > 0 }
func statStdSamp(m *moments) (float64, bool)   { return math.Sqrt(m.sxx / (m.n - 1)), m.n > 1 }
func statStdPop(m *moments) (float64, bool)    { return math.Sqrt(m.sxx / m.n), m.n > 0 }
func statCovarPop(m *moments) (float64, bool)  { return m.sxy / m.n, m.n > 0 }
func statCovarSamp(m *moments) (float64, bool) { return m.sxy / (m.n - 1), m.n > 1 }
func statSXX(m *moments) (float64, bool)       { return m.sxx, m.n > 0 }
func statSYY(m *moments) (float64, bool)       { return m.syy, m.n > 0 }
func statSXY(m *moments) (float64, bool)       { return m.sxy, m.n > 0 }
func statAvgX(m *moments) (float64, bool)      { return m.sx / m.n, m.n > 0 }
func statAvgY(m *moments) (float64, bool)      { return m.sy / m.n, m.n > 0 }
func statSlope(m *moments) (float64, bool)     { return m.sxy / m.sxx, m.n > 0 && m.sxx != 0 }

func statCorr(m *moments) (float64, bool) {
	if m.n == 0 || m.sxx == 0 || m.syy == 0 {
		return 0, false
	}
	return m.sxy / math.Sqrt(m.sxx*m.syy), true
}

func statIntercept(m *moments) (float64, bool) {
	return (m.sy - m.sx*m.sxy/m.sxx) / m.n, m.n > 0 && m.sxx != 0
}

func statR2(m *moments) (float64, bool) {
	switch {
	case m.n == 0 || m.sxx == 0:
		return 0, false
	case m.syy == 0:
		return 1, true
	}
	return m.sxy * m.sxy / (m.sxx * m.syy), true
}

// regrCountAcc is regr_count: pairs without NULL.
type regrCountAcc struct{ countAcc }

func newRegrCount([]types.Type) Accumulator { return &regrCountAcc{} }

func (a *regrCountAcc) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	if sel != nil {
		n = len(sel)
	}
	for k := 0; k < n; k++ {
		if i := at(sel, k); !args[0].IsNull(i) && !args[1].IsNull(i) {
			a.s[group(groups, k)]++
		}
	}
	return nil
}

type squares struct {
	n         int64
	sum, sum2 value.Numeric
}

// varianceAcc is the exact variance family of integers and numerics, whose
// results are numeric as in PostgreSQL.
type varianceAcc struct {
	aggStates[squares]
	sample, root bool
	get          func(v *vector.Vector, i int) value.Numeric
}

func newVariance(sample, root bool) func([]types.Type) Accumulator {
	return func(args []types.Type) Accumulator {
		return &varianceAcc{sample: sample, root: root, get: numericGetter(args[0])}
	}
}

// numericGetter reads integers and numerics of any storage as numerics.
func numericGetter(t types.Type) func(v *vector.Vector, i int) value.Numeric {
	scale := int(t.Scale)
	switch t.Storage() {
	case types.StoreInt16:
		return func(v *vector.Vector, i int) value.Numeric {
			return value.NumericFromInt64(int64(vector.Values[int16](v)[i]))
		}
	case types.StoreInt32:
		return func(v *vector.Vector, i int) value.Numeric {
			return value.NumericFromInt64(int64(vector.Values[int32](v)[i]))
		}
	case types.StoreInt64:
		return func(v *vector.Vector, i int) value.Numeric {
			return value.NumericFromFixed64(vector.Values[int64](v)[i], scale)
		}
	case types.StoreInt128:
		return func(v *vector.Vector, i int) value.Numeric {
			return value.NumericFromFixed(vector.Values[value.Int128](v)[i], scale)
		}
	}
	return func(v *vector.Vector, i int) value.Numeric { return vector.Values[value.Numeric](v)[i] }
}

func (a *varianceAcc) Update(_ *Context, groups []int32, args []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(args[0], groups, sel, n)
	for k := 0; k < count; k++ {
		x := a.get(args[0], at(pos, k))
		sq, err := x.Mul(x)
		if err == nil {
			err = a.s[group(grp, k)].add(squares{1, x, sq})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *squares) add(o squares) (err error) {
	s.n += o.n
	if s.sum, err = s.sum.Add(o.sum); err != nil {
		return err
	}
	s.sum2, err = s.sum2.Add(o.sum2)
	return err
}

func (a *varianceAcc) Merge(_ *Context, groups []int32, state []*vector.Vector, sel []int32, n int) error {
	pos, grp, count := a.rows.list(state[0], groups, sel, n)
	for k := 0; k < count; k++ {
		i := at(pos, k)
		o := squares{vector.Values[int64](state[0])[i], vector.Values[value.Numeric](state[1])[i], vector.Values[value.Numeric](state[2])[i]}
		if err := a.s[group(grp, k)].add(o); err != nil {
			return err
		}
	}
	return nil
}

func varianceState([]types.Type) []types.Type { return []types.Type{tInt8, tNumeric, tNumeric} }

func (a *varianceAcc) State(from, to int) ([]*vector.Vector, error) {
	n, sum, sum2 := make([]int64, to-from), make([]value.Numeric, to-from), make([]value.Numeric, to-from)
	for i, s := range a.s[from:to] {
		n[i], sum[i], sum2[i] = s.n, s.sum, s.sum2
	}
	return []*vector.Vector{vector.FromSlice(tInt8, n), vector.FromSlice(tNumeric, sum), vector.FromSlice(tNumeric, sum2)}, nil
}

func (a *varianceAcc) Final(_ *Context, from, to int) (*vector.Vector, error) {
	out := vector.New(tNumeric, to-from)
	vals := vector.Values[value.Numeric](out)
	for i, s := range a.s[from:to] {
		if s.n == 0 || a.sample && s.n == 1 {
			out.SetNull(i)
			continue
		}
		v, err := a.result(s)
		if err != nil {
			return nil, err
		}
		vals[i] = v
	}
	return out, nil
}

// result is (n Σx² − (Σx)²) / (n (n−1)), or over n², and its root.
func (a *varianceAcc) result(s squares) (value.Numeric, error) {
	if !s.sum.IsFinite() || !s.sum2.IsFinite() {
		return value.NumericOfKind(value.NaN), nil
	}
	n := value.NumericFromInt64(s.n)
	nx2, err := n.Mul(s.sum2)
	if err != nil {
		return nx2, err
	}
	x2, err := s.sum.Mul(s.sum)
	if err != nil {
		return x2, err
	}
	num, err := nx2.Sub(x2)
	if err != nil || num.Sign() <= 0 {
		return value.Numeric{}, err
	}
	m := s.n
	if a.sample {
		m--
	}
	den, err := n.Mul(value.NumericFromInt64(m))
	if err != nil {
		return den, err
	}
	v, err := num.Div(den)
	if err != nil || !a.root {
		return v, err
	}
	return sqrtAt(v, int(v.Scale))
}

// sqrtAt is the root of a finite v ≥ 0 rounded to a scale.
func sqrtAt(v value.Numeric, scale int) (value.Numeric, error) {
	x := v.Coef.Big()
	shift := 2*scale - int(v.Scale)
	x.Mul(x, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(shift, 0))), nil))
	r := new(big.Int).Sqrt(x)
	if d := new(big.Int).Sub(x, new(big.Int).Mul(r, r)); d.Cmp(r) > 0 {
		r.Add(r, big.NewInt(1))
	}
	c, ok := value.Int128FromBig(r)
	if !ok || !c.FitsDigits(38) {
		return value.Numeric{}, value.ErrNumericOverflow()
	}
	return value.NumericFromFixed(c, scale), nil
}
