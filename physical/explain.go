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
	Runs      []StageRun // by StageID: actual figures; nil without ANALYZE
	Executors []string   // by index, the executors that tasks may run on (Tasks without ANALYZE)
}

// column is a right-aligned column of figures.
type column struct {
	title string
	width int
}

var estimateColumns = []column{{"rows", 9}}

var analyzeColumns = []column{{"est", 7}, {"rows", 7}, {"bytes", 8}, {"time min/med/max", 19}, {"peak", 8}, {"spill", 8}}

// Format prints the stages as text, one line an operator, at most 120 columns:
// the result's stage first, then what it reads.
func (x Explain) Format(p *Plan) []string {
	cols := estimateColumns
	if x.Runs != nil {
		cols = analyzeColumns
	}
	slowest := x.slowest(p)
	titles := make([]string, len(cols))
	for i, c := range cols {
		titles[i] = c.title
	}
	out := []string{line("Stages", cols, titles)}
	for i := len(p.Stages) - 1; i >= 0; i-- {
		s := p.Stages[i]
		out = append(out, x.header(p, s))
		out = x.tree(out, p, s, s.Root, "  ", "  ", cols, slowest)
		if x.Tasks {
			out = append(out, x.tasks(s)...)
		}
	}
	return out
}

func (x Explain) header(p *Plan, s *Stage) string {
	h := fmt.Sprintf("Stage %d · %s", s.ID, count(len(s.Tasks), "task"))
	if s.Local {
		h += " on the driver"
	}
	for _, id := range s.Outputs {
		h += " → " + edgeText(p.Edges[id])
	}
	if x.Runs != nil {
		attempts := 0
		for _, t := range x.Runs[s.ID].Tasks {
			attempts += t.Attempts
		}
		h += fmt.Sprintf(" · %s", count(attempts, "attempt"))
	}
	return Clip(h)
}

func edgeText(e *Edge) string {
	to := "client"
	if e.To != Driver {
		to = fmt.Sprintf("stage %d", e.To)
	}
	s := fmt.Sprintf("%s #%d %s", to, e.ID, e.Partitioning.Kind)
	if e.Partitioning.Kind == Hash {
		names := make([]string, len(e.Partitioning.Keys))
		for i, k := range e.Partitioning.Keys {
			names[i] = e.Fields[k].Name
		}
		s += "(" + strings.Join(names, ", ") + ")"
	}
	return s + " " + e.Mode.String()
}

func (x Explain) tree(out []string, p *Plan, s *Stage, n Node, prefix, rest string, cols []column, slowest OpID) []string {
	text := prefix + n.String()
	if src, ok := n.(*ExchangeSource); ok {
		text += fmt.Sprintf(" from stage %d", p.Edges[src.Edge].From)
	}
	if sc, ok := n.(*Scan); ok && sc.Pruned != "" {
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
	return []string{est, short(float64(t.Rows)), bytesShort(t.Bytes), spread(ns), bytesShort(t.Peak), bytesShort(t.Spilled)}
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
		if x >= 100 || x == 0 {
			return fmt.Sprintf("%.0f", x)
		}
		return fmt.Sprintf("%.1f", x)
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
	text = clip(text, room)
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

// short prints a number of rows in at most 7 characters.
func short(f float64) string {
	switch {
	case f < 0:
		return "?"
	case f < 1e5:
		return fmt.Sprintf("%.0f", f)
	case f < 1e6:
		return fmt.Sprintf("%.0fk", f/1e3)
	case f < 1e9:
		return fmt.Sprintf("%.2fM", f/1e6)
	}
	return fmt.Sprintf("%.2fG", f/1e9)
}

func bytesShort(n int64) string {
	if n == 0 {
		return "-"
	}
	return strings.TrimSuffix(strings.Replace(memory.Bytes(n), " ", "", 1), "iB")
}
