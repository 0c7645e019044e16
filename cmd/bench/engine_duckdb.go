package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// duckScript reads queries as JSON strings, one a line, and answers each with
// its time and number of rows.
//
//go:embed duckdb.py
var duckScript string

// duckdb is DuckDB's Python package in a process of its own.
type duckdb struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func startDuckDB(o options) (*duckdb, error) {
	c := exec.Command(o.Python, "-c", duckScript, o.Data, strconv.Itoa(o.Threads))
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	return &duckdb{c, in, bufio.NewScanner(out)}, nil
}

func (d *duckdb) Name() string { return "duckdb" }

// Run returns DuckDB's own time from execute to the last fetched row.
func (d *duckdb) Run(_ context.Context, sql string) (time.Duration, int64, error) {
	b, err := json.Marshal(sql)
	if err != nil {
		return 0, 0, err
	}
	if _, err := d.in.Write(append(b, '\n')); err != nil {
		return 0, 0, err
	}
	if !d.out.Scan() {
		return 0, 0, errors.New("duckdb ended (is the Python package duckdb installed?)")
	}
	var r struct {
		Seconds float64
		Rows    int64
		Error   string
	}
	if err := json.Unmarshal(d.out.Bytes(), &r); err != nil {
		return 0, 0, err
	}
	if r.Error != "" {
		return 0, 0, errors.New(r.Error)
	}
	return time.Duration(r.Seconds * 1e9), r.Rows, nil
}

func (d *duckdb) PeakRSS() int64 { return peakRSS(d.cmd.Process.Pid) }

func (d *duckdb) Close() {
	d.in.Close()
	d.cmd.Wait()
}
