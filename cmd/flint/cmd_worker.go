package main

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/flintsql/flint/cluster/rpc"
	"github.com/flintsql/flint/cluster/worker"
)

// workerCmd runs the agent of a machine.
type workerCmd struct {
	rpcFlags
	Driver    string `default:"127.0.0.1:7433" help:"The driver's RPC address." placeholder:"HOST:PORT"`
	Listen    string `default:"127.0.0.1:0" help:"Address of the shuffle service; executors listen on the same host." placeholder:"HOST:PORT"`
	Executors int    `default:"1" help:"Executor processes to run."`
	Slots     int    `default:"2" help:"Task slots per executor."`
	Memory    string `help:"Memory per executor, such as 4GB; empty = three quarters of the machine's, shared." placeholder:"SIZE"`
	Dir       string `help:"Directory for shuffled data; empty = one in the system's temporary directory." placeholder:"DIR"`
	SpillDir  string `help:"Directory for rows that outgrow an executor's memory; empty = in DIR." placeholder:"DIR"`
	Insecure  bool   `help:"Allow listeners off loopback without credentials."`
}

// Run works until SIGINT or SIGTERM.
func (c *workerCmd) Run() error {
	security, err := c.load()
	if err != nil {
		return err
	}
	if err := security.MayListen(c.Listen, c.Insecure); err != nil {
		return err
	}
	faults, err := rpc.ParseFaults(os.Getenv(rpc.FaultVariable))
	if err != nil {
		return err
	}
	limit, err := parseSize(c.Memory)
	if err != nil {
		return err
	}
	if limit == 0 {
		limit = machineMemory() / 4 * 3 / int64(max(1, c.Executors))
	}
	if c.Dir == "" {
		c.Dir = filepath.Join(os.TempDir(), "flint-"+strconv.Itoa(os.Getuid()))
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return worker.Config{Driver: c.Driver, Listen: c.Listen, Root: c.Dir, Executors: c.Executors, Security: security, Faults: faults,
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		Command: func(s worker.Spawn) *exec.Cmd {
			cmd := exec.Command(self, c.executorArgs(s, limit)...)
			cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
			// A signal to the worker's terminal is the worker's to pass on.
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			return cmd
		}}.Run(ctx)
}

func (c *workerCmd) executorArgs(s worker.Spawn, memory int64) []string {
	args := []string{"executor", "--driver", c.Driver, "--id", string(s.ID), "--worker", string(s.Worker), "--shuffle", s.Shuffle,
		"--depot", s.Depot, "--dir", c.Dir, "--host", s.Host, "--slots", strconv.Itoa(c.Slots), "--memory", strconv.FormatInt(memory, 10)}
	for _, f := range [][2]string{{"--secret-file", c.SecretFile}, {"--tls-ca", c.TLSCA}, {"--tls-cert", c.TLSCert}, {"--tls-key", c.TLSKey}, {"--spill-dir", c.SpillDir}} {
		if f[1] != "" {
			args = append(args, f[0], f[1])
		}
	}
	return args
}
