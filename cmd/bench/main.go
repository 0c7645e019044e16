// Command bench runs Flint over the wire and its peers side by side on the same
// Parquet files with the same number of threads, interleaved in one run, and
// prints medians, ratios, the geometric mean, CPU time and peak memory.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"time"

	"github.com/alecthomas/kong"
)

// commands are the subcommands.
type commands struct {
	Run runCmd `cmd:"" default:"withargs" help:"Run a suite on Flint and its peers."`
	Gen genCmd `cmd:"" help:"Generate the tables of a suite as Parquet."`
}

// options of a run; engines and suites read what is theirs.
type options struct {
	Suite       string        `default:"tpch" enum:"tpch,tpcds,clickbench,micro,start" help:"What to run: tpch, tpcds, clickbench, micro, start."`
	Data        []string      `help:"Folder of tables, each a Parquet file or a folder of them. Repeatable: queries run on each folder that has their tables." type:"existingdir" placeholder:"DIR"`
	Queries     string        `help:"Folder of .sql files instead of the suite's own; TPC-DS has none of its own." type:"existingdir" placeholder:"DIR"`
	Flint       string        `default:"bin/flint" help:"Flint's binary."`
	FlintFlag   []string      `help:"Further flag of flint serve, such as --flint-flag=--spill-dir=/x. Repeatable." placeholder:"FLAG" sep:"none"`
	Only        []string      `help:"Names of queries to run, such as q01,q06; join* takes all that start so." placeholder:"NAME"`
	Threads     int           `default:"0" help:"Threads of every engine; 0 = the number of cores."`
	Cache       string        `default:"" help:"Flint's cache of decoded pages: a size, or 0 for none; empty = its default." placeholder:"SIZE"`
	MemoryLimit string        `help:"Memory limit of flint, DuckDB and Spark, such as 512MB. The peer unlimited is a Flint without it." placeholder:"SIZE"`
	Runs        int           `default:"5" help:"Measured runs of each query (one more warms up)."`
	Timeout     time.Duration `default:"2m" help:"Longest run of a query; what takes longer shows as timeout."`
	Peers       []string      `default:"duckdb" help:"Engines to compare with: duckdb, datafusion, polars, spark, sail, cluster (Flint as a driver and an executor a thread), unlimited, none."`
	Python      string        `default:"python3" help:"Python with the peers' packages."`
	Check       bool          `help:"Compare the answers' columns too, not only the number of rows."`
	JSON        string        `help:"Write all that was measured to this file." placeholder:"FILE"`
	Markdown    bool          `help:"Print the table as Markdown."`
	Profile     int           `help:"Print CPU profiles of Flint for the N worst ratios." placeholder:"N"`
	Verbose     bool          `help:"Show what the peers write to stderr."`
}

type runCmd struct{ options }

// Run measures and prints.
func (c *runCmd) Run(ctx context.Context) error {
	o := &c.options
	if o.Threads <= 0 {
		o.Threads = runtime.NumCPU()
	}
	if o.Suite == "start" {
		return runStart(ctx, o, os.Stdout)
	}
	queries, err := suiteQueries(o)
	if err != nil {
		return err
	}
	if len(o.Data) == 0 {
		return fmt.Errorf("give --data DIR")
	}
	rep, err := runSuite(ctx, o, queries, os.Stdout)
	if err != nil {
		return err
	}
	if o.JSON != "" {
		if err := rep.writeJSON(o.JSON); err != nil {
			return err
		}
	}
	return rep.failure()
}

func main() {
	var c commands
	k := kong.Parse(&c, kong.Description("Flint and its peers on the same Parquet files, side by side."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	k.BindTo(ctx, (*context.Context)(nil))
	if err := k.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}
