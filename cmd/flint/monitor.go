package main

import (
	"os"
	"strings"
	"syscall"
)

// calmMonitor keeps Go's monitor thread (sysmon in runtime/proc.go) from its deep sleep: it starts this process anew, once, under
// a setting that is read at the start alone. Out of that sleep the monitor looks around every 20 µs for some
// milliseconds whenever an idle process gets work, which for short queries and short tasks is always: with as many tasks as cores
// each look takes a core from a task. Kept awake it looks every 10 ms, as it does in a process that is busy, idle or
// not. Eleven short queries took a twenty-fifth less time by that in one process, and an eighth less on a cluster of four processes
// (docs/performance.md, "What gave what"). Starting anew costs 5 to 7 ms.
//
// The setting is schedtrace, a trace of the scheduler every so many milliseconds; its longest interval is 24 days. GODEBUG=schedtrace=0
// keeps Go's own way.
// It counts from the machine's start: where that is longer ago, a process writes one line of it to stderr as it starts.
func calmMonitor() {
	const variable, setting = "GODEBUG", "schedtrace="
	old := os.Getenv(variable)
	if strings.Contains(old, setting) {
		return
	}
	self, err := os.Executable()
	if err != nil {
		return
	}
	env := os.Environ()
	value := variable + "=" + strings.Trim(old+","+setting+"2147483647", ",")
	kept := env[:0]
	for _, e := range env {
		if !strings.HasPrefix(e, variable+"=") {
			kept = append(kept, e)
		}
	}
	// Where it fails, this process goes on as it is.
	_ = syscall.Exec(self, os.Args, append(kept, value))
}
