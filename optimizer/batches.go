package optimizer

import "slices"

// batch is a list of rules that run to a fixed point, or once.
type batch struct {
	name      string
	once      bool
	mandatory bool // its rules cannot be switched off
	rules     []Rule
}

// batches lists every rule once, in the order in which they work.
func batches(e *env) []batch {
	return []batch{
		{name: "bounds", once: true, mandatory: true, rules: []Rule{limitBounds{e}}},
		{name: "normalize", rules: []Rule{inlineReuse{e}, simplify{e}, markToSemi{}, mergeProjects{}}},
		{name: "unnest", once: true, mandatory: true, rules: []Rule{unnest{e}}},
		{name: "rewrite", rules: []Rule{
			simplify{e}, pushFilters{}, outerToInner{}, markToSemi{}, singleToLeft{}, mergeProjects{}, pruneEmpty{}, dropSorts{},
		}},
		{name: "imply", once: true, rules: []Rule{
			implyFilters{e}, pushFilters{}, filterShared{}, simplify{e}, pushFilters{}, implyFilters{e}, pushFilters{}, simplify{e}, pruneEmpty{},
		}},
		{name: "join order", once: true, rules: []Rule{joinOrder{e}}},
		{name: "share", once: true, rules: []Rule{shareSubplans{e}, inlineReuse{e}}},
		{name: "columns", rules: []Rule{pruneColumns{}, mergeProjects{}, simplify{e}, pushFilters{}, pruneEmpty{}}},
		{name: "reduce", once: true, rules: []Rule{reduceByKeys{e}}},
		{name: "groups", rules: []Rule{reduceGroups{e}, sumOffsets{e}, sumDefaults{e}, integerKeys{e}, narrowNumerics{e}, mergeProjects{}}},
		{name: "limit", rules: []Rule{topN{}, pushLimits{}}},
		{name: "finish", rules: []Rule{buildSide{}, pruneColumns{}, mergeProjects{}}},
		{name: "late", once: true, rules: []Rule{lateColumns{e}, mergeProjects{}}},
	}
}

// OptionalRules are the names of the rules that Options.Disabled switches off,
// in the order in which they first work.
func OptionalRules() []string {
	var out []string
	for _, b := range batches(&env{}) {
		for _, r := range b.rules {
			if !b.mandatory && !slices.Contains(out, r.Name()) {
				out = append(out, r.Name())
			}
		}
	}
	return out
}
