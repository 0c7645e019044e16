package physical

// Portable reports a stage of one task that needs nothing but its exchanges, and whose work is bounded by what
// comes from these: a process without catalogs may run it.
func Portable(s *Stage) bool {
	if len(s.Tasks) != 1 || s.Local {
		return false
	}
	ok := true
	Walk(s.Root, func(n Node) {
		switch n.(type) {
		case *Scan, *Fetch, *TableFunc, *NestedLoopJoin, *HashJoin:
			ok = false
		}
	})
	return ok
}
