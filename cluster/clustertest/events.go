package clustertest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Events reads the driver's event log.
type Events struct{ path string }

// State is what the event log says at one moment.
type State struct {
	Executors map[string]int    // live executors: pid
	WorkerOf  map[string]string // executor → worker
	Workers   map[string]int    // live workers: pid
	Running   map[string]string // running attempts → executor
	Started   int               // tasks started since the beginning
	Lost      int               // executors and workers lost since the beginning
	Processes []int             // pids of all executors there ever were
}

var eventForms = map[string]*regexp.Regexp{
	"worker-up":     regexp.MustCompile(`^(\S+) pid (\d+)`),
	"worker-lost":   regexp.MustCompile(`^(\S+?):`),
	"executor-up":   regexp.MustCompile(`^(\S+) pid (\d+) worker (\S+)`),
	"executor-lost": regexp.MustCompile(`^(\S+?):`),
	"task-started":  regexp.MustCompile(`^(query .* try \d+) executor (\S+)`),
	"task-done":     regexp.MustCompile(`^(query .* try \d+) executor (\S+)`),
	"task-failed":   regexp.MustCompile(`^(query .* try \d+) executor (\S+)`),
	"task-aborted":  regexp.MustCompile(`^(query .* try \d+) executor (\S+)`),
}

// Read replays the log.
func (e *Events) Read() *State {
	s := &State{Executors: map[string]int{}, WorkerOf: map[string]string{}, Workers: map[string]int{}, Running: map[string]string{}}
	b, err := os.ReadFile(e.path)
	if err != nil {
		return s
	}
	for _, line := range strings.Split(string(b), "\n") {
		f := strings.SplitN(line, " ", 3)
		if len(f) < 3 || eventForms[f[1]] == nil {
			continue
		}
		if m := eventForms[f[1]].FindStringSubmatch(f[2]); m != nil {
			s.apply(f[1], m[1:])
		}
	}
	return s
}

func (s *State) apply(kind string, arg []string) {
	switch kind {
	case "worker-up":
		s.Workers[arg[0]], _ = strconv.Atoi(arg[1])
	case "worker-lost":
		delete(s.Workers, arg[0])
		s.Lost++
	case "executor-up":
		pid, _ := strconv.Atoi(arg[1])
		s.Executors[arg[0]], s.WorkerOf[arg[0]] = pid, arg[2]
		s.Processes = append(s.Processes, pid)
	case "executor-lost":
		delete(s.Executors, arg[0])
		s.Lost++
		for a, x := range s.Running {
			if x == arg[0] {
				delete(s.Running, a)
			}
		}
	case "task-started":
		s.Running[arg[0]] = arg[1]
		s.Started++
	case "task-done", "task-failed", "task-aborted":
		delete(s.Running, arg[0])
	}
}

// CheckIdle waits until no task runs and no process holds a file of a query,
// and sweeps what dead processes left.
func (c *Cluster) CheckIdle() {
	c.t.Helper()
	c.Eventually(15*time.Second, func() string {
		if n := c.Events.Read().Running; len(n) > 0 {
			return fmt.Sprintf("orphaned tasks: %v", n)
		}
		var files []string
		filepath.WalkDir(c.Root(), func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() && !strings.HasSuffix(path, ".lock") {
				files = append(files, path)
			}
			return nil
		})
		if len(files) > 0 {
			return fmt.Sprintf("files are left: %v", files)
		}
		return ""
	})
}
