package main

import (
	"bytes"
	"errors"
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

func TestStatistics(t *testing.T) {
	if m := median([]float64{9, 1, 5}); m != 5 {
		t.Errorf("median of three is %v", m)
	}
	if m := median([]float64{4, 1, 2, 9}); m != 3 {
		t.Errorf("median of four is %v", m)
	}
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(100 - i)
	}
	if p := percentile(hundred, 0.99); p != 99 {
		t.Errorf("p99 is %v", p)
	}
	if p := percentile(hundred, 1); p != 100 {
		t.Errorf("the greatest is %v", p)
	}
}

// sample is a report of three queries; the peer failed one and differs in another.
func sample() *report {
	timed := func(engine string, millis, cpu int) cell {
		c := cell{Engine: engine, PeakRSS: 10 << 20}
		for _, d := range []int{0, 1, -1} {
			c.add(time.Duration(millis+d)*time.Millisecond, time.Duration(cpu)*time.Millisecond)
		}
		c.finish()
		return c
	}
	failed := cell{Engine: "peer", Error: errors.New("no such function\nmore").Error()}
	other := timed("peer", 25, 25)
	other.compare(answer{Rows: 3}, answer{Rows: 4})
	return &report{Suite: "micro", Runs: 3, Engines: []engineInfo{{"flint", "1"}, {"peer", "2"}}, Missing: map[string]string{"polars": "not installed"},
		Queries: []result{
			{"a", []cell{timed("flint", 200, 100), timed("peer", 100, 200)}},
			{"b", []cell{timed("flint", 50, 50), failed}},
			{"c", []cell{timed("flint", 50, 50), other}},
		}}
}

func TestRatios(t *testing.T) {
	r := sample()
	x := r.ratios("peer")
	if x.N != 2 || x.Errors != 1 || x.Differed != 1 || x.WorstName != "a" || math.Abs(x.GeoMean-2) > 1e-9 || math.Abs(x.GeoCPU-1) > 1e-9 {
		t.Errorf("%+v", x)
	}
	if math.Abs(x.Mine-0.25) > 1e-9 || math.Abs(x.Theirs-0.125) > 1e-9 {
		t.Errorf("sums %v and %v", x.Mine, x.Theirs)
	}
	if w := r.worst("peer", 5); strings.Join(w, " ") != "a c" {
		t.Errorf("worst %v", w)
	}
	if r.failure() == nil {
		t.Error("an answer differs but the run has not failed")
	}
}

func TestPrint(t *testing.T) {
	for _, markdown := range []bool{false, true} {
		var b bytes.Buffer
		p := &printer{w: &b, markdown: markdown}
		r := sample()
		p.header(r)
		for _, q := range r.Queries {
			p.row(q)
		}
		p.footer(r)
		for _, want := range []string{"200.0", "199.0–201.0", "2.00", "differs", "b on peer: no such function\n", "polars: not installed", "geometric mean 2.00", "worst 2.00 (a)", "4 rows, not 3"} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("no %q in\n%s", want, b.String())
			}
		}
	}
}

func TestFingerprint(t *testing.T) {
	take := func(number bool, values ...string) []fingerprint {
		f := make([]fingerprint, 1)
		for _, v := range values {
			b := []byte(v)
			if v == "NULL" {
				b = nil
			}
			f[0].add(b, number)
		}
		return f
	}
	same := [][2][]fingerprint{
		{take(true, "1.5", "NULL", "2"), take(true, "2.0000000001", "1.5", "NULL")},
		{take(false, "b", "a  "), take(false, "a", "b")},
	}
	for i, s := range same {
		if err := sameAnswer(s[0], s[1]); err != nil {
			t.Errorf("pair %d: %v", i, err)
		}
	}
	other := [][2][]fingerprint{
		{take(true, "1.5"), take(true, "1.51")},
		{take(true, "0", "NULL"), take(true, "0", "0")},
		{take(false, "a", "b"), take(false, "a", "c")},
		{take(true, "1"), take(false, "1")},
	}
	for i, o := range other {
		if sameAnswer(o[0], o[1]) == nil {
			t.Errorf("other %d is taken for the same", i)
		}
	}
}

// TestProcess reads what this very process has used.
func TestProcess(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("no /proc")
	}
	me := []int{os.Getpid()}
	before := cpuTime(me)
	for sum, end := 0, time.Now().Add(30*time.Millisecond); time.Now().Before(end); sum++ {
		_ = scatter(uint64(sum))
	}
	if used := cpuTime(me) - before; used < 5*time.Millisecond || used > 10*time.Second {
		t.Errorf("30 ms of work took %v of CPU", used)
	}
	if peakRSS(me) < 1<<20 || statusBytes(me, "VmRSS") > peakRSS(me)+(8<<20) {
		t.Errorf("peak %d, now %d", peakRSS(me), statusBytes(me, "VmRSS"))
	}
}
