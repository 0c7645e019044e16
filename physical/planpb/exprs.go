package planpb

import (
	"slices"

	"github.com/flintsql/flint/sql/expr"
)

// exprCodec writes and reads the fields of one kind of expression; children
// travel beside them.
type exprCodec struct {
	kind  string
	write func(w *writer, e expr.Expr) bool // false: another kind
	read  func(r *reader, c []expr.Expr) expr.Expr
	arity func(n int) bool
}

func exprOf[T expr.Expr](kind string, arity func(int) bool, write func(*writer, T), read func(*reader, []expr.Expr) expr.Expr) exprCodec {
	return exprCodec{kind, func(w *writer, e expr.Expr) bool {
		x, ok := e.(T)
		if ok {
			w.string(kind)
			list(w, e.Children(), w.expr)
			write(w, x)
		}
		return ok
	}, read, arity}
}

func exactly(n int) func(int) bool { return func(k int) bool { return k == n } }
func atLeast(n int) func(int) bool { return func(k int) bool { return k >= n } }

// exprCodecs is the registry of expressions, in the order of sql/expr's file.
func exprCodecs() []exprCodec {
	type E = expr.Expr
	return []exprCodec{
		exprOf("column", exactly(0), func(w *writer, e *expr.Column) { w.int(int64(e.ID)); w.string(e.Name); w.typ(e.Typ) },
			func(r *reader, _ []E) E {
				return &expr.Column{ID: expr.ColumnID(r.int()), Name: r.string(), Typ: r.typ()}
			}),
		exprOf("input", exactly(0), func(w *writer, e *expr.Input) { w.int(int64(e.Index)); w.string(e.Name); w.typ(e.Typ) },
			func(r *reader, _ []E) E { return &expr.Input{Index: int(r.int()), Name: r.string(), Typ: r.typ()} }),
		exprOf("literal", exactly(0), func(w *writer, e *expr.Literal) { w.value(e.Value) },
			func(r *reader, _ []E) E { return &expr.Literal{Value: r.value()} }),
		exprOf("param", exactly(0), func(w *writer, e *expr.Param) { w.int(int64(e.N)); w.typ(e.Typ) },
			func(r *reader, _ []E) E { return &expr.Param{N: int(r.int()), Typ: r.typ()} }),
		exprOf("call", atLeast(0), func(w *writer, e *expr.Call) { w.scalar(e.Func); w.typ(e.Typ) },
			func(r *reader, c []E) E { return &expr.Call{Func: r.scalar(), Args: c, Typ: r.typ()} }),
		exprOf("logic", atLeast(0), func(w *writer, e *expr.Logic) { w.uint(uint64(e.Op)) },
			func(r *reader, c []E) E { return &expr.Logic{Op: expr.LogicOp(r.uint()), Args: c} }),
		exprOf("not", exactly(1), func(*writer, *expr.Not) {},
			func(_ *reader, c []E) E { return &expr.Not{Arg: c[0]} }),
		exprOf("test", exactly(1), func(w *writer, e *expr.Test) { w.uint(uint64(e.Kind)) },
			func(r *reader, c []E) E { return &expr.Test{Kind: expr.TestKind(r.uint()), Arg: c[0]} }),
		exprOf("distinct", exactly(2), func(w *writer, e *expr.Distinct) { w.bool(e.Negated) },
			func(r *reader, c []E) E { return &expr.Distinct{Negated: r.bool(), L: c[0], R: c[1]} }),
		exprOf("case", func(n int) bool { return n%2 == 1 }, func(w *writer, e *expr.Case) { w.typ(e.Typ) }, readCase),
		exprOf("coalesce", atLeast(0), func(w *writer, e *expr.Coalesce) { w.typ(e.Typ) },
			func(r *reader, c []E) E { return &expr.Coalesce{Args: c, Typ: r.typ()} }),
		exprOf("cast", exactly(1), func(w *writer, e *expr.Cast) { w.typ(e.To); w.bool(e.Explicit) },
			func(r *reader, c []E) E { return &expr.Cast{Arg: c[0], To: r.typ(), Explicit: r.bool()} }),
		exprOf("in", atLeast(1), func(w *writer, e *expr.In) { w.bool(e.Negated) },
			func(r *reader, c []E) E { return &expr.In{Arg: c[0], List: c[1:], Negated: r.bool()} }),
		exprOf("array", atLeast(0), func(w *writer, e *expr.ArrayExpr) { w.typ(e.Typ) },
			func(r *reader, c []E) E { return &expr.ArrayExpr{Elems: c, Typ: r.typ()} }),
		exprOf("anyall", exactly(2), func(w *writer, e *expr.AnyAll) { w.scalar(e.Op); w.bool(e.All) },
			func(r *reader, c []E) E { return &expr.AnyAll{Op: r.scalar(), All: r.bool(), Arg: c[0], Array: c[1]} }),
	}
}

func readCase(r *reader, c []expr.Expr) expr.Expr {
	e := &expr.Case{Whens: make([]expr.When, len(c)/2), Else: c[len(c)-1], Typ: r.typ()}
	for i := range e.Whens {
		e.Whens[i] = expr.When{Cond: c[2*i], Result: c[2*i+1]}
	}
	return e
}

// expr writes an envelope; nil is the empty kind.
func (w *writer) expr(e expr.Expr) {
	if e == nil {
		w.string("")
		return
	}
	for _, c := range w.kinds.exprs {
		if c.write(w, e) {
			return
		}
	}
	w.fail("no codec for expression %T", e)
}

func (w *writer) exprs(es []expr.Expr) { list(w, es, w.expr) }

func (r *reader) expr() expr.Expr {
	kind := r.string()
	if kind == "" || r.err != nil {
		return nil
	}
	i := slices.IndexFunc(r.kinds.exprs, func(c exprCodec) bool { return c.kind == kind })
	if i < 0 {
		r.fail("no codec for expression kind %q", kind)
		return nil
	}
	children := readList(r, r.expr)
	if r.err == nil && (!r.kinds.exprs[i].arity(len(children)) || slices.Contains(children, nil)) {
		r.fail("%s with %d children", kind, len(children))
	}
	if r.err != nil {
		return nil
	}
	return r.kinds.exprs[i].read(r, children)
}

func (r *reader) exprs() []expr.Expr { return readList(r, r.expr) }
