package main

import (
	"bufio"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// peerFiles are the Python scripts that put a peer behind the protocol of base.py.
//
//go:embed peers/*.py
var peerFiles embed.FS

// peerScripts are the peers that a script adapts, by name.
var peerScripts = map[string]string{
	"duckdb": "peers/duckdb.py", "datafusion": "peers/datafusion.py", "polars": "peers/polars.py",
	"spark": "peers/spark.py", "sail": "peers/sail.py",
}

// peer is a Python package in a process of its own.
type peer struct {
	name, version string
	script, data  string
	o             *options
	cmd           *exec.Cmd
	in            io.WriteCloser
	out           *bufio.Reader
}

func startPeer(name string, o *options, data string) (*peer, error) {
	base, err := peerFiles.ReadFile("peers/base.py")
	if err != nil {
		return nil, err
	}
	own, err := peerFiles.ReadFile(peerScripts[name])
	if err != nil {
		return nil, err
	}
	p := &peer{name: name, script: string(base) + "\n" + string(own), data: data, o: o}
	return p, p.start()
}

func (p *peer) start() error {
	c := exec.Command(p.o.Python, "-c", p.script, p.data, strconv.Itoa(p.o.Threads), p.o.MemoryLimit)
	if p.o.Verbose {
		c.Stderr = os.Stderr
	}
	in, err := c.StdinPipe()
	if err != nil {
		return err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return fmt.Errorf("%w: %w", errMissing, err)
	}
	p.cmd, p.in, p.out = c, in, bufio.NewReader(out)
	var hello struct{ Version, Missing, Error string }
	if err := p.receive(&hello); err != nil {
		p.Close()
		return err
	}
	switch {
	case hello.Missing != "":
		p.Close()
		return fmt.Errorf("%w: %s", errMissing, hello.Missing)
	case hello.Error != "":
		p.Close()
		return errors.New(hello.Error)
	}
	p.version = hello.Version
	return nil
}

func (p *peer) receive(into any) error {
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("%s ended: %w", p.name, err)
	}
	return json.Unmarshal(line, into)
}

func (p *peer) Name() string    { return p.name }
func (p *peer) Version() string { return p.version }

// Run returns the peer's own time from the text to the last row in Python's
// hands. A peer that takes too long or dies is started again for the next query.
func (p *peer) Run(ctx context.Context, sql string, check bool) (answer, error) {
	if p.cmd == nil {
		if err := p.start(); err != nil {
			return answer{}, err
		}
	}
	b, err := json.Marshal(map[string]any{"SQL": sql, "Check": check})
	if err != nil {
		return answer{}, err
	}
	stop := context.AfterFunc(ctx, func() { killTree(p.cmd.Process.Pid) })
	defer stop()
	var r struct {
		Seconds float64
		Rows    int64
		Columns []fingerprint
		Error   string
	}
	_, err = p.in.Write(append(b, '\n'))
	if err == nil {
		err = p.receive(&r)
	}
	if ctx.Err() != nil {
		err = errors.New("timeout")
	}
	if err != nil {
		p.Close()
		return answer{}, err
	}
	if r.Error != "" {
		return answer{}, errors.New(r.Error)
	}
	return answer{time.Duration(r.Seconds * 1e9), r.Rows, r.Columns}, nil
}

func (p *peer) PIDs() []int {
	if p.cmd == nil {
		return nil
	}
	return []int{p.cmd.Process.Pid}
}

// Close ends the process; Run starts it again.
func (p *peer) Close() {
	if p.cmd == nil {
		return
	}
	_ = p.in.Close()
	done := make(chan struct{})
	go func() {
		_ = p.cmd.Wait() // it was told to go: how is of no interest
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		killTree(p.cmd.Process.Pid)
		<-done
	}
	p.cmd = nil
}
