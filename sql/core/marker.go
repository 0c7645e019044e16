package core

import "strings"

// Prefix starts every marker name. No name of a client may start with it (the
// lowering refuses it with 42939), so a marker can't be forged.
const Prefix = ":"

// The markers, as function names in core text. Each line gives the arguments
// and the meaning. "…" is any number of arguments, [x] an optional one, and "s"
// a string constant that the lowering wrote itself. Operators are not listed:
// the operator op is the marker Prefix+op (see Operator).
const (
	Cast     = ":::"          // (x, "type")               x::type, CAST(x AS type), type 'x', INTERVAL 'x'; see doc.go for the form of a type
	TryCast  = ":try"         // (x, "type")               TRY_CAST(x AS type): NULL where the cast fails
	Param    = ":$"           // (n)                       $n
	Bits     = ":bits"        // ("b101") or ("x1F")       B'101', X'1F'
	Array    = ":array"       // (x…)              ARRAY[x, …]; a nested ARRAY is one dimension more
	ArrayOf  = ":array query" // ((query))         ARRAY(query)
	Row      = ":row"         // (x…)              ROW(x, …), (x, y)
	Elem     = ":[]"          // (a, i)            a[i]
	Slice    = ":[:]"         // (a, lo, hi)       a[lo:hi]; an omitted bound is Omitted()
	Omitted  = ":none"        // ()                nothing: an omitted bound, or the empty select list
	Field    = ":."           // (x, "f")          (x).f
	Star     = ":.*"          // (x)               (x).*; x is an expression, or a name that may be a table's (t.* as a value)
	NamedArg = ":=>"          // ("name", x)       f(name => x), f(name := x)
	Variadic = ":variadic"    // (x)               f(VARIADIC x)
	As       = ":as"          // (x, "name")       struct(x AS name)

	Like             = ":like"              // (a, pattern[, escape])
	ILike            = ":ilike"             // (a, pattern[, escape])
	SimilarTo        = ":similar to"        // (a, pattern[, escape])
	RLike            = ":rlike"             // (a, pattern)     Spark's RLIKE and REGEXP
	Div              = ":div"               // (a, b)           Spark's integral division
	Overlaps         = ":overlaps"          // (row, row)
	BetweenSymmetric = ":between symmetric" // (a, lo, hi)
	IsDistinctFrom   = ":is distinct from"  // (a, b)
	IsUnknown        = ":is unknown"        // (a)              a IS UNKNOWN
	IsNormalized     = ":is normalized"     // (a, "NFC")
	Collate          = ":collate"           // (a, "collation") the name is written as a type's name is
	Default          = ":default"           // ()               DEFAULT as a value of INSERT or UPDATE
	Grouping         = ":grouping"          // (x…)             GROUPING(x, …)
	CountStar        = ":(*)"               // (f())            f(*)
	AggDistinct      = ":distinct"          // (call)           f(DISTINCT …)
	AggOrderBy       = ":order by"          // (call, key…)     f(… ORDER BY key, …)
	WithinGroup      = ":within group"      // (call, key…)     f(…) WITHIN GROUP (ORDER BY key, …)
	Filter           = ":filter"            // (call, cond)     f(…) FILTER (WHERE cond)
	IgnoreNulls      = ":ignore nulls"      // (call)           f(…) IGNORE NULLS
	Frame            = ":frame"             // ("mode", "start", x, "end", y, "exclude"), see SplitFrame
	Asc              = ":asc"               // (x)              sort key x [ASC]
	Desc             = ":desc"              // (x)              sort key x DESC
	NullsFirst       = ":nulls first"       // (key)            around Asc or Desc
	NullsLast        = ":nulls last"        // (key)            around Asc or Desc
	DistinctOn       = ":distinct on"       // (x…)             first field of the select list
	Limit            = ":limit"             // (n, offset, "ties") last item of ORDER BY, see SplitLimit
	GroupingSets     = ":grouping sets"     // (item…)          item of GROUP BY
	Rollup           = ":rollup"            // (item…)          item of GROUP BY
	Cube             = ":cube"              // (item…)          item of GROUP BY
	GroupList        = ":list"              // (x…)             (x, y) or () as an item of GROUP BY or within one of the three above
	GroupDistinct    = ":group distinct"    // ()               first item of GROUP BY DISTINCT
	GroupAll         = ":group all"         // ()               GROUP BY ALL: Spark's, group by every field without an aggregate
	JoinFull         = ":full"              // (cond)           ON of a LEFT JOIN that is a FULL one
	JoinSemi         = ":semi"              // (cond)           ON of a LEFT JOIN that is a SEMI one
	JoinAnti         = ":anti"              // (cond)           ON of a LEFT JOIN that is an ANTI one
	JoinUsing        = ":using"             // ("kind", "alias", "column"…) ON of any join with USING
	JoinNatural      = ":natural"           // ("kind")         ON of any NATURAL join
)

// What an item of FROM is. The name stands first in the column list of a
// LATERAL derived table; see FromOf.
const (
	FromSubquery     = ":subquery"             // LATERAL (q) AS x(…): not lateral, only with a column list
	FromLateral      = ":lateral"              // LATERAL (q) AS x(…)
	FromFunction     = ":function"             // f(…) AS x(…)
	FromFunctionOrd  = ":function ordinality"  // f(…) WITH ORDINALITY AS x(…)
	FromRowsFrom     = ":rows from"            // ROWS FROM (f(…), g(…)) AS x(…)
	FromRowsFromOrd  = ":rows from ordinality" // ROWS FROM (…) WITH ORDINALITY AS x(…)
	anonymousPrefix  = ":anonymous "           // alias of a subquery without one, with a number
	packedNamePrefix = ":name "                // a qualifier of several parts, see PackName
)

// Anonymous gives the n-th alias for subqueries without one.
func Anonymous(n string) string { return anonymousPrefix + n }

// IsAnonymous tells whether alias was made by Anonymous, so that no client can refer to it.
func IsAnonymous(alias string) bool { return strings.HasPrefix(alias, anonymousPrefix) }

// OperatorMarker gives the marker name of an operator.
func OperatorMarker(op string) string { return Prefix + op }

// QuantifiedMarker gives the marker name of `a op ANY (x)` or `a op ALL (x)`;
// quantifier is "any" or "all", and op an operator, like, or ilike.
func QuantifiedMarker(op, quantifier string) string { return Prefix + op + " " + quantifier }

// Operator reads an operator marker: one argument is a prefix operator, two an
// infix one; || may have more and stands for a left-deep chain.
func Operator(name string) (op string, ok bool) {
	op = strings.TrimPrefix(name, Prefix)
	if op == name || op == "" {
		return "", false
	}
	for i := 0; i < len(op); i++ {
		if strings.IndexByte("+-*/<>=~!@#%^&|?", op[i]) < 0 {
			return "", false
		}
	}
	return op, true
}

// Quantified reads a QuantifiedMarker.
func Quantified(name string) (op, quantifier string, ok bool) {
	op, quantifier, ok = strings.Cut(strings.TrimPrefix(name, Prefix), " ")
	if !ok || !strings.HasPrefix(name, Prefix) || quantifier != "any" && quantifier != "all" {
		return "", "", false
	}
	return op, quantifier, true
}
