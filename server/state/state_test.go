package state

import (
	"bytes"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// logged collects a log.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func open(t *testing.T, dir string) (*Store, *logged) {
	t.Helper()
	l := &logged{}
	return Open(dir, slog.New(slog.NewTextHandler(l, nil))), l
}

// TestMemoryOnly learns in a store without a folder: nothing is kept for a file that is never written.
func TestMemoryOnly(t *testing.T) {
	s := New()
	s.feedback.limit = 2
	for i := range byte(10) {
		s.Learn([]Measured{{Digest{i}, float64(i), nil}})
	}
	if n := len(s.feedback.dirty); n > 0 {
		t.Errorf("%d changes wait to be written", n)
	}
	if rows, ok := s.Rows(Digest{9}); !ok || rows != 9 {
		t.Errorf("the last figure is %g, %t", rows, ok)
	}
	if _, ok := s.Rows(Digest{1}); ok {
		t.Error("more is remembered than the limit")
	}
}

var (
	lineitem = Name{"lake", "public", "lineitem"}
	text     = types.Of(types.Text)
	money    = types.NumericOf(12, 2)
)

func sampleTable() *Table {
	num := func(i int64) value.Value { return value.Value{Type: money, I: i} }
	lo, hi := num(100), num(99999)
	return &Table{Identity: "v1", Rows: 6e6, Analyzed: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Columns: map[string]Column{
		"flag": {text, catalog.ColumnStats{Distinct: 3, NullFrac: 0.25, Width: 1, Common: []catalog.Common{{Value: value.Value{Type: text, S: "N"}, Share: 0.5}, {Value: value.Value{Type: text, S: ""}, Share: 0.25}}}},
		"price": {money, catalog.ColumnStats{Distinct: 1e5, Width: 8, Unique: true, Min: &lo, Max: &hi,
			Histogram: []value.Value{num(100), num(5000), num(99999)}}},
	}}
}

func digest(i int) Digest { return Digest{byte(i), byte(i >> 8), 1} }

func fill(s *Store, n int) {
	s.PutTable(lineitem, sampleTable())
	var ms []Measured
	for i := range n {
		ms = append(ms, Measured{digest(i), float64(i) + 0.5, []uint64{7, uint64(i % 3)}})
	}
	s.Learn(ms)
}

// TestReopen finds everything again, after a close and after a kill.
func TestReopen(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir)
	fill(s, 50)
	s.flush()
	killed := t.TempDir() // the file as a killed process leaves it
	b, err := os.ReadFile(filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(killed, fileName), b, 0o600); err != nil {
		t.Fatal(err)
	}
	s.Close()
	for name, d := range map[string]string{"closed": dir, "killed": killed} {
		s, log := open(t, d)
		if got, want := s.Table(lineitem), sampleTable(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the table came back as\n%+v, want\n%+v", name, got, want)
		}
		for i := range 50 {
			if rows, ok := s.Rows(digest(i)); !ok || rows != float64(i)+0.5 {
				t.Errorf("%s: subplan %d has %g rows, %t", name, i, rows, ok)
			}
		}
		if !s.Knows(7) || s.Knows(8) {
			t.Errorf("%s: tables are not known by what was measured of them", name)
		}
		if log.String() != "" {
			t.Errorf("%s: %s", name, log)
		}
		s.Close()
	}
}

// TestSpoiledFiles opens files that were cut short or changed anywhere: the
// store starts, has only what was written, and learns again.
func TestSpoiledFiles(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir)
	fill(s, 300)
	s.Close()
	whole, err := os.ReadFile(filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for trial := range 120 {
		b := append([]byte(nil), whole...)
		switch trial % 4 {
		case 0:
			b = b[:r.IntN(len(b))]
		case 1:
			for range 1 + r.IntN(50) {
				b[r.IntN(len(b))] ^= byte(1 + r.IntN(255))
			}
		case 2: // a page of zeros
			from := r.IntN(len(b)/4096) * 4096
			clear(b[from : from+4096])
		case 3: // a page of noise
			from := r.IntN(len(b)/4096) * 4096
			for i := range 4096 {
				b[from+i] = byte(r.Uint32())
			}
		}
		d := t.TempDir()
		if err := os.WriteFile(filepath.Join(d, fileName), b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, _ := open(t, d)
		if got := s.Table(lineitem); got != nil && !reflect.DeepEqual(got, sampleTable()) {
			t.Fatalf("trial %d: a spoiled table was believed: %+v", trial, got)
		}
		for i := range 300 {
			if rows, ok := s.Rows(digest(i)); ok && rows != float64(i)+0.5 {
				t.Fatalf("trial %d: a spoiled figure was believed: %g", trial, rows)
			}
		}
		fill(s, 10)
		s.Close()
	}
	junk := t.TempDir()
	if err := os.WriteFile(filepath.Join(junk, fileName), []byte(strings.Repeat("no database ", 5000)), 0o600); err != nil {
		t.Fatal(err)
	}
	s, log := open(t, junk)
	fill(s, 10)
	s.Close()
	if !strings.Contains(log.String(), "learnt anew") {
		t.Errorf("no warning of a file that nobody can read: %s", log)
	}
	s, log = open(t, junk)
	if _, ok := s.Rows(digest(3)); !ok || log.String() != "" {
		t.Errorf("what was learnt anew is lost: %s", log)
	}
	s.Close()
}

// TestOneProcess lets a second user of the folder go on in memory.
func TestOneProcess(t *testing.T) {
	dir := t.TempDir()
	first, _ := open(t, dir)
	second, log := open(t, dir)
	if !strings.Contains(log.String(), "another process") {
		t.Errorf("no warning: %s", log)
	}
	second.PutTable(lineitem, sampleTable())
	second.Close()
	first.Close()
	third, _ := open(t, dir)
	if third.Table(lineitem) != nil {
		t.Error("the second user wrote into the first one's file")
	}
	third.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, log := open(t, file)
	fill(s, 1)
	s.Close()
	if !strings.Contains(log.String(), "no state is kept") {
		t.Errorf("no warning of a folder that cannot be: %s", log)
	}
}

// TestBounds keeps the figures used last, also on disk.
func TestBounds(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir)
	s.feedback.limit = 100
	fill(s, 100)
	for i := range 50 {
		s.Rows(digest(i)) // used again
	}
	for i := 100; i < 150; i++ {
		s.Learn([]Measured{{digest(i), 1, []uint64{9}}})
	}
	s.Close()
	s, _ = open(t, dir)
	defer s.Close()
	n := 0
	for i := range 150 {
		_, ok := s.Rows(digest(i))
		if want := i < 50 || i >= 100; ok != want {
			t.Errorf("subplan %d is kept: %t", i, ok)
		}
		if ok {
			n++
		}
	}
	if n != 100 {
		t.Errorf("%d figures are kept", n)
	}
}

// TestSessions learns and asks from many goroutines; generations grow with what is new only.
func TestSessions(t *testing.T) {
	s, log := open(t, t.TempDir())
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 200 {
				s.Learn([]Measured{{digest(i), float64(i), []uint64{uint64(g)}}})
				s.Rows(digest(i + 1))
				if i%50 == 0 {
					s.PutTable(Name{"c", "s", fmt.Sprint(g)}, sampleTable())
					s.Table(lineitem)
					s.flush()
				}
			}
		})
	}
	wg.Wait()
	before := s.Generation()
	if n := s.Learn([]Measured{{digest(5), 5, nil}}); n != 0 || s.Generation() != before {
		t.Error("what was known counts as new")
	}
	if s.Learn([]Measured{{digest(5), 6, nil}}); s.Generation() == before {
		t.Error("a new figure leaves plans as they are")
	}
	s.Close()
	if log.String() != "" {
		t.Error(log)
	}
}
