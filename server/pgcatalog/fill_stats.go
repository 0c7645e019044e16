package pgcatalog

import (
	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/server/state"
	"github.com/flintsql/flint/sql/value"
)

// eachAnalyzed visits the analyzed columns in the order of their tables.
func (s *snapshot) eachAnalyzed(f func(r *relObject, t *state.Table, number int, name string, c catalog.ColumnStats)) error {
	if err := s.list(); err != nil {
		return err
	}
	for _, r := range s.rels {
		t := s.analyzed(r)
		if t == nil {
			continue
		}
		for i, field := range s.fields(r) {
			if c, ok := t.Columns[field.Name]; ok && c.Type == field.Type {
				f(r, t, i+1, field.Name, c.Stats)
			}
		}
	}
	return nil
}

// distinctOf is PostgreSQL's n_distinct: a negative share of the rows where the
// count would grow with them.
func distinctOf(t *state.Table, c catalog.ColumnStats) float64 {
	if t.Rows > 0 && c.Distinct > 0.1*t.Rows {
		return -min(1, c.Distinct/t.Rows)
	}
	return c.Distinct
}

func fillStats(s *snapshot, w *rows, _ []int64) error {
	return s.eachAnalyzed(func(r *relObject, t *state.Table, _ int, name string, c catalog.ColumnStats) {
		w.set("schemaname", r.schema.name).set("tablename", r.name).set("attname", name).set("inherited", false)
		w.set("null_frac", c.NullFrac).set("avg_width", int(c.Width+0.5)).set("n_distinct", distinctOf(t, c))
		if len(c.Common) > 0 {
			w.set("most_common_vals", commonTexts(c)).set("most_common_freqs", commonShares(c))
		}
		if len(c.Histogram) > 0 {
			w.set("histogram_bounds", valueTexts(c.Histogram))
		}
		w.add()
	})
}

// fillStatistic shows the same in pg_statistic's slots: kind 1 are common
// values, kind 2 the bounds of a histogram.
func fillStatistic(s *snapshot, w *rows, _ []int64) error {
	return s.eachAnalyzed(func(r *relObject, t *state.Table, number int, _ string, c catalog.ColumnStats) {
		w.set("starelid", r.oid).set("staattnum", number).set("stainherit", false)
		w.set("stanullfrac", c.NullFrac).set("stawidth", int(c.Width+0.5)).set("stadistinct", distinctOf(t, c))
		if len(c.Common) > 0 {
			w.set("stakind1", 1).set("stavalues1", commonTexts(c)).set("stanumbers1", commonShares(c))
		}
		if len(c.Histogram) > 0 {
			w.set("stakind2", 2).set("stavalues2", valueTexts(c.Histogram))
		}
		w.add()
	})
}

func commonTexts(c catalog.ColumnStats) []string {
	out := make([]string, len(c.Common))
	for i, m := range c.Common {
		out[i] = string(value.AppendText(nil, m.Value, value.DefaultEnv))
	}
	return out
}

func commonShares(c catalog.ColumnStats) []float64 {
	out := make([]float64, len(c.Common))
	for i, m := range c.Common {
		out[i] = m.Share
	}
	return out
}

func valueTexts(vs []value.Value) []string {
	out := make([]string, len(vs))
	for i, v := range vs {
		out[i] = string(value.AppendText(nil, v, value.DefaultEnv))
	}
	return out
}
