package main

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// Collections come after headroom bytes of new garbage, or a quarter of what
// is alive if that is more. Go's own rule, as much again as is alive, collects every few milliseconds while little
// is alive, and lets a large cache of pages double the process's size.
const (
	headroom     = 256 << 20
	leastPercent = 25
	mostPercent  = 1000
)

// tuneGC sets the collector's pace by what is alive, now and then, unless the
// user has set GOGC. A limit on memory (0 = none) bounds the headroom.
func tuneGC(limit int64) {
	if os.Getenv("GOGC") != "" {
		return
	}
	room := int64(headroom)
	if limit > 0 {
		room = min(room, limit/8)
	}
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	last := 100
	for range time.Tick(time.Second) {
		metrics.Read(sample)
		percent := gcPercent(int64(sample[0].Value.Uint64()), room)
		if percent != last {
			debug.SetGCPercent(percent)
			last = percent
		}
	}
}

// gcPercent is GOGC for that many bytes alive.
func gcPercent(live, room int64) int {
	p := int(100 * room / max(live, 1))
	return min(max(p, leastPercent), mostPercent) / 5 * 5 // not for every small change
}
