// Package write writes the tables of TPC-H as Parquet files: snappy, row groups
// of about 122,880 rows, pages of 8,192 rows with page indexes, dictionaries
// where they pay.
package write

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/flintsql/flint/catalog/tpch/dbgen"
	"golang.org/x/sync/errgroup"
)

const (
	pageRows = 8192
	// groupRows is the most rows of a row group: fifteen pages.
	groupRows = 15 * pageRows
	// fileGroups is the most row groups of a file; larger tables become a folder.
	fileGroups = 100
	// linesPerOrder is the mean; groups of lineitem get room for the deviation.
	linesPerOrder = 4
)

// Options say how to write. The zero value writes all tables on all cores.
type Options struct {
	Parallel int      // row groups made at once; 0 = GOMAXPROCS
	Tables   []string // nil = all eight
	// Progress, if not nil, is called after each row group with the rows of the
	// table so far and in all (about, for lineitem), from one goroutine.
	Progress func(table string, rows, total int64)
}

// TPCH writes TPC-H at a scale factor into dir, which it creates: table.parquet
// each, or a folder of part-*.parquet for large tables. Every file appears
// under its name only when it is complete, and replaces an older one.
func TPCH(ctx context.Context, sf float64, dir string, o Options) error {
	scale, err := dbgen.NewScale(sf)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if o.Parallel <= 0 {
		o.Parallel = runtime.GOMAXPROCS(0)
	}
	w := &writer{scale: scale, options: o, pool: dbgen.NewTextPool(nil)}
	for _, t := range dbgen.Tables() {
		if o.Tables != nil && !slices.Contains(o.Tables, t.Name) {
			continue
		}
		if err := w.table(ctx, t, dir); err != nil {
			return fmt.Errorf("write %s: %w", t.Name, err)
		}
	}
	return nil
}

// writer is one call of TPCH.
type writer struct {
	scale   dbgen.Scale
	options Options
	pool    *dbgen.TextPool
}

// table writes one table.
func (w *writer) table(ctx context.Context, t *dbgen.Table, dir string) error {
	units := t.Units(w.scale)
	step := unitsPerGroup(t, w.scale)
	groups := (units + step - 1) / step
	var columns []*column
	for i := range t.Columns {
		columns = append(columns, columnOf(&t.Columns[i]))
	}
	if groups <= fileGroups {
		return w.file(ctx, t, columns, filepath.Join(dir, t.Name+".parquet"), 0, units)
	}
	folder := filepath.Join(dir, t.Name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for i, first := 0, int64(0); first < units; i, first = i+1, first+step*fileGroups {
		name := filepath.Join(folder, fmt.Sprintf("part-%05d.parquet", i))
		if err := w.file(ctx, t, columns, name, first, min(units, first+step*fileGroups)); err != nil {
			return err
		}
	}
	return nil
}

// unitsPerGroup returns how many units fill a row group.
func unitsPerGroup(t *dbgen.Table, s dbgen.Scale) int64 {
	rows, exact := t.Rows(s)
	units := t.Units(s)
	if rows == units {
		return groupRows
	}
	if t.Name == "partsupp" && exact {
		return groupRows * units / rows
	}
	return (groupRows - groupRows/64) / linesPerOrder
}

// file writes the units [first, end) as one file. Row groups are made in
// parallel and written in order.
func (w *writer) file(ctx context.Context, t *dbgen.Table, columns []*column, path string, first, end int64) error {
	out, err := createFile(path, columns)
	if err != nil {
		return err
	}
	defer out.abandon()
	step := unitsPerGroup(t, w.scale)
	total, _ := t.Rows(w.scale)
	group, ctx := errgroup.WithContext(ctx)
	room := make(chan struct{}, w.options.Parallel+1) // row groups in memory
	order := make(chan chan *rowGroup, w.options.Parallel+1)
	group.Go(func() error {
		defer close(order)
		for from := first; from < end; from += step {
			select {
			case room <- struct{}{}:
			case <-ctx.Done():
				return ctx.Err()
			}
			done := make(chan *rowGroup, 1)
			order <- done
			group.Go(func() error {
				g, err := w.rowGroup(ctx, t, columns, from, min(end, from+step))
				done <- g
				return err
			})
		}
		return nil
	})
	group.Go(func() error {
		for done := range order {
			g := <-done
			if g == nil {
				return nil // the one who made it reports why
			}
			if err := out.append(g); err != nil {
				return err
			}
			<-room
			if w.options.Progress != nil {
				w.options.Progress(t.Name, out.meta.NumRows, total)
			}
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return err
	}
	return out.finish()
}
