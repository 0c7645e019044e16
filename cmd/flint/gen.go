package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/parquet"
	"github.com/flintsql/flint/catalog/parquet/write"
	"github.com/flintsql/flint/exec/memory"
)

// genCmd generates data.
type genCmd struct {
	TPCH genTPCHCmd `cmd:"" name:"tpch" help:"TPC-H tables as Parquet."`
}

// genTPCHCmd writes TPC-H as Parquet.
type genTPCHCmd struct {
	SF       float64  `required:"" help:"Scale factor, such as 0.01, 1 or 100."`
	Out      string   `required:"" help:"Folder to write to." placeholder:"DIR"`
	Parallel int      `help:"Row groups made at once; 0 = the number of cores."`
	Tables   []string `help:"Only these tables." placeholder:"NAME"`
}

// Run writes the tables and shows how far it is.
func (c *genTPCHCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	began := time.Now()
	bar := &progressBar{out: os.Stderr}
	err := write.TPCH(ctx, c.SF, c.Out, write.Options{Parallel: c.Parallel, Tables: c.Tables, Progress: bar.show})
	bar.end()
	if err == nil {
		fmt.Printf("TPC-H SF %g written to %s in %.1f s\n", c.SF, c.Out, time.Since(began).Seconds())
	}
	return err
}

// progressBar draws a line per table.
type progressBar struct {
	out   *os.File
	table string
	last  time.Time
}

func (b *progressBar) show(table string, rows, total int64) {
	if b.table != table && b.table != "" {
		fmt.Fprintln(b.out)
	}
	if b.table == table && rows < total && time.Since(b.last) < 100*time.Millisecond {
		return
	}
	b.table, b.last = table, time.Now()
	const width = 40
	full := int(min(rows, total) * width / max(total, 1))
	fmt.Fprintf(b.out, "\r%-9s [%s%s] %3d%% %d rows", table, strings.Repeat("█", full), strings.Repeat(" ", width-full), min(rows, total)*100/max(total, 1), rows)
}

func (b *progressBar) end() {
	if b.table != "" {
		fmt.Fprintln(b.out)
	}
}

// openParquet opens a folder as a catalog.
func openParquet(dir string, acct *memory.Account, cache *parquet.Cache) (catalog.Connector, error) {
	c, err := parquet.New(dir, acct)
	if err != nil {
		return nil, err
	}
	c.UseCache(cache)
	return c, nil
}
