package main

import "testing"

func TestGCPercent(t *testing.T) {
	for _, c := range []struct {
		live, room int64
		want       int
	}{{1 << 20, headroom, mostPercent}, {512 << 20, headroom, 50}, {8 << 30, headroom, leastPercent}, {64 << 20, 32 << 20, 50}} {
		if got := gcPercent(c.live, c.room); got != c.want {
			t.Errorf("%d alive and room for %d: %d %%, want %d", c.live, c.room, got, c.want)
		}
	}
}

// TestGCRoom gives garbage what of the limit isn't alive, and an eighth of it at least.
func TestGCRoom(t *testing.T) {
	for _, c := range [][3]int64{{50 << 20, 0, headroom}, {80 << 20, 256 << 20, 208 << 20}, {250 << 20, 256 << 20, 38 << 20},
		{300 << 20, 256 << 20, 32 << 20}, {1 << 30, 16 << 30, headroom}} {
		if got := gcRoom(c[0], c[1]); got != c[2] {
			t.Errorf("%d alive of %d: room for %d, want %d", c[0], c[1], got, c[2])
		}
	}
}

// TestIdleness returns memory once after a busy time, and not before the
// process has been quiet for long enough.
func TestIdleness(t *testing.T) {
	var i idleness
	allocated := uint64(0)
	ticks := func(n int, each uint64) (frees int) {
		for range n {
			allocated += each
			if i.tick(allocated) {
				frees++
			}
		}
		return frees
	}
	if ticks(30, 100<<20) != 0 {
		t.Error("memory is returned while busy")
	}
	if ticks(idleSeconds-1, 1000) != 0 {
		t.Error("memory is returned too soon")
	}
	if n := ticks(100, 1000); n != 1 {
		t.Errorf("memory is returned %d times after a busy time", n)
	}
	if ticks(1, 100<<20) != 0 || ticks(idleSeconds, 0) != 1 {
		t.Error("memory is not returned after the second busy time")
	}
}
