package pgcatalog_test

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/mem"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/server/slt"
	"github.com/flintsql/flint/sql/types"
)

// unanswered are the clients' queries that get an error here, by name, with a
// part of the message; each gets one from PostgreSQL too unless said.
var unanswered = map[string]string{
	`psql \sf addone #1`:        `function "addone" does not exist`,          // a user's function
	`psql \sv pv #1`:            `relation "pv" does not exist`,              // a user's view
	`pgjdbc arrays #5`:          `type "mood" does not exist`,                // a user's enum
	`pgjdbc updatable #3`:       `INSERT INTO is not supported`,              // Flint does not write
	`metabase fields (matview)`: `missing FROM-clause entry for table "ptn"`, // trimmed by whoever wrote it down
}

// sample is a catalog with the tables that the clients' queries name.
func sample() catalog.Connector {
	col := func(name string, k types.Kind) types.Field {
		return types.Field{Name: name, Type: types.Of(k), Nullable: true}
	}
	table := func(name string, fields ...types.Field) *mem.Table {
		return &mem.Table{Name: name, Fields: fields, Rows: func(context.Context) ([]*vector.Batch, error) { return nil, nil }}
	}
	id := types.Field{Name: "id", Type: types.Of(types.Int4)}
	return mem.New("public", map[string][]*mem.Table{"public": {
		table("parent", id, col("name", types.Text)),
		table("child", id, col("parent_id", types.Int4), col("note", types.Text)),
		table("part", id),
		table("t", col("a", types.Int4), col("b", types.Text), col("ts", types.TimestampTZ), col("created_at", types.TimestampTZ), col("v", types.Float8), col("host", types.Text)),
		table("orders", id, col("created_at", types.TimestampTZ), col("status", types.Text), col("total", types.Numeric)),
	}})
}

// TestClientQueries sends what psql, the JDBC driver and BI tools were seen to
// send, through the protocol they use.
func TestClientQueries(t *testing.T) {
	s := slt.Start(t, slt.Options{Catalogs: map[string]catalog.Connector{"app": sample()}})
	for _, set := range []string{"psql", "pgjdbc", "bi"} {
		text, err := os.ReadFile(slt.Shared(t, "front", set+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var queries [][2]string
		if err := json.Unmarshal(text, &queries); err != nil {
			t.Fatal(err)
		}
		conn := s.Connect(t, "app").PgConn()
		good := 0
		for _, q := range queries {
			err := send(conn, q[1])
			want, refused := unanswered[q[0]]
			switch {
			case err == nil && refused:
				t.Errorf("%s answers: take it off the list", q[0])
			case err != nil && (!refused || !strings.Contains(err.Error(), want)):
				t.Errorf("%s: %v\n%s", q[0], err, q[1])
			case err == nil:
				good++
			}
		}
		t.Logf("%s: %d of %d answer", set, good, len(queries))
	}
}

// send runs a query: with parameters through the extended protocol, each NULL.
func send(c *pgconn.PgConn, sql string) error {
	ctx := context.Background()
	if !strings.Contains(sql, "$1") && !strings.Contains(sql, "$3") && !strings.Contains(sql, "$4") {
		_, err := c.Exec(ctx, sql).ReadAll()
		return err
	}
	d, err := c.Prepare(ctx, "", sql, nil)
	if err != nil {
		return err
	}
	return c.ExecPrepared(ctx, "", make([][]byte, len(d.ParamOIDs)), nil, nil).Read().Err
}
