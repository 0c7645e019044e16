package lower

import (
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/flintsql/flint/sql/sqlerr"
)

// testdata/errors.json holds [SQL, SQLSTATE, position, message] as PostgreSQL 15
// answered. What its grammar refuses, the lowering refuses with the same words at
// the same place; what only its analysis refuses (or nothing does), passes.
func TestErrorsAreThoseOfPostgres(t *testing.T) {
	b, err := os.ReadFile("testdata/errors.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases [][4]any
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		sql, code, position, message := c[0].(string), c[1].(string), int(c[2].(float64)), c[3].(string)
		_, err := Lower(sql)
		grammar := code == sqlerr.Syntax || code == sqlerr.InvalidEscape
		if want, ok := differs[sql]; ok {
			if sqlerr.Code(err) != want {
				t.Errorf("%s\n  got  %v\n  want the listed difference %q", sql, err, want)
			}
			continue
		}
		var same *sqlerr.Error
		if errors.As(err, &same) && same.Code == code && same.Message == message && same.Position == position {
			continue
		}
		if !grammar {
			if err != nil {
				t.Errorf("%s\n  got  %v\n  want none: Postgres' grammar takes it", sql, err)
			}
			continue
		}
		var e *sqlerr.Error
		if !errors.As(err, &e) {
			t.Errorf("%s\n  got  %v\n  want %s at %d", sql, err, message, position)
			continue
		}
		if e.Code != code || e.Message != message || e.Position != position {
			t.Errorf("%s\n  got  %s %s at %d\n  want %s %s at %d", sql, e.Code, e.Message, e.Position, code, message, position)
		}
	}
}

// differs lists where Flint leaves Postgres on purpose, with its own SQLSTATE:
// "" accepts what Postgres refuses.
var differs = map[string]string{
	// Spark subscripts any call, and needs no alias for a subquery.
	"select f(1)[1]":           "",
	"select array[1,2][1]":     "",
	"select array(1)":          "",
	"select * from (select 1)": "",
	// Refused earlier, as not supported, or in other words.
	"select 1 into":          sqlerr.FeatureNotSupported,
	"select 1 for update of": sqlerr.FeatureNotSupported,
	"select a.*.b from t":    sqlerr.Syntax,
	"select t.*.* from t":    sqlerr.Syntax,
	// Postgres' analysis, though with 42601.
	"select 1 union select": "",
}
