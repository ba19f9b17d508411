//go:build !amd64

package kernel

// eachPath runs f on the only path.
func eachPath(f func(name string)) { f(current.String()) }
