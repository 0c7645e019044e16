package expr

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

func (e *Column) String() string  { return e.Name }
func (e *Input) String() string   { return e.Name }
func (e *Param) String() string   { return "$" + strconv.Itoa(e.N) }
func (e *Literal) String() string { return value.Display(e.Value) }

func (e *Call) String() string {
	if !isOperator(e.Func.Name) {
		return e.Func.Name + "(" + list(e.Args, ", ") + ")"
	}
	op := e.Func.Name
	if s, ok := operatorNames[op]; ok {
		op = s
	}
	if len(e.Args) == 1 {
		return op + paren(e.Args[0])
	}
	return paren(e.Args[0]) + " " + op + " " + paren(e.Args[1])
}

// operatorNames are PostgreSQL's internal operators with keywords of their own.
var operatorNames = map[string]string{"~~": "LIKE", "!~~": "NOT LIKE", "~~*": "ILIKE", "!~~*": "NOT ILIKE"}

func isOperator(name string) bool {
	return name != "" && strings.ContainsRune("+-*/%^=<>~!@#&|?", rune(name[0]))
}

// paren prints e, in parentheses where it is itself an operator.
func paren(e Expr) string {
	switch x := e.(type) {
	case *Call:
		if isOperator(x.Func.Name) {
			return "(" + x.String() + ")"
		}
	case *Logic, *Not, *Test, *Distinct, *In, *AnyAll:
		return "(" + e.String() + ")"
	}
	return e.String()
}

func list(es []Expr, sep string) string {
	s := make([]string, len(es))
	for i, e := range es {
		s[i] = e.String()
	}
	return strings.Join(s, sep)
}

// FormatAnd prints conjuncts as one condition.
func FormatAnd(es []Expr) string {
	s := make([]string, len(es))
	for i, e := range es {
		s[i] = e.String()
		if l, ok := e.(*Logic); ok && l.Op == Or && len(es) > 1 {
			s[i] = "(" + s[i] + ")"
		}
	}
	return strings.Join(s, " AND ")
}

func (e *Logic) String() string {
	s := make([]string, len(e.Args))
	for i, a := range e.Args {
		s[i] = a.String()
		if l, ok := a.(*Logic); ok && l.Op != e.Op {
			s[i] = "(" + s[i] + ")"
		}
	}
	if e.Op == And {
		return strings.Join(s, " AND ")
	}
	return strings.Join(s, " OR ")
}

func (e *Not) String() string { return "NOT " + paren(e.Arg) }

var testNames = [...]string{"IS NULL", "IS NOT NULL", "IS TRUE", "IS NOT TRUE", "IS FALSE", "IS NOT FALSE"}

func (e *Test) String() string { return paren(e.Arg) + " " + testNames[e.Kind] }

func (e *Distinct) String() string {
	op := " IS DISTINCT FROM "
	if e.Negated {
		op = " IS NOT DISTINCT FROM "
	}
	return paren(e.L) + op + paren(e.R)
}

func (e *Case) String() string {
	var b strings.Builder
	b.WriteString("CASE")
	for _, w := range e.Whens {
		fmt.Fprintf(&b, " WHEN %s THEN %s", w.Cond, w.Result)
	}
	fmt.Fprintf(&b, " ELSE %s END", e.Else)
	return b.String()
}

func (e *Coalesce) String() string { return "coalesce(" + list(e.Args, ", ") + ")" }
func (e *Cast) String() string     { return paren(e.Arg) + "::" + e.To.Format() }

func (e *In) String() string {
	op := " IN ("
	if e.Negated {
		op = " NOT IN ("
	}
	l := e.List
	if len(l) > 20 {
		return paren(e.Arg) + op + list(l[:20], ", ") + fmt.Sprintf(", … %d more)", len(l)-20)
	}
	return paren(e.Arg) + op + list(l, ", ") + ")"
}

func (e *ArrayExpr) String() string { return "ARRAY[" + list(e.Elems, ", ") + "]" }

func (e *AnyAll) String() string {
	q := "ANY"
	if e.All {
		q = "ALL"
	}
	return fmt.Sprintf("%s %s %s (%s)", paren(e.Arg), e.Op.Name, q, e.Array)
}

// castFallible reports whether a cast can fail for some value.
func castFallible(c *Cast) bool {
	from, to := c.Arg.Type(), c.To
	switch {
	case from == to, to.Kind == types.Text, from.Kind == types.Unknown && to.IsString():
		return false
	case to.Kind == types.Varchar && (to.Precision == 0 || c.Explicit):
		return false
	case from.IsInteger() && to.IsInteger():
		return to.Kind < from.Kind
	case from.IsInteger() && (to.IsFloat() || to.Kind == types.Numeric && to.Precision == 0):
		return false
	case from.IsInteger() && to.IsFixedNumeric():
		return int(to.Precision-to.Scale) < integerDigits[from.Kind]
	case from.IsFixedNumeric() && to.Kind == types.Numeric:
		return to.Precision != 0 && (to.Scale < from.Scale || to.Precision-to.Scale < from.Precision-from.Scale)
	case from.Kind == types.Numeric && to.Kind == types.Float8, from.Kind == types.Float4 && to.Kind == types.Float8:
		return false
	case from.Kind == types.Date && (to.Kind == types.Timestamp || to.Kind == types.TimestampTZ):
		return false
	}
	return true
}

var integerDigits = map[types.Kind]int{types.Int2: 5, types.Int4: 10, types.Int8: 19}
