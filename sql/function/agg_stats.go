package function

import (
	"math"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
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
