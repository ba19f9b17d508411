//go:build !amd64

package kernel

import "os"

// current is the path of all functions.
const current = portable

// paths are those that this processor has.
func paths() []path { return []path{portable} }

// The variable may name a path that this processor lacks.
var _ = choose(os.Getenv("JOUST_KERNEL"), paths())
