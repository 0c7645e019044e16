// Command flint is the whole of Flint in one binary: a server that is an engine
// of its own, and the driver, workers and executors of a cluster.
package main

import (
	"fmt"
	"os"

	"github.com/alecthomas/kong"

	"github.com/flintsql/flint/server"
)

// commands are the subcommands, one file each.
type commands struct {
	Serve    serveCmd    `cmd:"" default:"withargs" help:"Serve SQL with driver and executors in this process."`
	Driver   driverCmd   `cmd:"" help:"Serve SQL as the driver of a cluster."`
	Worker   workerCmd   `cmd:"" help:"Run executors on this machine for a driver."`
	Executor executorCmd `cmd:"" hidden:"" help:"Run tasks; started by a worker."`
	Gen      genCmd      `cmd:"" help:"Generate data."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run() error {
	fmt.Println("flint", server.Version)
	return nil
}

func main() {
	var c commands
	ctx := kong.Parse(&c, kong.Name("flint"), kong.UsageOnError(), kong.Description("A Spark-style SQL engine that speaks PostgreSQL's protocol."))
	switch ctx.Selected().Name {
	case "serve", "driver", "worker", "executor":
		calmMonitor()
	}
	if err := ctx.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "flint:", err)
		os.Exit(1)
	}
}
