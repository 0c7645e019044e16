package analyzer

import "github.com/flintsql/flint/sql/function"

func aggregatesOf(name string) []*function.Agg { return function.Aggregates(name) }

func windowsOf(name string) []*function.Window { return nil }

func tablesOf(name string) []*function.Table { return nil }
