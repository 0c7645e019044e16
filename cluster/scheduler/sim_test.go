package scheduler

import (
	"container/heap"
	"fmt"
	"math/rand"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flintsql/flint/sql/sqlerr"
)

// The simulation runs random queries on a fake cluster that loses executors,
// workers, outputs and messages, and checks invariants after every Step. A run is
// named by its seed alone.
//
// FLINT_SIM_RUNS sets the number of runs (default 20000); FLINT_SIM_SEED runs one
// seed with a log.

func TestSimulation(t *testing.T) {
	if v := os.Getenv("FLINT_SIM_SEED"); v != "" {
		seed, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		c := newSim(seed)
		c.log = t.Logf
		if err := c.run(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		return
	}
	runs := int64(20000)
	if v, err := strconv.ParseInt(os.Getenv("FLINT_SIM_RUNS"), 10, 64); err == nil {
		runs = v
	}
	var next, failed atomic.Int64
	var mu sync.Mutex
	var wg sync.WaitGroup
	total := map[string]int{}
	for w := 0; w < 2; w++ {
		wg.Go(func() {
			for failed.Load() < 5 {
				seed := next.Add(1)
				if seed > runs {
					return
				}
				c := newSim(seed)
				if err := c.run(); err != nil {
					failed.Add(1)
					t.Errorf("seed %d: %v", seed, err)
				}
				mu.Lock()
				for k, v := range c.stats {
					total[k] += v
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	t.Logf("%d runs: %v", runs, total)
	for _, must := range []string{"finish", "fail 57014", "fail 58000", "fail 40001", "fail 53000", "fail XX000",
		"demote region too wide", "demote out of memory", "demote several consumers", "fence", "discard", "stalled", "changed",
		"executor lost", "worker lost", "fetch failed", "early stop", "replan", "replan early", "replan lost", "relaid", "relaid again", "zombie", "duplicate", "express", "gang"} {
		if total[must] == 0 && runs >= 5000 {
			t.Errorf("no run met %q", must)
		}
	}
}

type simEvent struct {
	at  time.Duration
	seq int
	do  func()
}

type simEvents []simEvent

func (h simEvents) Len() int { return len(h) }
func (h simEvents) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].seq < h[j].seq
}
func (h simEvents) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *simEvents) Push(x any)   { *h = append(*h, x.(simEvent)) }
func (h *simEvents) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

type simExec struct {
	id    ExecutorID
	work  *simWorker
	slots int
	alive bool // as the driver knows
	live  map[Attempt]*simRun
	lone  int
	drops map[QueryID]bool
	used  map[QueryID]bool
}

type simWorker struct {
	id    WorkerID
	alive bool
	born  int
	store map[Attempt]bool
}

// simRun is one attempt on the fake cluster.
type simRun struct {
	launch  Launch
	exec    *simExec
	query   *simQuery
	aborted bool
	over    bool   // off the executor
	done    bool   // TaskDone was produced
	early   bool   // without a commit
	content uint64 // hash of its rows
	read    []simRead
	born    int // of the worker
	sizes   map[int][]int64
}

type simRead struct {
	run     *simRun
	content uint64
}

type simQuery struct {
	graph   Graph
	runs    map[Attempt]*simRun
	current map[TaskID]*simRun // newest launch
	results map[int]*simRun    // rows that the driver holds, by partition
	shown   map[int]*simRun    // rows that have gone to the client
	nonce   map[TaskID]uint64
	limit   map[StageID]bool // ignores its pipelined inputs after a while
	ended   string
	nextNo  map[TaskID]int
	cancel  bool
	rows    map[Attempt]bool // result attempts whose rows the driver holds or held
	fatals  int
	counted int // failures that count as attempts
	mishaps int // lost and killed attempts
	layouts []*simLayout
}

type sim struct {
	rng     *rand.Rand
	s       *Scheduler
	opt     Options
	now     time.Duration
	seq     int
	events  simEvents
	queries map[QueryID]*simQuery
	order   []*simQuery
	execs   map[ExecutorID]*simExec
	elist   []*simExec
	workers []*simWorker
	chaos   time.Duration // trouble ends here
	nexec   int
	err     error
	stats   map[string]int
	log     func(string, ...any)
	trouble float64
	steps   int
	losses  int // executors lost or fenced
}

var simStart = time.Unix(1_700_000_000, 0)

func newSim(seed int64) *sim {
	rng := rand.New(rand.NewSource(seed))
	c := &sim{rng: rng, queries: map[QueryID]*simQuery{}, execs: map[ExecutorID]*simExec{}, stats: map[string]int{}}
	c.opt = Options{LocalSlots: 1 + rng.Intn(2), ResidentFactor: 2 + rng.Intn(7), LocalityDelay: 30 * time.Millisecond,
		GangPatience: 50 * time.Millisecond}
	c.s = New(c.opt)
	c.chaos = time.Duration(50+rng.Intn(400)) * time.Millisecond
	c.trouble = []float64{0, 0.3, 1, 3}[rng.Intn(4)]
	return c
}

func (c *sim) after(d time.Duration, do func()) {
	c.seq++
	heap.Push(&c.events, simEvent{c.now + d, c.seq, do})
}

// soon is a random delay of up to n milliseconds.
func (c *sim) soon(n int) time.Duration {
	return time.Duration(c.rng.Intn(n*1000+1)) * time.Microsecond
}

func (c *sim) chance(p float64) bool { return c.rng.Float64() < p }

// bad is chance scaled by the run's trouble, and never after the chaos.
func (c *sim) bad(p float64) bool { return c.now < c.chaos && c.rng.Float64() < p*c.trouble }

func (c *sim) failf(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("at %v: "+format, append([]any{c.now}, args...)...)
	}
}

func (c *sim) run() error {
	for i, n := 0, 1+c.rng.Intn(4); i < n; i++ {
		c.workers = append(c.workers, &simWorker{id: WorkerID(fmt.Sprint("w", i)), alive: true, store: map[Attempt]bool{}})
	}
	c.workers = append(c.workers, &simWorker{id: LocalWorker, alive: true, store: map[Attempt]bool{}})
	c.addExec(LocalExecutor, c.workers[len(c.workers)-1], c.s.opt.LocalSlots)
	for i, n := 0, 1+c.rng.Intn(5); i < n; i++ {
		c.after(c.soon(20), c.newExec)
	}
	for i, n := 0, 1+c.rng.Intn(5); i < n; i++ {
		id := QueryID(i + 1)
		c.after(c.soon(30), func() { c.submit(id) })
	}
	if c.trouble > 0 {
		for i := c.rng.Intn(16); i > 0; i-- {
			c.after(c.soon(int(c.chaos/time.Millisecond)), c.calamity)
		}
	}
	if !c.chance(0.02) { // else the cluster stays as the chaos left it
		c.after(c.chaos, func() { c.newExec(); c.newExec() })
	}
	c.tick()
	for len(c.events) > 0 && c.err == nil {
		ev := heap.Pop(&c.events).(simEvent)
		c.now = ev.at
		if c.now > 10*time.Minute {
			c.failf("queries do not end: %v", c.open())
			break
		}
		ev.do()
	}
	if c.err == nil {
		c.atEnd()
	}
	return c.err
}

func (c *sim) open() (ids []QueryID) {
	for _, q := range c.order {
		if q.ended == "" {
			ids = append(ids, q.graph.Query)
		}
	}
	return ids
}

func (c *sim) tick() {
	c.step(Tick{})
	if len(c.s.queries) == 0 && c.now > 50*time.Millisecond {
		return
	}
	d := 20 * time.Millisecond
	if c.now > time.Second {
		d = 250 * time.Millisecond
	}
	c.after(d, c.tick)
}

func (c *sim) addExec(id ExecutorID, w *simWorker, slots int) *simExec {
	e := &simExec{id: id, work: w, slots: slots, alive: true, live: map[Attempt]*simRun{},
		drops: map[QueryID]bool{}, used: map[QueryID]bool{}}
	c.execs[id] = e
	c.elist = append(c.elist, e)
	return e
}

func (c *sim) newExec() {
	w := c.workers[c.rng.Intn(len(c.workers)-1)]
	if !w.alive {
		w.alive = true
		w.born++
		c.step(WorkerUp{Worker: w.id})
	}
	c.nexec++
	e := c.addExec(ExecutorID(fmt.Sprint("e", c.nexec)), w, 1+c.rng.Intn(3))
	ev := ExecutorUp{Executor: e.id, Worker: w.id, Host: "h" + string(w.id), Slots: e.slots}
	if c.chance(0.3) {
		ev.Memory = 40
	}
	c.step(ev)
	if c.chance(0.1) {
		c.step(ev)
	}
}

// calamity loses an executor or a worker; most come back.
func (c *sim) calamity() {
	switch c.rng.Intn(4) {
	case 0:
		w := c.workers[c.rng.Intn(len(c.workers)-1)]
		if !w.alive {
			return
		}
		c.stats["worker lost"]++
		w.alive = false
		w.store = map[Attempt]bool{}
		for _, e := range c.elist {
			if e.work == w {
				c.kill(e)
			}
		}
		c.step(WorkerLost{Worker: w.id})
	default:
		e := c.elist[c.rng.Intn(len(c.elist))]
		if e.id == LocalExecutor || !e.alive {
			return
		}
		c.stats["executor lost"]++
		c.kill(e)
		c.step(ExecutorLost{Executor: e.id})
	}
	if c.chance(0.8) {
		c.after(c.soon(50), c.newExec)
	}
}

// kill ends an executor before the scheduler hears of it.
func (c *sim) kill(e *simExec) {
	e.alive = false
	c.losses++
	for _, r := range e.live {
		r.over = true
	}
	e.live = map[Attempt]*simRun{}
	e.lone = 0
}

func (c *sim) submit(id QueryID) {
	q := &simQuery{graph: c.graph(id), runs: map[Attempt]*simRun{}, current: map[TaskID]*simRun{},
		results: map[int]*simRun{}, shown: map[int]*simRun{}, nonce: map[TaskID]uint64{},
		limit: map[StageID]bool{}, rows: map[Attempt]bool{}, nextNo: map[TaskID]int{}}
	for _, st := range q.graph.Stages {
		q.limit[st.ID] = c.chance(0.15)
	}
	c.queries[id] = q
	c.order = append(c.order, q)
	c.step(SubmitQuery{Graph: q.graph, Weight: 1 + c.rng.Intn(3)})
	if q.ended == "" && c.chance(0.1) {
		c.step(SubmitQuery{Graph: q.graph, Weight: 1})
	}
	if c.chance(0.1) {
		c.after(c.soon(100), func() {
			q.cancel = true
			c.step(Cancel{Query: id})
		})
	}
}

// graph makes a random DAG.
func (c *sim) graph(id QueryID) Graph {
	g := Graph{Query: id}
	n := 1 + c.rng.Intn(8)
	if c.chance(0.15) {
		n = 1
	}
	for i := 0; i < n; i++ {
		st := Stage{ID: StageID(i * 10), Tasks: 1 + c.rng.Intn(5), Deterministic: c.chance(0.5), Local: c.chance(0.08), Adaptive: c.chance(0.5),
			Portable: c.chance(0.5)}
		if c.chance(0.03) {
			st.Tasks = 0
		}
		if n == 1 && c.chance(0.5) {
			st.Tasks = 1
		}
		if c.chance(0.3) {
			st.Memory = int64(1 + c.rng.Intn(30))
		}
		if c.chance(0.4) {
			for p := 0; p < st.Tasks; p++ {
				st.Hosts = append(st.Hosts, []string{fmt.Sprint("hw", c.rng.Intn(4))})
			}
		}
		g.Stages = append(g.Stages, st)
	}
	join := func(from, to int) {
		e := Edge{From: g.Stages[from].ID, To: g.Stages[to].ID, Cost: float64(c.rng.Intn(5)),
			PipelinedPossible: c.chance(0.9), Partitioning: Partitioning(c.rng.Intn(4))}
		if c.chance(0.5) {
			e.Mode = Pipelined
		}
		g.Edges = append(g.Edges, e)
	}
	for i := 0; i < n-1; i++ {
		join(i, i+1+c.rng.Intn(n-1-i))
		if c.chance(0.15) {
			join(i, i+1+c.rng.Intn(n-1-i))
		}
	}
	return g
}

// step feeds one event, carries the actions out and checks the invariants.
func (c *sim) step(e Event) {
	if c.err != nil {
		return
	}
	if c.steps++; c.steps > 200000 {
		c.failf("too many events")
		return
	}
	if c.log != nil {
		c.log("%v <- %T%s", c.now, e, eventText(e))
	}
	acts := c.s.Step(simStart.Add(c.now), e)
	for _, a := range acts {
		if c.log != nil {
			if l, ok := a.(Launch); ok {
				c.log("    Launch %v on %s kind %d %+v", l.Attempt, l.Executor, l.Kind, l.Inputs)
			} else {
				c.log("    %T%+v", a, a)
			}
		}
		c.act(a)
	}
	c.checkGangs(acts)
	c.stats["events"]++
}

// later feeds an event after a delay, sometimes twice, unless its sender is cut
// off by then; now and then a zombie gets through all the same.
func (c *sim) later(e *simExec, d time.Duration, ev Event) {
	send := func() {
		if e.alive {
			c.step(ev)
		} else if c.chance(0.5) {
			c.stats["zombie"]++
			c.step(ev)
		}
	}
	c.after(d, send)
	if c.chance(0.05) {
		c.stats["duplicate"]++
		c.after(d+c.soon(30), send)
	}
}

func simErr(code string) *sqlerr.Error { return sqlerr.New(code, "trouble") }
