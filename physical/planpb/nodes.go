package planpb

import (
	"slices"

	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/logical"
)

// nodeCodec writes and reads the fields of one kind of operator; children
// travel beside them.
type nodeCodec struct {
	kind  string
	write func(w *writer, n physical.Node) bool // false: another kind
	read  func(r *reader, b physical.Base, c []physical.Node) physical.Node
	arity func(n int) bool
}

func nodeOf[T physical.Node](kind string, arity func(int) bool, write func(*writer, T), read func(*reader, physical.Base, []physical.Node) physical.Node) nodeCodec {
	return nodeCodec{kind, func(w *writer, n physical.Node) bool {
		x, ok := n.(T)
		if ok {
			w.string(kind)
			list(w, n.Children(), w.node)
			w.base(n.Info())
			write(w, x)
		}
		return ok
	}, read, arity}
}

// registry holds every kind there is.
type registry struct {
	nodes []nodeCodec
	exprs []exprCodec
}

func newRegistry() registry { return registry{nodeCodecs(), exprCodecs()} }

// nodeCodecs is the registry of operators.
func nodeCodecs() []nodeCodec {
	type B = physical.Base
	type N = physical.Node
	return []nodeCodec{
		nodeOf("scan", exactly(0), writeScan, readScan),
		nodeOf("values", exactly(0), func(w *writer, n *physical.Values) { list(w, n.Data, w.exprs) },
			func(r *reader, b B, _ []N) N { return &physical.Values{Base: b, Data: readList(r, r.exprs)} }),
		nodeOf("exchange", exactly(0), func(w *writer, n *physical.ExchangeSource) { w.int(int64(n.Edge)); w.keys(n.Merge) },
			func(r *reader, b B, _ []N) N {
				return &physical.ExchangeSource{Base: b, Edge: physical.EdgeID(r.int()), Merge: r.keys()}
			}),
		nodeOf("filter", exactly(1), func(w *writer, n *physical.Filter) { w.exprs(n.Preds) },
			func(r *reader, b B, c []N) N { return &physical.Filter{Base: b, Input: c[0], Preds: r.exprs()} }),
		nodeOf("project", exactly(1), func(w *writer, n *physical.Project) { w.exprs(n.Exprs) },
			func(r *reader, b B, c []N) N { return &physical.Project{Base: b, Input: c[0], Exprs: r.exprs()} }),
		nodeOf("aggregate", exactly(1), writeAggregate, readAggregate),
		nodeOf("sort", exactly(1), func(w *writer, n *physical.Sort) { w.keys(n.Keys) },
			func(r *reader, b B, c []N) N { return &physical.Sort{Base: b, Input: c[0], Keys: r.keys()} }),
		nodeOf("topn", exactly(1), func(w *writer, n *physical.TopN) { w.keys(n.Keys); w.int(n.Count); w.int(n.Offset) },
			func(r *reader, b B, c []N) N {
				return &physical.TopN{Base: b, Input: c[0], Keys: r.keys(), Count: r.int(), Offset: r.int()}
			}),
		nodeOf("limit", exactly(1), func(w *writer, n *physical.Limit) {
			w.int(n.Count)
			w.int(n.Offset)
			w.bool(n.WithTies)
			w.keys(n.Ties)
		}, func(r *reader, b B, c []N) N {
			return &physical.Limit{Base: b, Input: c[0], Count: r.int(), Offset: r.int(), WithTies: r.bool(), Ties: r.keys()}
		}),
		nodeOf("window", exactly(1), func(w *writer, n *physical.Window) {
			w.ints(n.Partition)
			w.keys(n.Order)
			list(w, n.Calls, w.windowCall)
			w.bool(n.Sorted)
			w.keys(n.More)
		}, func(r *reader, b B, c []N) N {
			return &physical.Window{Base: b, Input: c[0], Partition: r.ints(), Order: r.keys(), Calls: readList(r, r.windowCall), Sorted: r.bool(), More: r.keys()}
		}),
		nodeOf("tablefunc", exactly(1), func(w *writer, n *physical.TableFunc) {
			w.table(n.Func)
			w.exprs(n.Args)
			w.bool(n.WithOrdinality)
			w.bool(n.Outer)
		}, func(r *reader, b B, c []N) N {
			return &physical.TableFunc{Base: b, Input: c[0], Func: r.table(), Args: r.exprs(), WithOrdinality: r.bool(), Outer: r.bool()}
		}),
		nodeOf("fetch", exactly(1), writeFetch, readFetch),
		nodeOf("union", atLeast(0), func(*writer, *physical.Union) {},
			func(_ *reader, b B, c []N) N { return &physical.Union{Base: b, Inputs: c} }),
		nodeOf("hashjoin", exactly(2), writeHashJoin, readHashJoin),
		nodeOf("nestedloop", exactly(2), writeNestedLoop, readNestedLoop),
	}
}

func writeScan(w *writer, n *physical.Scan) {
	w.string(n.Catalog)
	w.string(n.Schema)
	w.string(n.Table)
	w.ints(n.Columns)
	w.exprs(n.Filters)
	w.int(n.Limit)
	w.string(n.Pruned)
	w.ints(n.Emit)
	list(w, n.KeyFilters, func(f physical.KeyFilter) {
		w.int(int64(f.Edge))
		w.int(int64(f.Column))
		w.field(f.Field)
	})
}

func readScan(r *reader, b physical.Base, _ []physical.Node) physical.Node {
	return &physical.Scan{Base: b, Catalog: r.string(), Schema: r.string(), Table: r.string(), Columns: r.ints(),
		Filters: r.exprs(), Limit: r.int(), Pruned: r.string(), Emit: r.ints(),
		KeyFilters: readList(r, func() physical.KeyFilter {
			return physical.KeyFilter{Edge: physical.EdgeID(r.int()), Column: int(r.int()), Field: r.field()}
		})}
}

func writeFetch(w *writer, n *physical.Fetch) {
	w.string(n.Catalog)
	w.string(n.Schema)
	w.string(n.Table)
	w.int(int64(n.Locator))
	w.ints(n.Columns)
	w.split(n.Whole)
}

func readFetch(r *reader, b physical.Base, c []physical.Node) physical.Node {
	return &physical.Fetch{Base: b, Input: c[0], Catalog: r.string(), Schema: r.string(), Table: r.string(),
		Locator: int(r.int()), Columns: r.ints(), Whole: r.split()}
}

func writeAggregate(w *writer, n *physical.HashAggregate) {
	w.uint(uint64(n.Phase))
	w.exprs(n.Groups)
	list(w, n.Calls, w.aggCall)
	list(w, n.Sets, w.ints)
}

func readAggregate(r *reader, b physical.Base, c []physical.Node) physical.Node {
	return &physical.HashAggregate{Base: b, Input: c[0], Phase: physical.Phase(r.uint()), Groups: r.exprs(),
		Calls: readList(r, r.aggCall), Sets: readList(r, r.ints)}
}

func writeHashJoin(w *writer, n *physical.HashJoin) {
	w.uint(uint64(n.Kind))
	w.exprs(n.LKeys)
	w.exprs(n.RKeys)
	list(w, n.NullSafe, w.bool)
	w.exprs(n.Residual)
	w.bool(n.NullAware)
	w.bool(n.SharedBuild)
	w.ints(n.Emit)
}

func readHashJoin(r *reader, b physical.Base, c []physical.Node) physical.Node {
	return &physical.HashJoin{Base: b, L: c[0], R: c[1], Kind: physical.JoinKind(r.uint()), LKeys: r.exprs(), RKeys: r.exprs(),
		NullSafe: readList(r, r.bool), Residual: r.exprs(), NullAware: r.bool(), SharedBuild: r.bool(), Emit: r.ints()}
}

func writeNestedLoop(w *writer, n *physical.NestedLoopJoin) {
	w.uint(uint64(n.Kind))
	w.exprs(n.On)
	w.bool(n.NullAware)
	w.bool(n.SharedBuild)
	w.ints(n.Emit)
}

func readNestedLoop(r *reader, b physical.Base, c []physical.Node) physical.Node {
	return &physical.NestedLoopJoin{Base: b, L: c[0], R: c[1], Kind: physical.JoinKind(r.uint()), On: r.exprs(),
		NullAware: r.bool(), SharedBuild: r.bool(), Emit: r.ints()}
}

func (w *writer) base(b *physical.Base) {
	w.int(int64(b.ID))
	w.fields(b.Out)
	w.float(b.Rows)
}

func (r *reader) base() physical.Base {
	return physical.Base{ID: physical.OpID(r.int()), Out: r.fields(), Rows: r.float()}
}

func (w *writer) keys(ks []physical.SortKey) {
	list(w, ks, func(k physical.SortKey) {
		w.int(int64(k.Column))
		w.bool(k.Desc)
		w.bool(k.NullsFirst)
	})
}

func (r *reader) keys() []physical.SortKey {
	return readList(r, func() physical.SortKey {
		return physical.SortKey{Column: int(r.int()), Desc: r.bool(), NullsFirst: r.bool()}
	})
}

func (w *writer) aggCall(c physical.AggCall) {
	w.aggregate(c.Func)
	w.types(c.ArgTypes)
	w.exprs(c.Args)
	w.bool(c.Distinct)
	w.expr(c.Filter)
	list(w, c.OrderBy, func(o physical.OrderExpr) {
		w.expr(o.Expr)
		w.bool(o.Desc)
		w.bool(o.NullsFirst)
	})
	w.typ(c.Result)
}

func (r *reader) aggCall() physical.AggCall {
	return physical.AggCall{Func: r.aggregate(), ArgTypes: r.types(), Args: r.exprs(), Distinct: r.bool(), Filter: r.expr(),
		OrderBy: readList(r, func() physical.OrderExpr {
			return physical.OrderExpr{Expr: r.expr(), Desc: r.bool(), NullsFirst: r.bool()}
		}), Result: r.typ()}
}

func (w *writer) windowCall(c physical.WindowCall) {
	w.bool(c.Func != nil)
	if c.Func != nil {
		w.window(c.Func)
	} else {
		w.aggregate(c.Agg)
	}
	w.types(c.ArgTypes)
	w.exprs(c.Args)
	w.expr(c.Filter)
	w.uint(uint64(c.Frame.Mode))
	for _, b := range []logical.Bound{c.Frame.Start, c.Frame.End} {
		w.uint(uint64(b.Kind))
		w.expr(b.Offset)
	}
	w.typ(c.Result)
}

func (r *reader) windowCall() physical.WindowCall {
	var c physical.WindowCall
	if r.bool() {
		c.Func = r.window()
	} else {
		c.Agg = r.aggregate()
	}
	c.ArgTypes, c.Args, c.Filter = r.types(), r.exprs(), r.expr()
	bound := func() logical.Bound { return logical.Bound{Kind: logical.BoundKind(r.uint()), Offset: r.expr()} }
	c.Frame = logical.Frame{Mode: logical.FrameMode(r.uint()), Start: bound(), End: bound()}
	c.Result = r.typ()
	return c
}

// node writes an envelope.
func (w *writer) node(n physical.Node) {
	for _, c := range w.kinds.nodes {
		if c.write(w, n) {
			return
		}
	}
	w.fail("no codec for operator %T", n)
}

func (r *reader) node() physical.Node {
	kind := r.string()
	i := slices.IndexFunc(r.kinds.nodes, func(c nodeCodec) bool { return c.kind == kind })
	if i < 0 {
		r.fail("no codec for operator kind %q", kind)
		return nil
	}
	children := readList(r, r.node)
	if r.err == nil && !r.kinds.nodes[i].arity(len(children)) {
		r.fail("%s with %d children", kind, len(children))
	}
	if r.err != nil {
		return nil
	}
	return r.kinds.nodes[i].read(r, r.base(), children)
}
