package parquet

type sample struct{}
