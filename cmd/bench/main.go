// Command bench runs Flint over the wire and its peers side by side on the same
// Parquet files with the same number of threads, interleaved in one run, and
// prints medians, ratios and the geometric mean.
package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

type options struct {
	Data    string   `required:"" help:"Folder with one Parquet file per table." type:"existingdir"`
	Queries string   `default:"testdata/tpch/queries" help:"Folder of .sql files." type:"existingdir"`
	Flint   string   `default:"bin/flint" help:"Flint's binary."`
	Only    []string `help:"Names of queries to run, such as q01,q06." placeholder:"NAME"`
	Threads int      `default:"0" help:"Threads of every engine; 0 = the number of cores."`
	Cache   string   `default:"" help:"Flint's cache of decoded pages: a size, or 0 for none; empty = its default." placeholder:"SIZE"`
	Runs    int      `default:"5" help:"Measured runs of each query (one more warms up)."`
	Peers   []string `default:"duckdb" help:"Engines to compare with: duckdb, cluster (Flint as 1 driver and 2 executors)."`
	Python  string   `default:"python3" help:"Python with the duckdb package."`
}

// engine is one system under test.
type engine interface {
	Name() string
	// Run runs a query to its last row and returns the time and number of rows.
	Run(ctx context.Context, sql string) (time.Duration, int64, error)
	PeakRSS() int64 // bytes, of all its processes
	Close()
}

func main() {
	var o options
	kong.Parse(&o, kong.Description("Flint and its peers on the same Parquet files, side by side."))
	if o.Threads <= 0 {
		o.Threads = runtime.NumCPU()
	}
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	queries, err := readQueries(o)
	if err != nil {
		return err
	}
	ctx := context.Background()
	engines, err := start(ctx, o)
	defer func() {
		for _, e := range engines {
			e.Close()
		}
	}()
	if err != nil {
		return err
	}
	fmt.Printf("%s, %s threads each, median of %d runs after 1, load %s\n", time.Now().Format(time.DateOnly), fmt.Sprint(o.Threads), o.Runs, load())
	t := table{engines: engines}
	t.header()
	for _, q := range queries {
		if err := t.measure(ctx, q, o.Runs); err != nil {
			return err
		}
	}
	t.footer()
	return nil
}

type query struct{ name, sql string }

func readQueries(o options) ([]query, error) {
	files, err := filepath.Glob(filepath.Join(o.Queries, "*.sql"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no queries in %s", o.Queries)
	}
	sort.Strings(files)
	var out []query
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".sql")
		if len(o.Only) > 0 && !contains(o.Only, name) {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		out = append(out, query{name, strings.TrimRight(strings.TrimSpace(string(b)), ";")})
	}
	return out, nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func start(ctx context.Context, o options) ([]engine, error) {
	f, err := startFlint(ctx, o)
	if err != nil {
		return nil, err
	}
	engines := []engine{f}
	for _, p := range o.Peers {
		var e engine
		switch p {
		case "duckdb":
			e, err = startDuckDB(o)
		case "cluster":
			e, err = startCluster(ctx, o)
		case "none":
			continue
		default:
			err = fmt.Errorf("unknown peer %q", p)
		}
		if err != nil {
			return engines, fmt.Errorf("start %s: %w", p, err)
		}
		engines = append(engines, e)
	}
	return engines, nil
}

// table gathers and prints the figures; ratios are Flint's time over the peer's.
type table struct {
	engines []engine
	logs    []float64 // per peer: sum of ln(ratio)
	worst   []float64
	total   []time.Duration
	n       int
}

func (t *table) header() {
	fmt.Printf("%-6s %10s", "query", "rows")
	for i, e := range t.engines {
		fmt.Printf(" %12s", e.Name()+" ms")
		if i > 0 {
			fmt.Printf(" %7s", "ratio")
		}
	}
	fmt.Println()
	t.logs, t.worst, t.total = make([]float64, len(t.engines)), make([]float64, len(t.engines)), make([]time.Duration, len(t.engines))
}

// measure runs one query on all engines in turn.
func (t *table) measure(ctx context.Context, q query, runs int) error {
	times := make([][]time.Duration, len(t.engines))
	var rows int64
	for r := 0; r <= runs; r++ {
		for i, e := range t.engines {
			d, n, err := e.Run(ctx, q.sql)
			if err != nil {
				return fmt.Errorf("%s on %s: %w", q.name, e.Name(), err)
			}
			if i > 0 && n != rows {
				return fmt.Errorf("%s: %s gives %d rows, %s %d", q.name, t.engines[0].Name(), rows, e.Name(), n)
			}
			rows = n
			if r > 0 {
				times[i] = append(times[i], d)
			}
		}
	}
	fmt.Printf("%-6s %10d", q.name, rows)
	mine := median(times[0])
	for i := range t.engines {
		m := median(times[i])
		t.total[i] += m
		fmt.Printf(" %12.1f", ms(m))
		if i > 0 {
			ratio := ms(mine) / ms(m)
			t.logs[i] += math.Log(ratio)
			t.worst[i] = max(t.worst[i], ratio)
			fmt.Printf(" %7.2f", ratio)
		}
	}
	t.n++
	fmt.Println()
	return nil
}

func (t *table) footer() {
	fmt.Printf("%-6s %10s", "total", "")
	for i := range t.engines {
		fmt.Printf(" %12.1f", ms(t.total[i]))
		if i > 0 {
			fmt.Printf(" %7.2f", ms(t.total[0])/ms(t.total[i]))
		}
	}
	fmt.Println()
	for i, e := range t.engines {
		if i > 0 {
			fmt.Printf("geometric mean of %s / %s: %.2f, worst %.2f\n", t.engines[0].Name(), e.Name(), math.Exp(t.logs[i]/float64(t.n)), t.worst[i])
		}
	}
	for _, e := range t.engines {
		fmt.Printf("peak RSS of %s: %.0f MiB\n", e.Name(), float64(e.PeakRSS())/(1<<20))
	}
}

func median(d []time.Duration) time.Duration {
	sort.Slice(d, func(i, j int) bool { return d[i] < d[j] })
	return d[len(d)/2]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// load is the machine's load average over the last minute.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(b))[0]
}
