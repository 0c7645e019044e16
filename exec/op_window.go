package exec

import "github.com/flintsql/flint/physical"

func newWindow(b *builder, n *physical.Window, in Operator) (Operator, error)       { return nil, nil }
func newTableFunc(b *builder, n *physical.TableFunc, in Operator) (Operator, error) { return nil, nil }
