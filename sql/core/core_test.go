package core

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

func TestPackedNames(t *testing.T) {
	for _, parts := range [][]string{{"a"}, {"a", "b"}, {"a b", "3:x", "é`\""}, {"", "x"}, {"1", "22", "333", "4444"}} {
		if got := UnpackName(PackName(parts)); !slices.Equal(got, parts) {
			t.Errorf("%q became %q", parts, got)
		}
	}
	if UnpackName("") != nil {
		t.Error("an absent qualifier has parts")
	}
}

func TestMarkers(t *testing.T) {
	for name, want := range map[string]string{
		":||": "|| true", ":->>": "->> true", Cast: " false", Elem: " false", Like: " false", "~": " false", ":": " false",
	} {
		op, ok := Operator(name)
		if got := fmt.Sprint(op, " ", ok); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if op, q, ok := Quantified(QuantifiedMarker("!~~", "all")); op != "!~~" || q != "all" || !ok {
		t.Error(op, q, ok)
	}
	if _, _, ok := Quantified(NullsFirst); ok {
		t.Error("nulls first is no quantified operator")
	}
}

// A text that TiDB refuses is an internal error at the place where the client's
// text led to it.
func TestRefusedText(t *testing.T) {
	m := NewSourceMap("é select x")
	m.Add(0, 3)
	m.Add(7, 10)
	_, err := Parse("SELECT ) FROM", m)
	e := sqlerr.From(err)
	if e.Code != sqlerr.Internal || e.Position != 10 {
		t.Errorf("%v at %d", err, e.Position)
	}
	if _, err := Parse("DROP TABLE t", nil); sqlerr.Code(err) != sqlerr.Internal {
		t.Errorf("%v", err)
	}
	m.AddTable(0)
	if _, err := Parse("SELECT 1", m); sqlerr.Code(err) != sqlerr.Internal {
		t.Errorf("a map with a table too many: %v", err)
	}
}

// Parsers and the trees they make are not shared.
func TestParseConcurrently(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for k := range 200 {
				want := fmt.Sprintf("%d.%d0", i, k)
				q, err := Parse("SELECT "+want+" AS `x` FROM `t"+want+"` WHERE TRUE", nil)
				if err != nil {
					t.Error(err)
					return
				}
				v := q.Node.(*ast.SelectStmt).Fields.Fields[0].Expr.(*Value).V
				if v != Decimal(want) {
					t.Errorf("%v, want %s", v, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestNormalize(t *testing.T) {
	in := "SELECT `a1`, `:$`(12), `f`(1, 2.5, 'it''s'), `:::`('x', \"numeric(1,2)\") WHERE (`b` IN (1, 2, 3)) AND TRUE"
	want := "SELECT `a1`, `:$`(12), `f`(?), `:::`(?, \"numeric(1,2)\") WHERE (`b` IN (?)) AND TRUE"
	if got := Normalize(in); got != want {
		t.Errorf("got %s", got)
	}
	if strings.Contains(Normalize("'open"), "open") {
		t.Error("an open string is a constant too")
	}
}
