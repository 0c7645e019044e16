package optimizer

import (
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// outcome is what is known of an expression when some columns are NULL.
type outcome uint8

const (
	anything    outcome = iota
	isNull              // surely NULL
	nullOrFalse         // surely not true
	isFalse             // surely false
)

// rejectsNull reports whether a predicate is not true for any row in which all
// the columns are NULL: an outer join below it may as well be an inner one.
func rejectsNull(e expr.Expr, cols expr.ColumnSet) bool {
	return whenNull(e, cols) != anything
}

func whenNull(e expr.Expr, cols expr.ColumnSet) outcome {
	switch x := e.(type) {
	case *expr.Column:
		if cols.Has(x.ID) {
			return isNull
		}
	case *expr.Literal:
		if x.Value.Null {
			return isNull
		}
		if x.Value.Type.Kind == types.Bool && x.Value.I == 0 {
			return isFalse
		}
	case *expr.Call:
		if !x.Func.NotStrict && anyNull(x.Args, cols) {
			return isNull
		}
	case *expr.Cast:
		if whenNull(x.Arg, cols) == isNull {
			return isNull
		}
	case *expr.In:
		if whenNull(x.Arg, cols) == isNull {
			return isNull
		}
	case *expr.AnyAll:
		if whenNull(x.Array, cols) == isNull {
			return isNull
		}
	case *expr.Not:
		if whenNull(x.Arg, cols) == isNull {
			return isNull
		}
	case *expr.Coalesce:
		for _, a := range x.Args {
			if whenNull(a, cols) != isNull {
				return anything
			}
		}
		return isNull
	case *expr.Logic:
		return logicWhenNull(x, cols)
	case *expr.Test:
		return testWhenNull(x, cols)
	}
	return anything
}

func anyNull(es []expr.Expr, cols expr.ColumnSet) bool {
	for _, a := range es {
		if whenNull(a, cols) == isNull {
			return true
		}
	}
	return false
}

func logicWhenNull(x *expr.Logic, cols expr.ColumnSet) outcome {
	nulls, rejects := 0, 0
	for _, a := range x.Args {
		switch whenNull(a, cols) {
		case isFalse:
			if x.Op == expr.And {
				return isFalse
			}
			rejects++
		case isNull:
			nulls++
			rejects++
		case nullOrFalse:
			rejects++
		}
	}
	switch {
	case nulls == len(x.Args):
		return isNull
	case x.Op == expr.And && rejects > 0, x.Op == expr.Or && rejects == len(x.Args):
		return nullOrFalse
	}
	return anything
}

func testWhenNull(x *expr.Test, cols expr.ColumnSet) outcome {
	w := whenNull(x.Arg, cols)
	switch x.Kind {
	case expr.IsNotNull, expr.IsFalse:
		if w == isNull {
			return isFalse
		}
	case expr.IsTrue:
		if w != anything {
			return isFalse
		}
	}
	return anything
}

// nullability answers whether a column of some nodes may be NULL. Few
// expressions ask, so it looks when one does.
type nullability struct {
	nodes []logical.Node
	known map[expr.ColumnID]bool
}

func nullableOf(nodes ...logical.Node) *nullability { return &nullability{nodes: nodes} }

// notNull reports whether a column is known to have no NULLs.
func (s *nullability) notNull(id expr.ColumnID) bool {
	if s.known == nil {
		s.known = map[expr.ColumnID]bool{}
		for _, n := range s.nodes {
			for _, c := range n.Schema() {
				s.known[c.ID] = !c.Field.Nullable
			}
		}
	}
	return s.known[id]
}

// never reports whether e is surely not NULL. Unknown columns may be NULL.
func (s *nullability) never(e expr.Expr) bool {
	switch x := e.(type) {
	case *expr.Column:
		return s.notNull(x.ID)
	case *expr.Literal:
		return !x.Value.Null
	case *expr.Test, *expr.Distinct:
		return true
	case *expr.Not, *expr.Logic, *expr.In:
		return s.neverAll(x.Children())
	case *expr.Cast:
		return s.never(x.Arg)
	case *expr.Coalesce:
		for _, a := range x.Args {
			if s.never(a) {
				return true
			}
		}
	case *expr.Case:
		for _, w := range x.Whens {
			if !s.never(w.Result) {
				return false
			}
		}
		return s.never(x.Else)
	case *expr.Call:
		return comparisons[x.Func.Name] && s.neverAll(x.Args)
	}
	return false
}

func (s *nullability) neverAll(es []expr.Expr) bool {
	for _, e := range es {
		if !s.never(e) {
			return false
		}
	}
	return true
}

// comparisons are operators that are NULL only for NULL operands, over scalars; so is arithmetic.
var comparisons = map[string]bool{"=": true, "<>": true, "<": true, "<=": true, ">": true, ">=": true, "~~": true, "!~~": true,
	"+": true, "-": true, "*": true}

// canFail is expr.Fallible, less calls whose constant arguments rule a failure
// out, and arithmetic of numerics, which overflows only beyond 38 digits.
func canFail(e expr.Expr) bool {
	fail := false
	expr.Walk(e, func(x expr.Expr) bool {
		switch x := x.(type) {
		case *expr.Call:
			fail = fail || x.Func.Fallible && !harmless(x)
		case *expr.AnyAll:
			fail = fail || x.Op.Fallible
		case *expr.Cast:
			c := expr.Cast{Arg: &expr.Literal{Value: value.NullOf(x.Arg.Type())}, To: x.To, Explicit: x.Explicit}
			fail = fail || expr.Fallible(&c)
		}
		return !fail
	})
	return fail
}

func harmless(c *expr.Call) bool {
	switch c.Func.Name {
	case "+", "-", "*":
		return c.Typ.Kind == types.Numeric || c.Typ.IsFloat()
	case "/", "%":
		l, ok := c.Args[len(c.Args)-1].(*expr.Literal)
		return ok && !l.Value.Null && c.Typ.Kind == types.Numeric && !isZero(l.Value)
	case "substring", "substr":
		return literalsFrom(c.Args, 1)
	case "~~", "!~~", "~~*", "!~~*":
		l, ok := c.Args[1].(*expr.Literal)
		return ok && (l.Value.Null || l.Value.S == "" || l.Value.S[len(l.Value.S)-1] != '\\')
	case "extract", "date_part", "date_trunc":
		_, ok := c.Args[0].(*expr.Literal) // the field's name is checked when bound
		return ok
	}
	return false
}

func isZero(v value.Value) bool {
	return v.I == 0 && v.F == 0 && v.D == (value.Int128{}) && v.N.Coef == (value.Int128{})
}

// literalsFrom reports whether all arguments from position i on are integers
// that are not negative.
func literalsFrom(args []expr.Expr, i int) bool {
	for _, a := range args[i:] {
		l, ok := a.(*expr.Literal)
		if !ok || l.Value.Null || !l.Value.Type.IsInteger() || l.Value.I < 0 {
			return false
		}
	}
	return true
}

// fixed reports whether e may be moved freely: it gives one value per row and
// cannot fail.
func fixed(e expr.Expr) bool { return !expr.Volatile(e) && !canFail(e) }

// movableKey reports whether e may become a join's condition although it is not
// fixed: an equality whose operands can fail only where an integer plus or minus
// a constant overflows. PostgreSQL computes such keys of rows, too, that other
// conditions drop.
//
//	a.rank = b.rank + 1
func movableKey(e expr.Expr) bool {
	c, ok := e.(*expr.Call)
	if !ok || c.Func.Name != "=" || expr.Volatile(e) {
		return false
	}
	for _, a := range c.Args {
		if sum, ok := a.(*expr.Call); ok && constantShift(sum) {
			a = sum.Args[0]
		}
		if canFail(a) {
			return false
		}
	}
	return true
}

// constantShift matches integer ± constant.
func constantShift(c *expr.Call) bool {
	if c.Func.Name != "+" && c.Func.Name != "-" || len(c.Args) != 2 || !c.Typ.IsInteger() {
		return false
	}
	_, ok := c.Args[1].(*expr.Literal)
	return ok
}
