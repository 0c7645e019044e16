package pgcatalog

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/types"
)

// table is a system table of one catalog.
type table struct {
	c *Connector
	r *relation
}

func (t *table) Schema() []types.Field { return t.r.all }

// SystemColumns counts the last columns of Schema that * leaves out.
func (t *table) SystemColumns() int { return len(systemColumns) }

// typicalRows are rough sizes of the larger tables, for the order of joins.
var typicalRows = map[string]float64{
	"pg_class": 300, "pg_attribute": 3000, "pg_type": 70, "pg_proc": 500, "pg_namespace": 8, "pg_settings": 50,
	"pg_views": 130, "columns": 3000, "tables": 300, "pg_operator": 300,
}

func (t *table) Stats(context.Context, []int) (catalog.Stats, error) {
	n, ok := typicalRows[t.r.name]
	if !ok {
		n = 5
	}
	return catalog.Stats{Rows: n, Columns: map[int]catalog.ColumnStats{}}, nil
}

// payload describes a scan of a system table.
type payload struct {
	Schema, Name string
	State        State
	// Only lists the relations whose rows are wanted, by OID; nil = all.
	Only []int64 `json:",omitempty"`
}

// payloadMark starts the payloads of system tables and of no other.
var payloadMark = []byte("\x00pgcatalog\x00")

func (t *table) Scan(ctx context.Context, req catalog.ScanRequest) (catalog.ScanPlan, error) {
	p := payload{Schema: t.r.schema, Name: t.r.name, State: stateOf(ctx), Only: t.only(req.Ranges)}
	if t.r.name != "pg_settings" {
		p.State.Settings = nil
	}
	if t.r.name != "pg_stat_activity" {
		p.State.Sessions = nil
	}
	b, err := json.Marshal(p)
	if err != nil {
		return catalog.ScanPlan{}, fmt.Errorf("scan %s.%s: %w", p.Schema, p.Name, err)
	}
	return catalog.ScanPlan{Splits: []catalog.Split{{Payload: append(payloadMark[:len(payloadMark):len(payloadMark)], b...), Rows: 100}}}, nil
}

// only finds the relations that a scan of pg_class or pg_attribute asks for,
// so that not every table must be opened.
func (t *table) only(ranges []catalog.Range) []int64 {
	key := map[string]string{"pg_class": "oid", "pg_attribute": "attrelid"}[t.r.name]
	for _, r := range ranges {
		if key == "" || r.Column != t.r.index[key] || r.Nulls {
			continue
		}
		if r.Min != nil && r.Max != nil && r.Min.I == r.Max.I {
			return []int64{r.Min.I}
		}
		if r.In != nil {
			out := make([]int64, len(r.In))
			for i, v := range r.In {
				out[i] = v.I
			}
			return out
		}
	}
	return nil
}

func decodePayload(b []byte) (p payload, ok bool, err error) {
	text, ok := bytes.CutPrefix(b, payloadMark)
	if !ok {
		return p, false, nil
	}
	if err := json.Unmarshal(text, &p); err != nil {
		return p, true, fmt.Errorf("system table split: %w", err)
	}
	return p, true, nil
}
