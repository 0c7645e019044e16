package rpc

import (
	"fmt"
	"strings"
	"time"
)

// FaultVariable names the environment variable that sets fault points, which
// exist for tests: a comma-separated list of NAME:DURATION.
const FaultVariable = "FLINT_FAULT"

// Faults are the fault points of a process, fixed at its start.
type Faults struct {
	SlowBatch time.Duration // slow-batch: before each batch that a task writes
	SlowFetch time.Duration // slow-fetch: before each batch that a shuffle service sends
}

// ParseFaults reads FaultVariable's value.
func ParseFaults(s string) (Faults, error) {
	var f Faults
	points := map[string]*time.Duration{"slow-batch": &f.SlowBatch, "slow-fetch": &f.SlowFetch}
	for _, part := range strings.Split(s, ",") {
		if part == "" {
			continue
		}
		name, arg, _ := strings.Cut(part, ":")
		at := points[name]
		if at == nil {
			return f, fmt.Errorf("%s: no fault point %q", FaultVariable, name)
		}
		d, err := time.ParseDuration(arg)
		if err != nil {
			return f, fmt.Errorf("%s: %s: %w", FaultVariable, name, err)
		}
		*at = d
	}
	return f, nil
}
