package network

// SpecNames are the types of all specs in JSON.
func SpecNames() []string {
	var names []string
	for _, s := range specTypes {
		names = append(names, s.zero.spec())
	}
	return names
}
