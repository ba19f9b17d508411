package kernel

// eachPath runs f on each path that this processor has.
func eachPath(f func(name string)) {
	defer func(p path) { current = p }(current)
	for _, current = range paths() {
		f(current.String())
	}
}
