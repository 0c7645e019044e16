package scheduler

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/flintsql/flint/sql/sqlerr"
)

var update = flag.Bool("update", false, "rewrite the answers in testdata/*.txt")

// TestTranscripts replays testdata/*.txt: blocks of events, "----", the actions
// they give. A line "#" is a comment; the events are those of transcript.event.
// An attempt is written query/stage.partition (the newest) or with #number.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tr := &transcript{t: t, s: New(Options{}), now: simStart, launched: map[Attempt]Launch{}, newest: map[TaskID]Attempt{}}
			got := tr.replay(string(text))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(text) {
				t.Errorf("%s differs; got:\n%s", file, got)
			}
		})
	}
}

type transcript struct {
	t        *testing.T
	s        *Scheduler
	now      time.Time
	launched map[Attempt]Launch
	newest   map[TaskID]Attempt
}

// replay returns the text with the answers as they are.
func (tr *transcript) replay(text string) string {
	var blocks []string
	for _, block := range strings.Split(strings.TrimRight(text, "\n"), "\n\n") {
		events, _, _ := strings.Cut(block, "\n----\n")
		out := []string{events}
		var acts []string
		for _, line := range strings.Split(events, "\n") {
			if line != "" && !strings.HasPrefix(line, "#") {
				acts = append(acts, tr.line(line)...)
			}
		}
		if len(acts) > 0 {
			out = append(append(out, "----"), acts...)
		}
		blocks = append(blocks, strings.Join(out, "\n"))
	}
	return strings.Join(blocks, "\n\n") + "\n"
}

// line feeds the events of one line and returns the actions as text.
func (tr *transcript) line(line string) (out []string) {
	words := strings.Fields(line)
	if strings.HasPrefix(words[0], "+") {
		d, err := time.ParseDuration(words[0][1:])
		tr.must(err)
		tr.now = tr.now.Add(d)
		if words = words[1:]; len(words) == 0 {
			return nil
		}
	}
	if words[0] == "options" {
		tr.s = New(Options{ResidentFactor: int(tr.option(words, "residents", 8)), LocalSlots: int(tr.option(words, "local", 2))})
		return nil
	}
	for _, e := range tr.events(words) {
		for _, a := range tr.s.Step(tr.now, e) {
			if l, ok := a.(Launch); ok {
				tr.launched[l.Attempt], tr.newest[l.Attempt.TaskID] = l, l.Attempt
			}
			out = append(out, actionText(a))
		}
	}
	return out
}

func (tr *transcript) must(err error) {
	if err != nil {
		tr.t.Helper()
		tr.t.Fatal(err)
	}
}

// option finds key=number among words.
func (tr *transcript) option(words []string, key string, def int64) int64 {
	if v, ok := text(words, key); ok {
		n, err := strconv.ParseInt(v, 10, 64)
		tr.must(err)
		return n
	}
	return def
}

func text(words []string, key string) (string, bool) {
	for _, w := range words {
		if v, ok := strings.CutPrefix(w, key+"="); ok {
			return v, true
		}
		if w == key {
			return "", true
		}
	}
	return "", false
}

func str(words []string, key string) string {
	v, _ := text(words, key)
	return v
}

// events parses one line; "q/s.*" stands for every partition with a live attempt.
func (tr *transcript) events(words []string) (out []Event) {
	arg := ""
	if len(words) > 1 {
		arg = words[1]
	}
	if base, ok := strings.CutSuffix(arg, "*"); ok {
		for p := 0; p < 100; p++ {
			w := append([]string{words[0], base + strconv.Itoa(p)}, words[2:]...)
			if a, ok := tr.newest[tr.task(w[1])]; ok && tr.s.current(a) != nil {
				out = append(out, tr.events(w)...)
			}
		}
		return out
	}
	switch words[0] {
	case "worker":
		return []Event{WorkerUp{WorkerID(arg)}}
	case "lost-worker":
		return []Event{WorkerLost{WorkerID(arg)}}
	case "executor":
		return []Event{ExecutorUp{Executor: ExecutorID(arg), Worker: WorkerID(str(words, "worker")), Host: str(words, "host"),
			Slots: int(tr.option(words, "slots", 1)), Memory: tr.option(words, "memory", 0)}}
	case "lost-executor":
		return []Event{ExecutorLost{ExecutorID(arg)}}
	case "submit":
		return []Event{tr.submit(words)}
	case "cancel":
		return []Event{Cancel{Query: QueryID(tr.int(arg))}}
	case "tick":
		return []Event{Tick{}}
	case "start":
		return []Event{TaskStarted{tr.attempt(arg)}}
	case "ack":
		return []Event{AbortAcked{tr.attempt(arg)}}
	case "deliver":
		return []Event{ResultDelivered{tr.attempt(arg)}}
	case "done":
		_, early := text(words, "early")
		e := TaskDone{Attempt: tr.attempt(arg), Rows: tr.option(words, "rows", 0), Checksum: uint64(tr.option(words, "sum", 0)), EarlyStop: early}
		if v, ok := text(words, "bytes"); ok {
			z := EdgeSizes{}
			for _, n := range strings.Split(v, ",") {
				z.Bytes = append(z.Bytes, int64(tr.int(n)))
			}
			e.Outputs = []EdgeSizes{z}
		}
		return []Event{e}
	case "fail":
		return []Event{tr.failure(words)}
	}
	tr.t.Fatalf("unknown event %v", words)
	return nil
}

func (tr *transcript) int(s string) int {
	n, err := strconv.Atoi(s)
	tr.must(err)
	return n
}

func (tr *transcript) task(s string) (id TaskID) {
	_, err := fmt.Sscanf(s, "%d/%d.%d", &id.Query, &id.Stage, &id.Partition)
	tr.must(err)
	return id
}

func (tr *transcript) attempt(s string) Attempt {
	base, number, ok := strings.Cut(s, "#")
	id := tr.task(base)
	if !ok {
		return tr.newest[id]
	}
	for a := range tr.launched {
		if a.TaskID == id && a.Number == tr.int(number) {
			return a
		}
	}
	tr.t.Fatalf("attempt %s was never launched", s)
	return Attempt{}
}

func (tr *transcript) failure(words []string) Event {
	e := TaskFailed{Attempt: tr.attempt(words[1]), Err: sqlerr.New(sqlerr.DivisionByZero, "division by zero")}
	for i, p := range policies {
		if p.name == str(words, "class") {
			e.Class = Class(i)
		}
	}
	if v, ok := text(words, "missing"); ok {
		for _, m := range strings.Split(v, ",") {
			e.Missing = append(e.Missing, tr.attempt(m))
		}
	}
	return e
}

// submit parses: submit ID [weight=N] stage=ID:TASKS[:local|:nondet|:memory=N|:hosts=a+b]...
// edge=FROM>TO:p|s[:COST]...
func (tr *transcript) submit(words []string) Event {
	e := SubmitQuery{Graph: Graph{Query: QueryID(tr.int(words[1]))}, Weight: int(tr.option(words, "weight", 1))}
	for _, w := range words[2:] {
		key, v, _ := strings.Cut(w, "=")
		f := strings.Split(v, ":")
		switch key {
		case "stage":
			st := Stage{ID: StageID(tr.int(f[0])), Tasks: tr.int(f[1]), Deterministic: true}
			for _, o := range f[2:] {
				st.Local = st.Local || o == "local"
				st.Deterministic = st.Deterministic && o != "nondet"
				if m, ok := strings.CutPrefix(o, "memory="); ok {
					st.Memory = int64(tr.int(m))
				}
				if h, ok := strings.CutPrefix(o, "hosts="); ok {
					for _, host := range strings.Split(h, "+") {
						st.Hosts = append(st.Hosts, []string{host})
					}
				}
			}
			e.Graph.Stages = append(e.Graph.Stages, st)
		case "edge":
			ends := strings.Split(f[0], ">")
			ed := Edge{From: StageID(tr.int(ends[0])), To: StageID(tr.int(ends[1])), PipelinedPossible: true}
			if f[1] == "p" {
				ed.Mode = Pipelined
			}
			if len(f) > 2 {
				ed.Cost = float64(tr.int(f[2]))
			}
			e.Graph.Edges = append(e.Graph.Edges, ed)
		}
	}
	return e
}

func (a Attempt) text() string {
	return fmt.Sprintf("%d/%d.%d#%d", a.Query, a.Stage, a.Partition, a.Number)
}

// actionText prints an action in one line.
func actionText(a Action) string {
	switch a := a.(type) {
	case Launch:
		var b strings.Builder
		fmt.Fprintf(&b, "launch %s epoch=%d on %s %s priority=%d", a.Attempt.text(), a.Attempt.Epoch, a.Executor,
			[]string{"lone", "gang", "express"}[a.Kind], a.Priority)
		for _, in := range a.Inputs {
			fmt.Fprintf(&b, " in%d:%s", in.Edge, in.Mode)
			for _, src := range in.Sources {
				fmt.Fprintf(&b, " %s@%s", src.Attempt.text(), map[bool]string{true: string(src.Executor), false: string(src.Worker)}[in.Mode == Pipelined])
			}
		}
		for _, out := range a.Outputs {
			fmt.Fprintf(&b, " out%d:%s", out.Edge, out.Mode)
		}
		return b.String()
	case Abort:
		return fmt.Sprintf("abort %s on %s", a.Attempt.text(), a.Executor)
	case Fence:
		return fmt.Sprintf("fence %s", a.Executor)
	case DiscardResult:
		return fmt.Sprintf("discard %s", a.Attempt.text())
	case Demote:
		return fmt.Sprintf("demote %d edge %d: %s", a.Query, a.Edge, a.Reason)
	case Drop:
		if a.Executor == "" {
			return fmt.Sprintf("drop %d on worker %s", a.Query, a.Worker)
		}
		return fmt.Sprintf("drop %d on %s", a.Query, a.Executor)
	case Finish:
		return fmt.Sprintf("finish %d", a.Query)
	case Fail:
		s := fmt.Sprintf("fail %d: %v", a.Query, a.Err)
		if a.Err.Hint != "" {
			s += " hint: " + a.Err.Hint
		}
		return s
	}
	return fmt.Sprintf("%T", a)
}
