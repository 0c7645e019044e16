package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// Bars of the start suite.
const (
	startBar = 100 * time.Millisecond // from exec to the first answer
	roundBar = 200 * time.Microsecond // SELECT 1 over the wire
	idleWait = 13 * time.Second       // Flint returns memory after 10 seconds without work
	idleBar  = 60 << 20               // resident bytes of a server that has answered a query and idles
)

// runStart measures how soon Flint answers, how fast it answers the least
// query, and how much memory it has when nobody asks.
func runStart(ctx context.Context, o *options, w io.Writer) error {
	fmt.Fprintf(w, "%s, %d threads, load %s\n", time.Now().Format(time.DateOnly), o.Threads, load())
	kinds := [][]string{{"no catalog"}}
	for _, d := range o.Data {
		kinds = append(kinds, []string{"catalog " + d, "--catalog", "bench=" + d})
	}
	for _, k := range kinds {
		starts, err := firstAnswers(ctx, o, 4*o.Runs, k[1:])
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "start to first answer, %s: median %s ms, worst %s ms of %d starts (bar %v)\n",
			k[0], ms(median(starts)), ms(percentile(starts, 1)), len(starts), startBar)
	}
	f, err := startBare(ctx, o, kinds[len(kinds)-1][1:])
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.scalar(ctx, "SELECT 1"); err != nil {
		return err
	}
	time.Sleep(2 * time.Second)
	fmt.Fprintf(w, "idle RSS after one query: %s MiB, of which private %s MiB (bar %s)\n",
		mib(statusBytes(f.PIDs(), "VmRSS")), mib(statusBytes(f.PIDs(), "RssAnon")), mib(idleBar))
	if err := roundTrips(ctx, o, f, w); err != nil {
		return err
	}
	time.Sleep(idleWait)
	fmt.Fprintf(w, "idle RSS after those and %v: %s MiB, of which private %s MiB; load %s\n",
		idleWait, mib(statusBytes(f.PIDs(), "VmRSS")), mib(statusBytes(f.PIDs(), "RssAnon")), load())
	return nil
}

// roundTrips times SELECT 1 in both of the protocol's ways, one after another.
func roundTrips(ctx context.Context, o *options, f *flint, w io.Writer) error {
	kinds := []struct {
		name string
		run  func() error
	}{
		{"simple", func() error { _, err := f.scalar(ctx, "SELECT 1"); return err }},
		{"extended", func() error { return f.conn.ExecParams(ctx, "SELECT 1", nil, nil, nil, nil).Read().Err }},
		{"prepared", func() error { return f.conn.ExecPrepared(ctx, "one", nil, nil, nil).Read().Err }},
	}
	if _, err := f.conn.Prepare(ctx, "one", "SELECT 1", nil); err != nil {
		return err
	}
	for _, k := range kinds {
		var times []float64
		before := cpuTime(f.PIDs())
		for i := 0; i < 1000*o.Runs; i++ {
			began := time.Now()
			if err := k.run(); err != nil {
				return err
			}
			times = append(times, time.Since(began).Seconds())
		}
		cpu := (cpuTime(f.PIDs()) - before).Seconds() / float64(len(times))
		fmt.Fprintf(w, "SELECT 1, %s: median %.3f ms, p99 %.3f ms, %.3f ms CPU, over %d (bar %v)\n",
			k.name, 1000*median(times), 1000*percentile(times, 0.99), 1000*cpu, len(times), roundBar)
	}
	return nil
}

// firstAnswers starts the server n times and returns the seconds from exec to
// the first answer.
func firstAnswers(ctx context.Context, o *options, n int, args []string) ([]float64, error) {
	var out []float64
	for range n {
		began := time.Now()
		f, err := startBare(ctx, o, args)
		if err != nil {
			return nil, err
		}
		_, err = f.scalar(ctx, "SELECT 1")
		out = append(out, time.Since(began).Seconds())
		f.Close()
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// startBare starts a server and connects as soon as it listens.
func startBare(ctx context.Context, o *options, args []string) (*flint, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	f := &flint{name: "bare", addr: addr, o: o}
	c := exec.Command(o.Flint, append(append([]string{"serve", "--listen", addr}, args...), o.FlintFlag...)...)
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		return nil, err
	}
	f.procs = append(f.procs, c)
	if err := f.connect(ctx, 10*time.Second, time.Millisecond); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
