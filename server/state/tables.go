package state

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// maxTables bounds the tables whose statistics are kept; the oldest go.
const maxTables = 2048

// Name is a table's full name.
type Name struct{ Catalog, Schema, Table string }

func (n Name) key() []byte { return []byte(n.Catalog + "\x00" + n.Schema + "\x00" + n.Table) }

func nameOf(key []byte) (Name, bool) {
	p := strings.Split(string(key), "\x00")
	if len(p) != 3 {
		return Name{}, false
	}
	return Name{p[0], p[1], p[2]}, true
}

// Table is what ANALYZE found out about a table. It is immutable.
type Table struct {
	Identity string // of the data that was read, "" = unknown
	Rows     float64
	Analyzed time.Time
	Columns  map[string]Column
}

// Column is what ANALYZE found out about a column of a type.
type Column struct {
	Type  types.Type
	Stats catalog.ColumnStats
}

// Table returns the statistics of a table; nil if there are none.
func (s *Store) Table(n Name) *Table {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.tables[n]
}

// PutTable keeps the statistics of a table. Columns that were not analyzed now
// keep what is known of them if the table is still the same.
func (s *Store) PutTable(n Name, t *Table) {
	s.mu.Lock()
	if old := s.tables[n]; old != nil && old.Identity == t.Identity && t.Identity != "" {
		for name, c := range old.Columns {
			if _, ok := t.Columns[name]; !ok {
				t.Columns[name] = c
			}
		}
	}
	s.tables[n] = t
	var gone [][]byte
	if len(s.tables) > maxTables {
		oldest := n
		for k, x := range s.tables {
			if x.Analyzed.Before(s.tables[oldest].Analyzed) {
				oldest = k
			}
		}
		delete(s.tables, oldest)
		gone = append(gone, oldest.key())
	}
	s.mu.Unlock()
	if s.disk == nil || t.Identity == "" { // without an identity nobody could tell whether it still holds
		return
	}
	b, err := json.Marshal(storedOf(t))
	if err != nil {
		s.log.Warn("statistics are not written", "table", n, "error", err)
		return
	}
	s.disk.write(tablesBucket, []record{{n.key(), b}}, gone)
}

// loadTable takes a record of the file. What is not well formed is left out.
func (s *Store) loadTable(key, b []byte) {
	n, ok := nameOf(key)
	var x stored
	if !ok || json.Unmarshal(b, &x) != nil {
		return
	}
	s.tables[n] = x.table()
}

// stored is a table's form on disk: values in PostgreSQL's binary form.
type stored struct {
	Identity string
	Rows     float64
	Analyzed time.Time
	Columns  map[string]storedColumn
}

type storedColumn struct {
	Type                      types.Type
	Distinct, NullFrac, Width float64
	Unique                    bool     `json:",omitempty"`
	Bounds                    [][]byte `json:",omitempty"` // minimum and maximum
	Common                    [][]byte `json:",omitempty"`
	Shares                    []float64
	Histogram                 [][]byte `json:",omitempty"`
}

func storedOf(t *Table) stored {
	x := stored{t.Identity, t.Rows, t.Analyzed, map[string]storedColumn{}}
	for name, c := range t.Columns {
		st := c.Stats
		y := storedColumn{Type: c.Type, Distinct: st.Distinct, NullFrac: st.NullFrac, Width: st.Width, Unique: st.Unique}
		if st.Min != nil && st.Max != nil {
			y.Bounds = encode([]value.Value{*st.Min, *st.Max})
		}
		for _, m := range st.Common {
			y.Common = append(y.Common, value.AppendBinary(nil, m.Value))
			y.Shares = append(y.Shares, m.Share)
		}
		y.Histogram = encode(st.Histogram)
		x.Columns[name] = y
	}
	return x
}

func (x stored) table() *Table {
	t := &Table{x.Identity, x.Rows, x.Analyzed, map[string]Column{}}
	for name, y := range x.Columns {
		c := Column{Type: y.Type, Stats: catalog.ColumnStats{Distinct: y.Distinct, NullFrac: y.NullFrac, Width: y.Width, Unique: y.Unique}}
		bounds, ok1 := decode(y.Type, y.Bounds)
		common, ok2 := decode(y.Type, y.Common)
		var ok3 bool
		c.Stats.Histogram, ok3 = decode(y.Type, y.Histogram)
		if !ok1 || !ok2 || !ok3 || len(common) != len(y.Shares) || len(bounds) != 0 && len(bounds) != 2 {
			continue
		}
		if len(bounds) == 2 {
			c.Stats.Min, c.Stats.Max = &bounds[0], &bounds[1]
		}
		for i, v := range common {
			c.Stats.Common = append(c.Stats.Common, catalog.Common{Value: v, Share: y.Shares[i]})
		}
		t.Columns[name] = c
	}
	return t
}

func encode(vs []value.Value) [][]byte {
	var out [][]byte
	for _, v := range vs {
		out = append(out, value.AppendBinary([]byte{}, v))
	}
	return out
}

func decode(t types.Type, bs [][]byte) ([]value.Value, bool) {
	var out []value.Value
	for _, b := range bs {
		v, err := value.ParseBinary(t, b, value.Env{})
		if err != nil {
			return nil, false
		}
		v.Type = t
		out = append(out, v)
	}
	return out, true
}
