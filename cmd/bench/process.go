package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// tree returns the processes and all their descendants (Linux).
func tree(pids []int) []int {
	var out []int
	for _, pid := range pids {
		out = append(out, pid)
		lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // the pattern is well-formed
		for _, l := range lists {
			b, err := os.ReadFile(l)
			if err != nil {
				continue // the thread has ended
			}
			for _, s := range strings.Fields(string(b)) {
				var child int
				if _, err := fmt.Sscan(s, &child); err == nil {
					out = append(out, tree([]int{child})...)
				}
			}
		}
	}
	return out
}

func killTree(pid int) {
	for _, p := range tree([]int{pid}) {
		_ = syscall.Kill(p, syscall.SIGKILL) // it may have ended
	}
}

// statusBytes sums a field of /proc/PID/status, such as VmHWM, over the tree.
func statusBytes(pids []int, field string) int64 {
	total := int64(0)
	for _, pid := range tree(pids) {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			continue
		}
		for _, l := range strings.Split(string(b), "\n") {
			var kb int64
			if n, _ := fmt.Sscanf(l, field+": %d kB", &kb); n == 1 {
				total += kb << 10
			}
		}
	}
	return total
}

// peakRSS is the most memory the processes have had resident since resetPeak.
func peakRSS(pids []int) int64 { return statusBytes(pids, "VmHWM") }

// resetPeak makes the present size the peak (proc(5), clear_refs).
func resetPeak(pids []int) {
	for _, pid := range tree(pids) {
		_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0) // then the peak is that of the process
	}
}

// cpuTime is the user and system time that the processes have used.
func cpuTime(pids []int) time.Duration {
	total := time.Duration(0)
	for _, pid := range tree(pids) {
		total += processCPU(pid)
	}
	return total
}

// statCPU reads utime and stime, in ticks of 10 ms.
func statCPU(pid int) time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	s := string(b)
	f := strings.Fields(s[strings.LastIndexByte(s, ')')+1:]) // the name may hold spaces; state is field 3 of proc(5)
	if len(f) < 13 {
		return 0
	}
	var user, system int64
	if _, err := fmt.Sscan(f[11]+" "+f[12], &user, &system); err != nil {
		return 0
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// load is the machine's load average over the last minute.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(b))[0]
}
