package analyzer_test

import (
	"context"
	"strings"
	"testing"

	"github.com/flintsql/flint/sql/analyzer"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/lower"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

func TestBindParams(t *testing.T) {
	r, err := bind(session(t, "public"), `with q as (select a, b from t where c = $2)
		select x.a from q x join q y using (a) where $1 is not null and x.b < $1 limit $3 offset $4`)
	if err != nil {
		t.Fatal(err)
	}
	want := []types.Type{types.Of(types.Int4), types.Of(types.Text), types.Of(types.Int8), types.Of(types.Int8)}
	for i, p := range r.Params {
		if p != want[i] {
			t.Errorf("$%d is %v", i+1, p)
		}
	}
	values := []value.Value{value.Int4(7), value.Text("k"), value.Int8(10), value.NullOf(types.Of(types.Int8))}
	plan, err := analyzer.BindParams(r.Plan, values)
	if err != nil {
		t.Fatal(err)
	}
	text := logical.Format(plan)
	if strings.Contains(text, "$") || !strings.Contains(text, "Limit 10") {
		t.Error(text)
	}
	shared := map[int]logical.Node{}
	logical.Walk(plan, func(n logical.Node) bool {
		if x, ok := n.(*logical.Reuse); ok {
			if in, ok := shared[x.ID]; ok && in != x.Input {
				t.Error("references to one CTE have different plans")
			}
			shared[x.ID] = x.Input
		}
		return true
	})
	if len(shared) != 1 {
		t.Errorf("%d shared plans", len(shared))
	}
	values[2] = value.Int8(-1)
	if _, err = analyzer.BindParams(r.Plan, values); err == nil || !strings.Contains(err.Error(), "2201W") {
		t.Error(err)
	}
	if _, err = analyzer.BindParams(r.Plan, values[:2]); err == nil {
		t.Error("missing values pass")
	}
}

// TestViews binds views with the search path and the names of their creation.
func TestViews(t *testing.T) {
	st, err := lower.Lower("select a, sum(b) from t group by a")
	if err != nil {
		t.Fatal(err)
	}
	s := session(t, "tpch")
	s.SearchPath = []string{"tpch", "public"}
	s.View = func(_ context.Context, schema, name string) (analyzer.View, bool, error) {
		v := analyzer.View{Query: st.Query, SearchPath: []string{"public"}, Columns: []string{"k", "total"}}
		return v, schema == "public" && name == "v", nil
	}
	r, err := bind(s, "select v.k, total + 1 from v where k > 1")
	if err != nil {
		t.Fatal(err)
	}
	check(t, r)
	if _, err = bind(s, "select nosuch from v"); err == nil || !strings.Contains(err.Error(), "42703") {
		t.Error(err)
	}
	st.Query.Map, s.SearchPath = nil, []string{"public"}
	if _, err = bind(s, "select k from public.v, v as z"); err == nil || !strings.Contains(err.Error(), "42702") {
		t.Error(err)
	}
}

// TestCTEChains binds chains of CTEs that each refer twice to the one before,
// in time that does not double with each.
func TestCTEChains(t *testing.T) {
	sql := "with q0 as (select a, b from t where b = $1)"
	for i := 1; i <= 40; i++ {
		p, n := "q"+string(rune('0'+(i-1)/10))+string(rune('0'+(i-1)%10)), "q"+string(rune('0'+i/10))+string(rune('0'+i%10))
		if i == 1 {
			p = "q0"
		}
		sql += ", " + n + " as (select x.a, y.b from " + p + " x join " + p + " y using (a) where $1 is not null)"
	}
	r, err := bind(session(t, "public"), sql+" select max(a), (select count(*) from q39 where q39.a = q40.b) from q40 group by b")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := analyzer.BindParams(r.Plan, []value.Value{value.Int4(1)}); err != nil {
		t.Fatal(err)
	}
}
