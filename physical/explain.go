package physical

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/flintsql/flint/exec/memory"
)

// explainWidth is the widest line EXPLAIN prints.
const explainWidth = 120

// Explain describes what to print beside the plan.
type Explain struct {
	Tasks     bool       // each task with its splits
	Verbose   bool       // why each edge has its mode, and how much it carries
	Runs      []StageRun // by StageID: actual figures; nil without ANALYZE
	Cut       []bool     // by OpID: a join's keys or a limit kept rows from it, so that its rows measure no estimate
	Executors []string   // by index, the executors that tasks may run on (Tasks without ANALYZE)
}

// column is a right-aligned column of figures.
type column struct {
	title string
	width int
}

var estimateColumns = []column{{"rows", 7}}

// analyzeColumns are est: estimated rows, rows: actual ones, off: the q-error, how many times
// more (×) or fewer (÷) than estimated, or that rows were cut by a join's keys or a limit, time: of the operator itself per task, mem: the largest task's.
var analyzeColumns = []column{{"est", 6}, {"rows", 6}, {"off", 5}, {"bytes", 7}, {"time min/med/max", 16}, {"mem", 7}}

var spillColumn = column{"spill", 7}

func (x Explain) columns(p *Plan) []column {
	if x.Runs == nil {
		return estimateColumns
	}
	for _, s := range p.Stages {
		for id := range p.Ops {
			if x.Runs[s.ID].Total(OpID(id)).Spilled > 0 {
				return append(analyzeColumns[:len(analyzeColumns):len(analyzeColumns)], spillColumn)
			}
		}
	}
	return analyzeColumns
}

// Format prints the stages as text, one line an operator, at most 120 columns:
// the result's stage first, then what it reads. The operator that took most time is marked.
func (x Explain) Format(p *Plan) []string {
	cols := x.columns(p)
	slowest := x.slowest(p)
	titles := make([]string, len(cols))
	for i, c := range cols {
		titles[i] = c.title
	}
	out := []string{line("Stages", cols, titles)}
	for i := len(p.Stages) - 1; i >= 0; i-- {
		s := p.Stages[i]
		out = append(out, x.header(p, s))
		if x.Verbose {
			out = append(out, edgeLines(p, s)...)
		}
		out = x.tree(out, p, s, s.Root, "  ", "  ", cols, slowest)
		if x.Tasks {
			out = append(out, x.tasks(s)...)
		}
	}
	return out
}

// Line prints one node of a logical plan in the style of Format.
func Line(text string, rows float64) string {
	return line(text, estimateColumns, []string{short(rows)})
}

// Title prints the head of a list of Lines.
func Title(text string) string {
	return line(text, estimateColumns, []string{estimateColumns[0].title})
}

func (x Explain) header(p *Plan, s *Stage) string {
	h := fmt.Sprintf("Stage %d · %s", s.ID, x.taskCount(s))
	if s.Local {
		h += " on the driver"
	}
	if x.Runs != nil {
		attempts, ns := 0, []int64{}
		for _, t := range x.Runs[s.ID].Tasks {
			attempts += t.Attempts
			ns = append(ns, t.NS)
		}
		h += ", " + spread(ns)
		if attempts != len(x.Runs[s.ID].Tasks) {
			h += fmt.Sprintf(", %s", count(attempts, "attempt"))
		}
	}
	for i, id := range s.Outputs {
		if h += " → "; i > 0 {
			h += "and "
		}
		h += edgeText(p.Edges[id])
	}
	return Clip(h)
}

// taskCount prints how many tasks a stage has, and what re-planning made of it.
func (x Explain) taskCount(s *Stage) string {
	if x.Runs == nil || x.Runs[s.ID].Replanned == "" {
		return count(len(s.Tasks), "task")
	}
	r := x.Runs[s.ID]
	return fmt.Sprintf("%d → %s (%s)", len(s.Tasks), count(len(r.Tasks), "task"), r.Replanned)
}

// edgeText prints where an edge leads, its partitioning and its mode.
func edgeText(e *Edge) string {
	to := "client"
	if e.To != Driver {
		to = fmt.Sprintf("stage %d", e.To)
	}
	s := fmt.Sprintf("%s #%d %s", to, e.ID, e.Partitioning.Kind)
	if e.Partitioning.Kind == Hash || e.Partitioning.Kind == Range {
		names := make([]string, len(e.Partitioning.Keys))
		for i, k := range e.Partitioning.Keys {
			names[i] = e.Fields[k].Name
		}
		s += "(" + strings.Join(names, ", ") + ")"
	}
	if e.Keys != nil {
		return fmt.Sprintf("%s #%d keys %s", to, e.ID, e.Fields[0].Name)
	}
	return s + " " + e.Mode.String()
}

// edgeLines says for each output of a stage why it has its mode.
func edgeLines(p *Plan, s *Stage) []string {
	var out []string
	for _, id := range s.Outputs {
		e := p.Edges[id]
		why := e.Why
		if e.CanPipeline && e.Mode == Spooled {
			why += ", could be pipelined"
		}
		out = append(out, Clip(fmt.Sprintf("    #%d is %s: %s; about %s rows, %s", e.ID, e.Mode, why, short(e.Rows), bytesShort(int64(e.Bytes)))))
	}
	if !s.Deterministic {
		out = append(out, "    a re-run may give other rows: outputs carry checksums")
	}
	return out
}

func (x Explain) tree(out []string, p *Plan, s *Stage, n Node, prefix, rest string, cols []column, slowest OpID) []string {
	text := prefix + n.String()
	if src, ok := n.(*ExchangeSource); ok {
		text += fmt.Sprintf(" from stage %d", p.Edges[src.Edge].From)
	}
	sc, scans := n.(*Scan)
	if scans {
		text = sc.withFilters(sc.withRanges(text, s))
	}
	if scans && sc.Pruned != "" {
		text += " (" + sc.Pruned + ")"
	}
	cells := x.cells(s, n)
	if x.Runs != nil && n.Info().ID == slowest {
		text = "▶" + strings.TrimPrefix(text, " ")
	}
	out = append(out, line(text, cols, cells))
	kids := n.Children()
	for i, k := range kids {
		if i == len(kids)-1 {
			out = x.tree(out, p, s, k, rest+"└ ", rest+"  ", cols, slowest)
		} else {
			out = x.tree(out, p, s, k, rest+"├ ", rest+"│ ", cols, slowest)
		}
	}
	return out
}

func (x Explain) cells(s *Stage, n Node) []string {
	est := short(n.Info().Rows)
	if x.Runs == nil {
		return []string{est}
	}
	run := x.Runs[s.ID]
	t := run.Total(n.Info().ID)
	var ns []int64
	for _, r := range run.Tasks {
		if int(n.Info().ID) < len(r.Ops) {
			ns = append(ns, r.Ops[n.Info().ID].CPUNs+r.Ops[n.Info().ID].WaitNs)
		}
	}
	wrong := off(n.Info().Rows, float64(t.Rows))
	if wrong != "" && x.cut(n) {
		wrong = "cut"
	}
	return []string{est, short(float64(t.Rows)), wrong, bytesShort(t.Bytes), spread(ns), bytesShort(t.Peak), bytesShort(t.Spilled)}
}

func (x Explain) cut(n Node) bool {
	id := int(n.Info().ID)
	return id < len(x.Cut) && x.Cut[id]
}

// qError is by how many times the estimate is off (Moerkotte et al., VLDB 2009).
func qError(est, rows float64) float64 {
	est, rows = max(1, est), max(1, rows)
	return max(est/rows, rows/est)
}

// off prints how far the actual rows are from the estimate, if by more than half.
func off(est, rows float64) string {
	est, rows = max(1, est), max(1, rows)
	switch {
	case rows > 1.5*est:
		return "×" + ratio(rows/est)
	case est > 1.5*rows:
		return "÷" + ratio(est/rows)
	}
	return ""
}

func ratio(r float64) string {
	switch {
	case r < 9.95:
		return fmt.Sprintf("%.1f", r)
	case r < 9999.5:
		return fmt.Sprintf("%.0f", r)
	case r < 999.5e3:
		return fmt.Sprintf("%.0fk", r/1e3)
	case r < 999.5e6:
		return fmt.Sprintf("%.0fM", r/1e6)
	}
	return fmt.Sprintf("%.0fG", r/1e9)
}

// spread prints minimum, median and maximum of times in one unit.
func spread(ns []int64) string {
	if len(ns) == 0 {
		return "-"
	}
	sort.Slice(ns, func(i, j int) bool { return ns[i] < ns[j] })
	hi := ns[len(ns)-1]
	unit, name := 1e6, "ms"
	if hi >= 10e9 {
		unit, name = 1e9, "s"
	}
	f := func(v int64) string {
		x := float64(v) / unit
		if x >= 100 || x < 0.05 {
			return fmt.Sprintf("%.0f", x)
		}
		return fmt.Sprintf("%.1f", x)
	}
	if len(ns) == 1 {
		return f(hi) + " " + name
	}
	return f(ns[0]) + "/" + f(ns[len(ns)/2]) + "/" + f(hi) + " " + name
}

// slowest is the operator with the most time of its own; -1 without figures.
func (x Explain) slowest(p *Plan) OpID {
	best, id := int64(0), OpID(-1)
	if x.Runs == nil {
		return id
	}
	for _, s := range p.Stages {
		Walk(s.Root, func(n Node) {
			if t := x.Runs[s.ID].Total(n.Info().ID).CPUNs; t > best {
				best, id = t, n.Info().ID
			}
		})
	}
	return id
}

func (x Explain) tasks(s *Stage) []string {
	var out []string
	for i, t := range s.Tasks {
		where := "any executor"
		switch {
		case x.Runs != nil && i < len(x.Runs[s.ID].Tasks):
			where = x.Runs[s.ID].Tasks[i].Executor
		case s.Local:
			where = "the driver"
		case len(x.Executors) > 0:
			where = x.Executors[i%len(x.Executors)]
		}
		text := fmt.Sprintf("    task %d on %s", i, where)
		ids := make([]int, 0, len(t.Splits))
		for id := range t.Splits {
			ids = append(ids, int(id))
		}
		sort.Ints(ids)
		for _, id := range ids {
			rows := int64(0)
			for _, sp := range t.Splits[OpID(id)] {
				rows += sp.Rows
			}
			text += fmt.Sprintf(" · %s of %s (%s rows)", count(len(t.Splits[OpID(id)]), "split"), scanName(s, OpID(id)), short(float64(rows)))
		}
		out = append(out, clip(text, explainWidth))
	}
	return out
}

func scanName(s *Stage, id OpID) string {
	name := ""
	Walk(s.Root, func(n Node) {
		if sc, ok := n.(*Scan); ok && sc.ID == id {
			name = sc.Table
		}
	})
	return name
}

// line lays out text on the left and figures on the right.
func line(text string, cols []column, cells []string) string {
	right := ""
	for i, c := range cols {
		right += "  " + strings.Repeat(" ", max(0, c.width-utf8.RuneCountInString(cells[i]))) + cells[i]
	}
	room := explainWidth - utf8.RuneCountInString(right)
	text = clip(shorten(text, room), room)
	return text + strings.Repeat(" ", room-utf8.RuneCountInString(text)) + right
}

func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	return string(r[:n-1]) + "…"
}

// Clip cuts a line to EXPLAIN's width.
func Clip(s string) string { return clip(s, explainWidth) }

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// short prints a number of rows in at most 6 characters.
func short(f float64) string {
	switch {
	case f < 0:
		return "?"
	case f < 99999.5:
		return fmt.Sprintf("%.0f", f)
	case f < 999.5e3:
		return fmt.Sprintf("%.0fk", f/1e3)
	case f < 999.5e6:
		return digits(f/1e6) + "M"
	case f < 999.5e9:
		return digits(f/1e9) + "G"
	case f < 999.5e12:
		return digits(f/1e12) + "T"
	}
	return fmt.Sprintf("%.0e", f)
}

// digits prints three significant digits of a number below 1000.
func digits(f float64) string {
	switch {
	case f < 9.995:
		return fmt.Sprintf("%.2f", f)
	case f < 99.95:
		return fmt.Sprintf("%.1f", f)
	}
	return fmt.Sprintf("%.0f", f)
}

func bytesShort(n int64) string {
	if n == 0 {
		return "-"
	}
	return strings.TrimSuffix(strings.Replace(memory.Bytes(n), " ", "", 1), "iB")
}
