package analyzer

import (
	"strings"

	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// parseType resolves a type's name as core writes it.
func parseType(name string) (types.Type, bool) {
	if rest, ok := strings.CutPrefix(name, "interval"); ok && (rest == "[]" || rest == "" || rest[0] == ' ' || rest[0] == '(') {
		t := types.Of(types.Interval) // fields and precision are not kept
		if strings.HasSuffix(name, "[]") {
			t = types.ArrayOf(t)
		}
		return t, true
	}
	t, ok := types.Parse(name)
	switch t.Kind {
	case types.AnyElement, types.Unknown:
		return t, false
	}
	return t, ok
}

// coerce converts implicitly; untyped constants and parameters take the type.
func (b *binder) coerce(e expr.Expr, to types.Type, at ast.Node) (expr.Expr, error) {
	from := e.Type()
	if from == to {
		return e, nil
	}
	switch x := e.(type) {
	case *expr.Literal:
		if from.Kind == types.Unknown {
			return b.readLiteral(x, to, at)
		}
		if x.Value.Null {
			return &expr.Literal{Value: value.NullOf(to)}, nil
		}
		if v, ok := convert(x.Value, to); ok {
			return &expr.Literal{Value: v}, nil
		}
	case *expr.Param:
		if from.Kind == types.Unknown {
			return b.setParam(x, to, at)
		}
	}
	return b.castTo(e, to), nil
}

// castTo casts implicitly, leaving out casts that change nothing.
func (b *binder) castTo(e expr.Expr, to types.Type) expr.Expr {
	from := e.Type()
	if from == to || relabels(from, to) {
		return e
	}
	return &expr.Cast{Arg: e, To: to}
}

// relabels reports a cast between types with the same values.
func relabels(from, to types.Type) bool {
	text := func(t types.Type) bool { return t.Kind == types.Text || t.Kind == types.Varchar }
	if text(from) && text(to) && to.Precision == 0 {
		return true
	}
	return from.IsReg() && to.IsReg()
}

// readLiteral gives an untyped constant a type by reading its text.
func (b *binder) readLiteral(l *expr.Literal, to types.Type, at ast.Node) (expr.Expr, error) {
	if to.Kind == types.Unknown {
		return l, nil
	}
	if n, ok := b.consts[l]; ok {
		at = n
	}
	if l.Value.Null {
		return &expr.Literal{Value: value.NullOf(to)}, nil
	}
	if to.IsReg() && to.Kind != types.OID || to.Kind == types.Record {
		return &expr.Cast{Arg: &expr.Literal{Value: value.Text(l.Value.S)}, To: to}, nil
	}
	read := to
	if to.IsString() { // only an explicit cast or a column limits the length
		read.Precision = 0
	}
	v, err := value.ParseText(read, l.Value.S, b.env())
	if err != nil {
		return nil, b.place(err, at)
	}
	v.Type = to
	return &expr.Literal{Value: v}, nil
}

// env is what reading a constant depends on.
func (b *binder) env() value.Env {
	env := value.DefaultEnv
	if c := b.s.Context; c != nil {
		env.Location, env.Now = c.Location, c.Now
	}
	return env
}

// setParam infers a parameter's type; later uses see it.
func (b *binder) setParam(p *expr.Param, to types.Type, at ast.Node) (expr.Expr, error) {
	t := b.params[p.N-1]
	bare := to
	bare.Precision, bare.Scale = 0, 0
	if t.Kind == types.Unknown {
		b.params[p.N-1] = bare
		t = bare
	}
	typed := &expr.Param{N: p.N, Typ: t}
	if t == to {
		return typed, nil
	}
	if t.Kind != to.Kind && function.CanCast(t, to) != function.CastImplicit {
		return nil, b.errorAt(at, "42P08", "inconsistent types deduced for parameter $%d", p.N).
			WithDetail("%s versus %s", t, to)
	}
	return b.castTo(typed, to), nil
}

// coerceAssign converts where an assignment cast would do, e.g. subscripts and LIMIT.
func (b *binder) coerceAssign(e expr.Expr, to types.Type, at ast.Node, message string) (expr.Expr, error) {
	if function.CanCast(e.Type(), to) > function.CastAssignment {
		return nil, b.errorAt(at, sqlerr.DatatypeMismatch, "%s", message)
	}
	return b.coerce(e, to, at)
}

// explicitCast binds a written cast.
func (b *binder) explicitCast(e expr.Expr, to types.Type, at, arg ast.Node) (expr.Expr, error) {
	from := e.Type()
	if l, ok := e.(*expr.Literal); ok && from.Kind == types.Unknown {
		if l.Value.Null {
			return &expr.Literal{Value: value.NullOf(to)}, nil
		}
		if to.Kind == types.Varchar || to.Kind == types.Char { // an explicit cast truncates
			s, err := value.FitText(l.Value.S, to, true)
			if err != nil {
				return nil, b.place(err, arg)
			}
			return &expr.Literal{Value: value.Value{Type: to, S: s}}, nil
		}
		return b.readLiteral(l, to, arg)
	}
	if _, ok := e.(*expr.Param); ok && from.Kind == types.Unknown {
		e, err := b.coerce(e, to, arg)
		if err != nil || e.Type() == to {
			return e, err
		}
		return &expr.Cast{Arg: e, To: to, Explicit: true}, nil
	}
	if function.CanCast(from, to) == function.CastNone {
		return nil, b.errorAt(at, sqlerr.CannotCoerce, "cannot cast type %s to %s", from, to)
	}
	if from == to {
		return e, nil
	}
	return &expr.Cast{Arg: e, To: to, Explicit: true}, nil
}

// tryCast binds TRY_CAST, for which the registry has functions if at all.
func (b *binder) tryCast(e expr.Expr, to types.Type, at ast.Node) (expr.Expr, error) {
	if e.Type() == to {
		return e, nil
	}
	return nil, b.unsupported(at, "TRY_CAST")
}
