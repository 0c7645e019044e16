package main

import (
	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/mem"
	"github.com/flintsql/flint/catalog/tpch"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/server"
)

// builtinCatalogs are there without any configuration.
func builtinCatalogs(acct *memory.Account) map[string]catalog.Connector {
	return map[string]catalog.Connector{
		"flint": mem.New("public", map[string][]*mem.Table{"public": nil}),
		"tpch":  tpch.New(acct),
	}
}

func openCatalogs(dirs map[string]string, acct *memory.Account, cache string) (*server.Catalogs, error) {
	m, err := connectors(dirs, acct, cache)
	if err != nil {
		return nil, err
	}
	return server.NewCatalogs(m), nil
}
