// Package core defines core SQL: the closed dialect between the lowering of
// client SQL (package lower) and the analyzer. TiDB's parser reads it with one
// meaning; its AST is what the analyzer binds. This file states the dialect in
// full: for each construct of the surface, the AST that the analyzer sees.
//
// # Ground rules
//
//   - Names: every identifier has the client's exact spelling after folding, so
//     use CIStr.O only, never L. No client's name starts with Prefix (":").
//   - Markers: whatever TiDB has no syntax for is a *ast.FuncCallExpr whose
//     FnName.O is a marker of marker.go (Schema is empty). Read them with Call,
//     IsCall, Operator and Quantified. Arguments that the lowering wrote itself
//     (types, kinds, names) are string constants; read them with Text.
//   - Parentheses: *ast.ParenthesesExpr never carries meaning; strip it with
//     Unparen. The client's redundant parentheses are gone already.
//   - Positions: Query.Position(node) is the position that Postgres would
//     report. A marker call stands at its operator or keyword, an ordinary call at
//     its name, a native operator at the *parentheses around it* (so ask before
//     Unparen), a column and a constant at their first character. Table names and
//     WITH names (*ast.TableName, *ast.CommonTableExpression) have offsets too.
//     A wildcard field: Query.Map.Position(field.Offset).
//   - Depth: only true nesting is depth (at most 4,000 levels; 54001 beyond).
//     Chains of AND and OR are left-deep trees of any length: read them with
//     Operands, do not recurse. A chain of || is one call, UNION one list, IN one list.
//
// # Constants
//
// All are *Value: V is nil (NULL), bool (TRUE, FALSE), int64, Decimal (a numeric
// with a point, as text) or string (of unknown type, as in Postgres). An integer
// that int32 holds is int4, else int8. Any other number (1e10, 20 digits) is
// Cast('1e10', "numeric"). A sign directly before a constant belongs to it, and
// leaves as *ast.UnaryOperationExpr{Minus, *Value}: -2147483648 is an int4, as in
// Postgres (-9223372036854775808 leaves as Cast(…, "int8")). Other constants:
// Bits("b101"), Bits("x1F"); type 'text' and INTERVAL are Cast('text', "type").
//
// # Types
//
// A type is a string: name, modifiers, []. Names with several spellings have one:
// bool int2 int4 int8 float4 float8 numeric text varchar bpchar bit varbit date
// time timetz timestamp timestamptz interval; all others stand as written.
// Modifiers follow without blanks: "numeric(12,2)", "varchar(10)", "bpchar(1)" for
// char, "timestamptz(3)", "bit(1)" for bit. An array of any dimensions has one []
// at the end: "int4[]". Interval fields: "interval", "interval(3)", "interval
// day", "interval year to month", "interval day to second(3)". The type of
// double quotes is "\"char\"". Other schemas: "s.t", each part in double quotes if
// it is no lower-case identifier; pg_catalog in front is left out. Spark's string,
// double, long, short, byte, tinyint are text, float8, int8, int2, int2, int2.
//
// # Expressions
//
//   - Column a, t.a, s.t.a: *ast.ColumnNameExpr; Name.Schema may be packed, see
//     UnpackName (c.s.t.a, and longer paths of Spark's). t may also be a composite
//     column, as in Postgres.
//   - + - * < > = <= >= <> <=> AND OR: *ast.BinaryOperationExpr with an Op of
//     Add … NullSafeEQ (readfrom.go). Unary minus and NOT: *ast.UnaryOperationExpr
//     with opcode.Minus, opcode.Not. Unary plus is the marker ":+" with one argument.
//   - Every other operator: marker Prefix+op with two arguments, or one for a
//     prefix operator; "||" has two or more and folds from the left.
//     OPERATOR(pg_catalog.op) is the same as op.
//   - a op ANY/SOME/ALL (x): Quantified marker (a, x); x is an expression (an
//     array) or *ast.SubqueryExpr. LIKE ANY and ILIKE ALL too.
//   - IS [NOT] NULL: *ast.IsNullExpr. IS [NOT] TRUE/FALSE: *ast.IsTruthExpr (True is 1 or
//     0). IS [NOT] UNKNOWN, DISTINCT FROM, NORMALIZED: markers, inside NOT if negated.
//   - BETWEEN: *ast.BetweenExpr (Not is never set; NOT BETWEEN is NOT around it).
//   - IN: *ast.PatternInExpr with List, or with Sel (*ast.SubqueryExpr); Not is used.
//   - EXISTS: *ast.ExistsSubqueryExpr; NOT EXISTS sets its Not. Scalar subquery: *ast.SubqueryExpr; its Query is
//     *ast.SelectStmt or *ast.SetOprStmt.
//   - CASE: *ast.CaseExpr. Row: Row(…); a comparison of rows is a native operator
//     over two Rows, or a Row and a *ast.SubqueryExpr.
//   - LIKE and kin, COLLATE, arrays, subscripts, fields, $n: markers (marker.go).
//   - Calls: *ast.FuncCallExpr with Schema (may be packed) and FnName. Keyword forms
//     are calls in schema pg_catalog: extract("field", x), position(string, part) (the
//     arguments are swapped as in Postgres), substring(x, from[, for]) (FOR alone: from 1;
//     SIMILAR … ESCAPE: three arguments), overlay, btrim/ltrim/rtrim(x[, chars]),
//     timezone(zone, x) and timezone(x) for AT TIME ZONE and AT LOCAL, normalize(x, "NFC"),
//     coalesce, nullif, greatest, least, and the value functions current_date, current_time,
//     current_timestamp, localtime, localtimestamp (with a precision or without
//     arguments), current_user, session_user, user, current_role, current_catalog,
//     current_schema.
//   - Aggregates: the wrappers CountStar, AggDistinct, AggOrderBy, WithinGroup, Filter,
//     IgnoreNulls around the call, nested from inside out in this order. RESPECT NULLS is
//     dropped, it is the default. Sort keys within them: SortKeyOf.
//
// # Window calls
//
// f(…) OVER w is *ast.WindowFuncExpr with Name "first_value" in any case: only a
// carrier. Its one argument is the call, wrapped as above (FILTER within). Spec:
// OVER name sets Spec.Name and OnlyAlias; OVER (name …) sets Spec.Ref.
// PartitionBy holds expressions and, as the last item, the frame: SplitFrame gives
// both, for OVER (…) and for the definitions of WINDOW (SelectStmt.WindowSpecs).
// Spec.Frame is never set. Spec.OrderBy: each item's Expr with SortKeyOf.
//
// # SELECT
//
// *ast.SelectStmt with Kind SelectStmtKindSelect. Hints, Limit, LockInfo and Into are
// never set.
//
//   - Fields: a WildCard (Schema packed, Table), or an Expr with AsName. AsName is
//     always there: the client's name, or the one that Postgres derives
//     ("?column?" included). It is "" only for a scalar subquery whose first field is
//     *, whose name is that field's.
//   - SELECT FROM t: the one field Omitted(). DISTINCT: Distinct. DISTINCT ON (x): the
//     marker DistinctOn is the first field, and no output.
//   - ORDER BY and LIMIT: SplitLimit(OrderBy) gives the sort keys, in which an int64
//     constant is a position, and the limit with its offset and WITH TIES. The limit rides
//     as the last item of ORDER BY, for SELECT, VALUES and set operations alike.
//   - GROUP BY: an Item's Expr is an expression, *ast.PositionExpr (N) for a position
//     (an int64 *Value inside of grouping sets), GroupList (x, y) or (), Rollup, Cube,
//     GroupingSets, and GroupDistinct or GroupAll as the first item.
//   - VALUES: *ast.SelectStmt with Kind SelectStmtKindValues, rows in Lists
//     (*ast.RowExpr.Values). TABLE t is SELECT * FROM t.
//   - WITH: With.CTEs with Name, ColNameList, Query; With.IsRecursive. MATERIALIZED is
//     dropped, it is a hint only.
//   - UNION, EXCEPT, INTERSECT: *ast.SetOprStmt; SetOperands gives a flat chain, bound
//     from the left. INTERSECT within UNION, and every parenthesised operand of several, is
//     a *ast.SetOprStmt of its own. OrderBy and With as in SELECT.
//
// # FROM
//
// From.TableRefs is a *ast.Join; without a Right it holds one item, in Left. A
// comma and CROSS JOIN are inner joins without a condition. JoinOf reads a join:
// kind, condition, USING columns with positions, NATURAL. A comma-separated list
// is left-deep.
//
// An item is *ast.TableSource; FromOf reads it: a table (Source *ast.TableName;
// Schema packed), a subquery, LATERAL, a function, ROWS FROM, each with alias and
// column list. t AS x(a, b) is a subquery SELECT * FROM t with a column list. A join in
// parentheses with an alias is a lateral subquery SELECT * FROM (join). LATERAL VIEW is
// a CROSS JOIN (OUTER: LEFT JOIN ON TRUE) with a function. A function without an alias has
// its own name as alias; a subquery without one has an alias that IsAnonymous knows.
// VALUES in FROM is a subquery. ONLY is dropped.
//
// # Not in the core
//
// The lowering refuses with 0A000 and a position: DML and most DDL, SELECT INTO, FOR
// UPDATE, TABLESAMPLE, PIVOT, QUALIFY, * EXCEPT, SORT/DISTRIBUTE/CLUSTER BY, SEARCH
// and CYCLE, data-modifying WITH, XML and JSON constructors, IS JSON, IS DOCUMENT,
// operators of other schemas, map, array and struct types of Spark.
package core
