package main

import (
	"fmt"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/memory"
)

type genCmd struct{}

func (genCmd) Run() error { return nil }

func openParquet(dir string, acct *memory.Account) (catalog.Connector, error) {
	return nil, fmt.Errorf("parquet: pending")
}
