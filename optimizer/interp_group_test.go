package optimizer

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"slices"
)

func (s scope) aggregate(x *logical.Aggregate) [][]val {
	if x.Sets != nil {
		panic("no grouping sets")
	}
	type group struct {
		keys []val
		rows []scope
	}
	var order []*group
	byKey := map[string]*group{}
	for _, r := range s.rows(x.Input) {
		in := s.with(x.Input.Schema(), r)
		var k []val
		for _, g := range x.Groups {
			k = append(k, in.eval(g.Expr))
		}
		g := byKey[key(k)]
		if g == nil {
			g = &group{keys: k}
			byKey[key(k)] = g
			order = append(order, g)
		}
		g.rows = append(g.rows, in)
	}
	if len(x.Groups) == 0 && len(order) == 0 {
		order = append(order, &group{})
	}
	var out [][]val
	for _, g := range order {
		row := slices.Clone(g.keys)
		for _, a := range x.Aggs {
			row = append(row, accumulate(a.Func.Name, a.Args, a.Filter, a.Distinct, g.rows))
		}
		out = append(out, row)
	}
	return out
}

func accumulate(name string, args []expr.Expr, filter expr.Expr, distinct bool, rows []scope) val {
	out := null
	if name == "count" {
		out = val{}
	}
	seen := map[val]bool{}
	for _, r := range rows {
		if filter != nil && r.eval(filter) != b2v(true) {
			continue
		}
		v := val{i: 1}
		if len(args) > 0 {
			v = r.eval(args[0])
		}
		if v.null || distinct && seen[v] {
			continue
		}
		seen[v] = true
		switch {
		case name == "count":
			out.i++
		case out.null:
			out = v
		case name == "sum":
			out.i += v.i
		case name == "min" || name == "any_value":
			out.i = min(out.i, v.i)
		case name == "max":
			out.i = max(out.i, v.i)
		}
	}
	return out
}

func (s scope) window(x *logical.Window) [][]val {
	cols := x.Input.Schema()
	rows := s.sorted(cols, s.rows(x.Input), x.OrderBy)
	parts := map[string][]int{}
	out := make([][]val, len(rows))
	for i, r := range rows {
		in := s.with(cols, r)
		var k []val
		for _, p := range x.PartitionBy {
			k = append(k, in.eval(p))
		}
		parts[key(k)] = append(parts[key(k)], i)
	}
	for _, p := range parts {
		for at, i := range p {
			me := s.with(cols, rows[i])
			row := slices.Clone(rows[i])
			for _, c := range x.Calls {
				row = append(row, s.windowCall(c, x, cols, rows, p, at, me))
			}
			out[i] = row
		}
	}
	return out
}

func (s scope) windowCall(c logical.WindowCall, x *logical.Window, cols []logical.Column, rows [][]val, p []int, at int, me scope) val {
	var peers []scope
	before := int64(0)
	for _, j := range p {
		o := s.with(cols, rows[j])
		d := s.compare(x.OrderBy, o, me)
		if d < 0 {
			before++
		}
		if d <= 0 {
			peers = append(peers, o)
		}
	}
	if c.Agg != nil {
		return accumulate(c.Agg.Name, c.Args, c.Filter, false, peers)
	}
	if c.Func.Name == "rank" {
		return val{i: before + 1}
	}
	return val{i: int64(at) + 1}
}
