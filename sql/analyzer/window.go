package analyzer

import (
	"fmt"
	"strings"

	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// window is one partitioning and order with the calls over it.
type window struct {
	key       string
	partition []expr.Expr
	order     []logical.SortKey
	calls     []logical.WindowCall
}

func defaultFrame() logical.Frame {
	return logical.Frame{Mode: logical.Range, Start: logical.Bound{Kind: logical.UnboundedPreceding}, End: logical.Bound{Kind: logical.CurrentRow}}
}

// windowDefs keeps the WINDOW clause; definitions are bound where they are used.
func (b *binder) windowDefs(s *ast.SelectStmt, k *block) error {
	for i := range s.WindowSpecs {
		w := &s.WindowSpecs[i]
		if _, ok := k.windowDefs[w.Name.O]; ok {
			return b.errorAt(w, sqlerr.Windowing, "window \"%s\" is already defined", w.Name.O)
		}
		if k.windowDefs == nil {
			k.windowDefs = map[string]*ast.WindowSpec{}
		}
		k.windowDefs[w.Name.O] = w
	}
	return nil
}

// over binds a call with OVER; the core carries it as FIRST_VALUE's argument.
func (b *binder) over(x *ast.WindowFuncExpr, k *block) (expr.Expr, error) {
	if len(x.Args) != 1 {
		return nil, b.errorAt(x, sqlerr.Internal, "unknown window call %s", x.Name)
	}
	return b.wrappedCall(x.Args[0], k, &x.Spec)
}

// windowAllowed checks the clause of a window call.
func (b *binder) windowAllowed(x ast.Node, c clause) error {
	switch c {
	case inAggregate, inFilter:
		if c == inFilter {
			break
		}
		return b.errorAt(x, sqlerr.Grouping, "aggregate function calls cannot contain window function calls")
	case inWindowArgs:
		return b.errorAt(x, sqlerr.Windowing, "window function calls cannot be nested")
	case inSelect, inOrderBy, inDistinctOn:
		return nil
	}
	return b.errorAt(x, sqlerr.Windowing, "window functions are not allowed in %s", clauseText[c])
}

// windowCall binds a window function, or an aggregate used as one.
func (b *binder) windowCall(x *ast.FuncCallExpr, o callOptions, k *block) (expr.Expr, error) {
	if err := b.windowAllowed(x, k.clause); err != nil {
		return nil, err
	}
	switch {
	case o.distinct:
		return nil, b.errorAt(x, sqlerr.FeatureNotSupported, "DISTINCT is not implemented for window functions")
	case o.orderBy != nil:
		return nil, b.errorAt(x, sqlerr.FeatureNotSupported, "aggregate ORDER BY is not implemented for window functions")
	case o.within != nil:
		return nil, b.errorAt(x, sqlerr.FeatureNotSupported, "OVER is not supported for ordered-set aggregate %s", x.FnName.O)
	case o.ignoreNulls:
		return nil, b.unsupported(x, "IGNORE NULLS")
	}
	saved := k.clause
	defer func() { k.clause = saved }()
	k.clause = inWindowArgs
	call, err := b.windowFunction(x, o, k)
	if err != nil {
		return nil, err
	}
	w, frame, err := b.windowSpec(o.over, k)
	if err != nil {
		return nil, err
	}
	call.Frame = frame
	return k.owner().addWindow(w, call), nil
}

func (b *binder) windowFunction(x *ast.FuncCallExpr, o callOptions, k *block) (logical.WindowCall, error) {
	var call logical.WindowCall
	args, err := b.exprs(x.Args, k)
	if err != nil {
		return call, err
	}
	var f called
	if b.reg.isWindow(x.FnName.O) {
		if o.filter != nil {
			return call, b.errorAt(x, sqlerr.FeatureNotSupported, "FILTER is not implemented for non-aggregate window functions")
		}
		f, err = b.windowFunc(x.FnName.O, args, x)
	} else {
		f, err = b.aggregateFunc(x.FnName.O, args, x)
	}
	if err != nil {
		return call, err
	}
	call = logical.WindowCall{Func: f.window, Agg: f.agg, Args: f.args}
	call.Col = b.ids.NewColumn(x.FnName.O, f.typ, true)
	if o.filter != nil {
		k.clause = inFilter
		call.Filter, err = b.boolean(o.filter, k, "FILTER")
	}
	return call, err
}

// addWindow puts a call on its window and refers to its column.
func (k *block) addWindow(w *window, call logical.WindowCall) expr.Expr {
	for _, o := range k.windows {
		if o.key == w.key {
			o.calls = append(o.calls, call)
			return call.Col.Ref()
		}
	}
	w.calls = append(w.calls, call)
	k.windows = append(k.windows, w)
	return call.Col.Ref()
}

// windowSpec binds OVER (…) or OVER name, following references to named windows.
func (b *binder) windowSpec(s *ast.WindowSpec, k *block) (*window, logical.Frame, error) {
	frame := defaultFrame()
	if s.OnlyAlias {
		def, ok := k.owner().windowDefs[s.Name.O]
		if !ok {
			return nil, frame, b.errorAt(s, sqlerr.UndefinedObject, "window \"%s\" does not exist", s.Name.O)
		}
		return b.windowSpec(def, k)
	}
	if err := b.enter(); err != nil {
		return nil, frame, err
	}
	defer b.leave()
	k.clause = inWindow
	partition, fc := core.SplitFrame(s.PartitionBy)
	w := &window{}
	if s.Ref.O != "" {
		if err := b.baseWindow(s, len(partition) > 0, w, k); err != nil {
			return nil, frame, err
		}
	}
	for _, n := range partition {
		e, err := b.sortable(n, k)
		if err != nil {
			return nil, frame, err
		}
		w.partition = append(w.partition, e)
	}
	keys, _ := core.SplitLimit(s.OrderBy)
	for _, key := range keys {
		e, err := b.sortable(key.Expr, k)
		if err != nil {
			return nil, frame, err
		}
		w.order = append(w.order, sortKey(key, e))
	}
	frame, err := b.frame(fc, w, k, s)
	w.key = windowKey(w)
	return w, frame, err
}

// baseWindow copies the window that a specification starts from.
func (b *binder) baseWindow(s *ast.WindowSpec, partitions bool, w *window, k *block) error {
	base, ok := k.owner().windowDefs[s.Ref.O]
	if !ok {
		return b.errorAt(s, sqlerr.UndefinedObject, "window \"%s\" does not exist", s.Ref.O)
	}
	if base == s {
		return b.errorAt(s, sqlerr.UndefinedObject, "window \"%s\" does not exist", s.Ref.O)
	}
	parent, _, err := b.windowSpec(base, k)
	if err != nil {
		return err
	}
	if partitions {
		return b.errorAt(s, sqlerr.Windowing, "cannot override PARTITION BY clause of window \"%s\"", s.Ref.O)
	}
	if len(parent.order) > 0 && s.OrderBy != nil {
		return b.errorAt(s, sqlerr.Windowing, "cannot override ORDER BY clause of window \"%s\"", s.Ref.O)
	}
	if _, frame := core.SplitFrame(base.PartitionBy); frame != nil {
		return b.errorAt(s, sqlerr.Windowing, "cannot copy window \"%s\" because it has a frame clause", s.Ref.O)
	}
	w.partition, w.order = parent.partition, parent.order
	return nil
}

func windowKey(w *window) string {
	var k strings.Builder
	for _, e := range w.partition {
		k.WriteString(expr.Key(e) + ",")
	}
	for _, o := range w.order {
		fmt.Fprintf(&k, "|%s %v %v", expr.Key(o.Expr), o.Desc, o.NullsFirst)
	}
	return k.String()
}

var frameModes = map[string]logical.FrameMode{"rows": logical.Rows, "range": logical.Range, "groups": logical.Groups}
var boundKinds = map[string]logical.BoundKind{
	"unbounded preceding": logical.UnboundedPreceding, "preceding": logical.Preceding, "current row": logical.CurrentRow,
	"following": logical.Following, "unbounded following": logical.UnboundedFollowing,
}

// frame binds a frame clause and checks its bounds' order.
func (b *binder) frame(c *core.FrameClause, w *window, k *block, n ast.Node) (logical.Frame, error) {
	f := defaultFrame()
	if c == nil {
		return f, nil
	}
	f.Mode, f.Start.Kind, f.End.Kind = frameModes[c.Mode], boundKinds[c.Start], boundKinds[c.End]
	if c.Exclude != "" && c.Exclude != "no others" {
		return f, b.unsupported(n, "EXCLUDE in a window frame")
	}
	switch {
	case f.Start.Kind == logical.UnboundedFollowing:
		return f, b.errorAt(n, sqlerr.Windowing, "frame start cannot be UNBOUNDED FOLLOWING")
	case f.End.Kind == logical.UnboundedPreceding:
		return f, b.errorAt(n, sqlerr.Windowing, "frame end cannot be UNBOUNDED PRECEDING")
	case f.Start.Kind == logical.CurrentRow && f.End.Kind == logical.Preceding:
		return f, b.errorAt(n, sqlerr.Windowing, "frame starting from current row cannot have preceding rows")
	case f.Start.Kind == logical.Following && (f.End.Kind == logical.CurrentRow || f.End.Kind == logical.Preceding):
		return f, b.errorAt(n, sqlerr.Windowing, "frame starting from following row cannot have preceding rows")
	case f.Mode == logical.Groups && len(w.order) == 0:
		return f, b.errorAt(n, sqlerr.Windowing, "GROUPS mode requires an ORDER BY clause")
	case f.Mode == logical.Range && (c.StartOffset != nil || c.EndOffset != nil) && len(w.order) != 1:
		return f, b.errorAt(n, sqlerr.Windowing, "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column")
	}
	var err error
	if f.Start.Offset, err = b.offset(c.StartOffset, f.Mode, w, k); err != nil {
		return f, err
	}
	f.End.Offset, err = b.offset(c.EndOffset, f.Mode, w, k)
	return f, err
}

// offset binds a bound's offset: a row count, or for RANGE a distance in the
// order column's terms.
func (b *binder) offset(n ast.ExprNode, mode logical.FrameMode, w *window, k *block) (expr.Expr, error) {
	if n == nil {
		return nil, nil
	}
	name := map[logical.FrameMode]string{logical.Rows: "ROWS", logical.Groups: "GROUPS", logical.Range: "RANGE"}[mode]
	k.clause = inFrame
	e, err := b.expr(n, k)
	if err != nil {
		return nil, err
	}
	if len(expr.Columns(e)) > 0 {
		return nil, b.errorAt(n, sqlerr.InvalidColumnReference, "argument of %s must not contain variables", name)
	}
	if mode != logical.Range {
		if !e.Type().IsInteger() && e.Type().Kind != types.Unknown {
			return nil, b.errorAt(n, sqlerr.DatatypeMismatch, "argument of %s must be type bigint, not type %s", name, e.Type())
		}
		return b.coerce(e, types.Of(types.Int8), n)
	}
	return b.rangeOffset(e, w.order[0].Expr.Type(), n)
}

func (b *binder) rangeOffset(e expr.Expr, key types.Type, n ast.Node) (expr.Expr, error) {
	switch key.Kind {
	case types.Date, types.Timestamp, types.TimestampTZ, types.Time, types.Interval:
		if k := e.Type().Kind; k == types.Interval || k == types.Unknown {
			return b.coerce(e, types.Of(types.Interval), n)
		}
	case types.Int2, types.Int4, types.Int8, types.Numeric, types.Float4, types.Float8:
		if e.Type().IsNumber() || e.Type().Kind == types.Unknown {
			if l, ok := e.(*expr.Literal); ok {
				if v, ok := convert(l.Value, key); ok {
					return &expr.Literal{Value: v}, nil
				}
			}
			return b.coerce(e, key, n)
		}
	default:
		return nil, b.errorAt(n, sqlerr.FeatureNotSupported,
			"RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s", key)
	}
	return nil, b.errorAt(n, sqlerr.FeatureNotSupported,
		"RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s and offset type %s", key, e.Type())
}
