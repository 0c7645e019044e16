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
// user has set GOGC, and returns free memory to the system when the process is idle: Go by itself returns it only
// slowly, and collects what the last query left only after minutes. A limit on memory (0 = none) bounds the headroom.
func tuneGC(limit int64) {
	tune := os.Getenv("GOGC") == ""
	room := int64(headroom)
	if limit > 0 {
		room = min(room, limit/8)
	}
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/heap/allocs:bytes"}}
	last := 100
	var idle idleness
	for range time.Tick(time.Second) {
		metrics.Read(sample)
		if idle.tick(sample[1].Value.Uint64()) {
			debug.FreeOSMemory()
		}
		percent := gcPercent(int64(sample[0].Value.Uint64()), room)
		if tune && percent != last {
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

// A process that has allocated less than idleBytes in each of idleSeconds
// seconds is idle. What it gave up before is returned to the system if it is
// freeBytes or more.
const (
	idleSeconds = 10
	idleBytes   = 1 << 20
	freeBytes   = 16 << 20
)

// idleness finds the moment to return memory: without it the last garbage of a
// busy time stays resident until the next query comes.
type idleness struct {
	last, freed uint64 // bytes allocated at the last tick, and when memory was last returned
	quiet       int    // seconds of idleness
}

// tick is told every second how many bytes were ever allocated, and answers
// whether to return memory now.
func (i *idleness) tick(allocated uint64) bool {
	if allocated-i.last < idleBytes {
		i.quiet++
	} else {
		i.quiet = 0
	}
	i.last = allocated
	if i.quiet < idleSeconds || allocated-i.freed < freeBytes {
		return false
	}
	i.freed = allocated
	return true
}
