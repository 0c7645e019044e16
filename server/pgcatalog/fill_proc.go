package pgcatalog

import (
	"strings"
	"sync"

	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/types"
)

// routine is a row of pg_proc or pg_operator.
type routine struct {
	oid        uint32
	name       string
	args       []types.Type
	variadic   bool
	result     types.Type
	kind       string // pg_proc.prokind
	volatility string
	strict     bool
	set        bool // returns a set
}

// routines are the functions and operators of the registry, and those that
// pg_type refers to.
var routines = sync.OnceValue(func() []*routine {
	var out []*routine
	seen := map[uint32]bool{}
	add := func(name, kind string, args []types.Type, result types.Type, infer func([]types.Type) types.Type) *routine {
		if infer != nil {
			result = infer(args)
		}
		r := &routine{name: name, kind: kind, args: bare(args), result: bare([]types.Type{result})[0], volatility: "i"}
		r.oid = oidOf("routine", append([]string{name}, names(r.args)...)...)
		if !seen[r.oid] { // overloads that differ in modifiers only are one to clients
			seen[r.oid] = true
			out = append(out, r)
		}
		return r
	}
	for _, name := range function.ScalarNames() {
		for _, f := range function.Scalars(name) {
			if f.IsVariant() {
				continue
			}
			r := add(name, "f", f.Args, f.Result, f.Infer)
			r.variadic, r.strict, r.volatility = f.Variadic, !f.NotStrict, [...]string{"i", "s", "v"}[f.Volatility]
		}
	}
	for _, a := range function.AllAggregates() {
		add(a.Name, "a", a.Args, a.Result, a.Infer).variadic = a.Variadic
	}
	for _, w := range function.AllWindows() {
		add(w.Name, "w", w.Args, w.Result, w.Infer)
	}
	for _, t := range function.AllTables() {
		r := add(t.Name, "f", t.Args, types.Of(types.Record), nil)
		if cols := t.Columns(t.Args); len(cols) == 1 {
			r.result = bare([]types.Type{cols[0].Type})[0]
		}
		r.variadic, r.set, r.strict = t.Variadic, true, true
	}
	for oid, name := range typeProcs() {
		out = append(out, &routine{oid: oid, name: name, kind: "f", volatility: "i", strict: true, result: types.Of(types.Void)})
	}
	return out
})

var routineByOID = sync.OnceValue(func() map[uint32]*routine {
	m := map[uint32]*routine{}
	for _, r := range routines() {
		m[r.oid] = r
	}
	return m
})

// bare drops modifiers.
func bare(ts []types.Type) []types.Type {
	out := make([]types.Type, len(ts))
	for i, t := range ts {
		out[i] = types.Type{Kind: t.Kind, Elem: t.Elem}
	}
	return out
}

// declared gives a type of a signature its name and OID: an array of nothing
// stands for any array.
func declared(t types.Type) (string, uint32) {
	switch {
	case t.Kind == types.Array && t.Elem == types.Unknown:
		return "anyarray", 2277
	case t.Kind == types.Unknown:
		return "anyelement", 2283
	}
	return t.String(), t.OID()
}

func names(ts []types.Type) []string {
	out := make([]string, len(ts))
	for i, t := range ts {
		out[i], _ = declared(t)
	}
	return out
}

// arguments is pg_get_function_arguments.
func (r *routine) arguments() string {
	args := names(r.args)
	if last := len(args) - 1; r.variadic && last >= 0 {
		if r.args[last].Kind != types.Array {
			args[last] += "[]"
		}
		args[last] = "VARIADIC " + args[last]
	}
	return strings.Join(args, ", ")
}

func (r *routine) resultOID() uint32 {
	_, oid := declared(r.result)
	return oid
}

func oids(ts []types.Type) []uint32 {
	out := make([]uint32, len(ts))
	for i, t := range ts {
		_, out[i] = declared(t)
	}
	return out
}

func fillProc(s *snapshot, w *rows, _ []int64) error {
	for _, r := range routines() {
		if function.IsOperator(r.name) {
			continue
		}
		w.set("oid", r.oid).set("proname", r.name).set("pronamespace", oidPgCatalog).set("proowner", oidOwner).set("prolang", 12)
		w.set("procost", 1.0).set("prokind", r.kind).set("proisstrict", r.strict).set("proretset", r.set).set("provolatile", r.volatility).set("proparallel", "s")
		w.set("pronargs", len(r.args)).set("prorettype", r.resultOID()).set("proargtypes", oids(r.args)).set("prosrc", r.name).add()
	}
	return nil
}

func fillAggregate(s *snapshot, w *rows, _ []int64) error {
	for _, r := range routines() {
		if r.kind == "a" {
			w.set("aggfnoid", r.oid).set("aggkind", "n").set("aggfinalmodify", "r").set("aggmfinalmodify", "r").add()
		}
	}
	return nil
}

func fillOperator(s *snapshot, w *rows, _ []int64) error {
	for _, r := range routines() {
		if !function.IsOperator(r.name) || len(r.args) == 0 || len(r.args) > 2 {
			continue
		}
		w.set("oid", r.oid).set("oprname", r.name).set("oprnamespace", oidPgCatalog).set("oprowner", oidOwner).set("oprkind", "l")
		if len(r.args) == 2 {
			w.set("oprkind", "b").set("oprleft", oids(r.args)[0])
		}
		w.set("oprright", oids(r.args)[len(r.args)-1]).set("oprresult", r.resultOID()).add()
	}
	return nil
}

// castContexts are pg_cast.castcontext.
var castContexts = map[function.CastContext]string{function.CastImplicit: "i", function.CastAssignment: "a", function.CastExplicit: "e"}

func fillCast(s *snapshot, w *rows, _ []int64) error {
	for _, from := range typeInfos() {
		for _, to := range typeInfos() {
			a, ok := types.ByOID(from.oid)
			b, ok2 := types.ByOID(to.oid)
			if !ok || !ok2 || a == b || from.class != "b" || to.class != "b" || a.Kind == types.Array || b.Kind == types.Array {
				continue
			}
			context, ok := castContexts[function.CanCast(a, b)]
			if !ok {
				continue
			}
			w.set("oid", oidOf("cast", from.name, to.name)).set("castsource", from.oid).set("casttarget", to.oid)
			w.set("castcontext", context).set("castmethod", "i").add()
		}
	}
	return nil
}
