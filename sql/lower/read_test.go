package lower

import (
	"fmt"
	"strings"
	"testing"

	"github.com/flintsql/flint/sql/core"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// must lowers a query.
func must(t *testing.T, sql string) *core.Query {
	t.Helper()
	s, err := Lower(sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return s.Query
}

// outline writes a tree by the words of core's doc.go, as the analyzer reads it,
// with the position of each node in the client's text.
type outline struct{ q *core.Query }

func (o outline) expr(e ast.ExprNode) string {
	at := fmt.Sprintf("@%d", o.q.Position(e))
	e = core.Unparen(e)
	if name, args, ok := core.Call(e); ok {
		return name + at + o.list(args)
	}
	switch x := e.(type) {
	case *core.Value:
		return fmt.Sprintf("%T:%v%s", x.V, x.V, at)
	case *ast.ColumnNameExpr:
		return strings.Join(append(core.UnpackName(x.Name.Schema.O), x.Name.Table.O, x.Name.Name.O), ".") + at
	case *ast.FuncCallExpr:
		return x.Schema.O + "." + x.FnName.O + at + o.list(x.Args)
	case *ast.BinaryOperationExpr:
		return fmt.Sprintf("%s%s(%s %s)", x.Op, at, o.expr(x.L), o.expr(x.R))
	case *ast.UnaryOperationExpr:
		return fmt.Sprintf("%s%s(%s)", x.Op, at, o.expr(x.V))
	case *ast.IsNullExpr:
		return fmt.Sprintf("isnull:%v%s(%s)", x.Not, at, o.expr(x.Expr))
	case *ast.IsTruthExpr:
		return fmt.Sprintf("istruth:%v,%v%s(%s)", x.True, x.Not, at, o.expr(x.Expr))
	case *ast.BetweenExpr:
		return fmt.Sprintf("between:%v%s(%s %s %s)", x.Not, at, o.expr(x.Expr), o.expr(x.Left), o.expr(x.Right))
	case *ast.PatternInExpr:
		in := fmt.Sprintf("in:%v%s(%s", x.Not, at, o.expr(x.Expr))
		if x.Sel != nil {
			return in + " " + o.expr(x.Sel) + ")"
		}
		return in + o.list(x.List) + ")"
	case *ast.ExistsSubqueryExpr:
		return fmt.Sprintf("exists:%v%s(%s)", x.Not, at, o.expr(x.Sel))
	case *ast.SubqueryExpr:
		return "(" + o.query(x.Query) + ")"
	case *ast.WindowFuncExpr:
		return o.window(x, at)
	case *ast.PositionExpr:
		return fmt.Sprintf("position:%d", x.N)
	case *ast.CaseExpr:
		return "case" + at
	}
	return fmt.Sprintf("%T", e)
}

func (o outline) window(x *ast.WindowFuncExpr, at string) string {
	partition, frame := core.SplitFrame(x.Spec.PartitionBy)
	s := fmt.Sprintf("over%s(%s", at, o.expr(x.Args[0]))
	if x.Spec.OnlyAlias {
		s += " name " + x.Spec.Name.O
	}
	if x.Spec.Ref.O != "" {
		s += " ref " + x.Spec.Ref.O
	}
	s += o.list(partition)
	if frame != nil {
		s += fmt.Sprintf(" %s %s/%s %s", frame.Mode, frame.Start, frame.End, frame.Exclude)
	}
	return s + ")"
}

func (o outline) list(es []ast.ExprNode) string {
	out := make([]string, len(es))
	for i, e := range es {
		out[i] = o.expr(e)
	}
	return "[" + strings.Join(out, " ") + "]"
}

func (o outline) query(n ast.ResultSetNode) string {
	switch x := n.(type) {
	case *ast.SelectStmt:
		return o.sel(x)
	case *ast.SetOprStmt:
		var parts []string
		for _, s := range core.SetOperands(x) {
			parts = append(parts, fmt.Sprintf("%s %v {%s}", s.Op, s.All, o.query(s.Query)))
		}
		return o.with(x.With) + "set(" + strings.Join(parts, " ") + o.order(x.OrderBy) + ")"
	}
	return fmt.Sprintf("%T", n)
}

func (o outline) with(w *ast.WithClause) string {
	if w == nil {
		return ""
	}
	s := ""
	for _, c := range w.CTEs {
		s += fmt.Sprintf("with %s@%d%v={%s} ", c.Name.O, o.q.Position(c), c.ColNameList, o.query(c.Query.Query))
	}
	return s
}

func (o outline) order(c *ast.OrderByClause) string {
	keys, limit := core.SplitLimit(c)
	s := ""
	for _, k := range keys {
		s += fmt.Sprintf(" by(%s %v %s)", o.expr(k.Expr), k.Desc, k.Nulls)
	}
	if limit != nil {
		s += " limit("
		for _, e := range []ast.ExprNode{limit.Count, limit.Offset} {
			if e != nil {
				s += o.expr(e) + " "
			} else {
				s += "- "
			}
		}
		s += fmt.Sprintf("%v)", limit.WithTies)
	}
	return s
}

func (o outline) sel(x *ast.SelectStmt) string {
	s := o.with(x.With)
	if x.Kind == ast.SelectStmtKindValues {
		s += "values"
		for _, row := range x.Lists {
			s += o.list(row.Values)
		}
		return s + o.order(x.OrderBy)
	}
	s += "select"
	for _, f := range x.Fields.Fields {
		if f.WildCard != nil {
			s += fmt.Sprintf(" %s*@%d", f.WildCard.Table.O, o.q.Map.Position(f.Offset))
			continue
		}
		s += " " + o.expr(f.Expr) + ":" + f.AsName.O
	}
	if x.From != nil {
		s += " from " + o.from(x.From.TableRefs)
	}
	if x.Where != nil {
		s += " where " + o.expr(x.Where)
	}
	if x.GroupBy != nil {
		for _, it := range x.GroupBy.Items {
			s += " group " + o.expr(it.Expr)
		}
	}
	return s + o.order(x.OrderBy)
}

func (o outline) from(n ast.ResultSetNode) string {
	switch x := n.(type) {
	case *ast.Join:
		if x.Right == nil {
			return o.from(x.Left)
		}
		j := core.JoinOf(x)
		s := fmt.Sprintf("%s(%s %s", j.Kind, o.from(x.Left), o.from(x.Right))
		if j.On != nil {
			s += " on " + o.expr(j.On)
		}
		for _, u := range j.Using {
			s += " using " + o.expr(u)
		}
		return s + fmt.Sprintf(" %v %s)", j.Natural, j.Alias)
	case *ast.TableSource:
		f := core.FromOf(x)
		s := ""
		switch {
		case f.Table != nil:
			s = fmt.Sprintf("%v.%s@%d", core.UnpackName(f.Table.Schema.O), f.Table.Name.O, o.q.Position(f.Table))
		case f.Query != nil:
			s = fmt.Sprintf("lateral:%v{%s}", f.Lateral, o.query(f.Query))
		default:
			s = fmt.Sprintf("calls:%v%s%v", f.Ordinality, o.list(f.Calls), f.Types)
		}
		return s + " " + f.Alias + fmt.Sprint(f.Columns)
	}
	return fmt.Sprintf("%T", n)
}

// The trees and positions are those that core's doc.go promises.
func TestShapes(t *testing.T) {
	for sql, want := range map[string]string{
		"select a + 1, -1, not a, 'x', 1.50, true, null, $2": "select plus@10(.a@8 int64:1@12):?column? minus@15(int64:1@15):?column? not@19(.a@23):?column? " +
			"string:x@26:?column? core.Decimal:1.50@31:?column? bool:true@37:?column? <nil>:<nil>@43:?column? :$@49[int64:2@49]:?column?",
		"select é.b, s.t.c, c.s.t.d, f(a) || b ~ c from t": "select é.b@8:b s.t.c@13:c c.s.t.d@20:d :~@39[:||@34[.f@29[.a@31] .b@37] .c@41]:?column? from [].t@48 []",
		"select a is not null, b is false, a between 1 and 2, a not in (1, 2), not exists (select 1)": "select isnull:true@10(.a@8):?column? " +
			"istruth:0,false@25(.b@23):?column? between:false@37(.a@35 int64:1@45 int64:2@51):?column? in:true@60(.a@54[int64:1@64 int64:2@67]):?column? " +
			"exists:true@71((select int64:1@90:?column?)):?column?",
		"with x (a) as (table t1), y as (select * from (select 1 from t2 where exists (select 1 from t3)) z) select (select max(a) from t4), t.* from x, y, t5 t limit 1": "with x@6[a]={select *@16 from [].t1@22 []} " +
			"with y@27[]={select *@40 from lateral:false{select int64:1@55:?column? from [].t2@62 [] where exists:false@71((select int64:1@86:?column? from [].t3@93 []))} z[]} " +
			"select (select .max@116[.a@120]:max from [].t4@128 []):max t*@133 from inner(inner([].x@142 [] [].y@145 [] false ) [].t5@148 t[] false ) limit(int64:1@159 - false)",
		"(select 1 from a union all select 2 from b) intersect select 3 from c order by 1 desc nulls last limit 2 offset 1": "set( false {set( false {select int64:1@9:?column? from [].a@16 []} union true {select int64:2@35:?column? from [].b@42 []})} " +
			"intersect false {select int64:3@62:?column? from [].c@69 []} by(int64:1@80 true last) limit(int64:2@104 int64:1@113 false))",
		"with w as (select 1 from p) (select 1 from q order by 1) union (with w as (select 2 from r) select 2 from w)": "with w@6[]={select int64:1@19:?column? from [].p@26 []} set( false {select int64:1@37:?column? from [].q@44 [] by(int64:1@55 false )} " +
			"union false {with w@70[]={select int64:2@83:?column? from [].r@90 []} select int64:2@100:?column? from [].w@107 []})",
		"select sum(a) filter (where b) over (partition by c order by d rows 1 preceding exclude ties), f() over w, g() over (w) from t window w as ()": "select over@8(:filter@15[.sum@8[.a@12] .b@29][.c@51] rows preceding/current row ties):sum " +
			"over@96(.f@96[] name w[]):f over@108(.g@108[] ref w[]):g from [].t@126 []",
		"select 1 from a full join b using (x, y) as j natural left join c semi join d on a.x = d.x": "select int64:1@8:?column? from semi(left(full([].a@15 [] [].b@27 [] using string:x@36 using string:y@39 false j) [].c@65 [] true ) " +
			"[].d@77 [] on eq@86(a.x@82 d.x@88) false )",
		"select 1 from c.s.t u, f(1) with ordinality, rows from (f(1), g(2)) x(a), h() as y(a int, b text), lateral (select 1) z(q), a.b v(w)": "select int64:1@8:?column? from inner(inner(inner(inner(inner([c s].t@15 u[] calls:true[.f@24[int64:1@26]][] f[] false ) " +
			"calls:false[.f@57[int64:1@59] .g@63[int64:2@65]][] x[a] false ) calls:false[.h@75[]][int4 text] y[a b] false ) lateral:true{select int64:1@116:?column?} z[q] false ) " +
			"lateral:false{select *@121 from [a].b@125 []} v[w] false )",
		"select a from t group by 1, (a, b), rollup(2, ())": "select .a@8:a from [].t@15 [] group position:1 group :list@29[.a@30 .b@33] group :rollup@37[int64:2@44 :list@47[]]",
		"values (1, 'a'), (2, 'b')":                         "values[int64:1@9 string:a@12][int64:2@19 string:b@22]",
		"select case a when 1 then 2 end":                   "select case@8:case",
	} {
		q := must(t, sql)
		if got := (outline{q}).query(q.Node); got != want {
			t.Errorf("%s\n  core %s\n  got  %s\n  want %s", sql, q.Text, got, want)
		}
	}
}

// Queries that differ in constants only have one digest.
func TestDigest(t *testing.T) {
	same := [][]string{
		{"select a from t where b = 1 and c in (1, 2, 3)", "SELECT a FROM t WHERE b=22 AND c IN (7)", "select a from t where b = 1 and c in (1, 2)"},
		{"select a::int from t where b = 'x'", "select a::int4 from t where b = 'it''s'"},
		{"select a from t limit 10", "select a from t limit 20"},
	}
	different := map[string]bool{}
	for _, group := range same {
		first := must(t, group[0]).Digest()
		different[first] = true
		for _, sql := range group[1:] {
			if must(t, sql).Digest() != first {
				t.Errorf("%s\n%s", sql, core.Normalize(must(t, sql).Text))
			}
		}
	}
	for _, sql := range []string{"select a::text from t where b = 'x'", "select $1", "select $2", "select a from t", `select "1" from t`} {
		d := must(t, sql).Digest()
		if different[d] {
			t.Errorf("%s has another query's digest", sql)
		}
		different[d] = true
	}
}

func TestSplit(t *testing.T) {
	texts, err := Split("select 'é;'; ; -- c;\n select $$;$$ /* ; */;select 3")
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, s := range texts {
		got += fmt.Sprintf("%q %d %d;", s.SQL, s.Offset, s.Characters)
	}
	want := `"select 'é;'" 0 0;" -- c;\n select $$;$$ /* ; */" 15 14;"select 3" 44 43;`
	if got != want {
		t.Errorf("got %s", got)
	}
	if _, err := Split("select 1; select 'x"); err == nil {
		t.Error("an open string was accepted")
	}
}

// Parameters are counted by the highest, those of a prepared statement apart.
func TestParams(t *testing.T) {
	for sql, want := range map[string]int{
		"select 1": 0, "select $1": 1, "select $3, $1": 3, "explain select $2": 2, "prepare p as select $4": 0, "select '$1', $$ $2 $$": 0,
	} {
		s, err := Lower(sql)
		if err != nil || s.Params != want {
			t.Errorf("%s: %d, %v", sql, s.Params, err)
		}
	}
	s, err := Lower("prepare p as select $4")
	if err != nil || s.Command.(*core.Prepare).Statement.Params != 4 {
		t.Errorf("%v", err)
	}
	if _, err := Lower("select $0"); err == nil {
		t.Error("$0 was accepted")
	}
}
