//go:build !amd64

package noise

// Machines without assembly here compute what the definitions say.

func fillUniform(dst []float64, p place)              { uniformPortable(dst, p) }
func fillNormal(dst []float64, p place)               { normalPortable(dst, p) }
func addNormal(dst []float64, p place, sigma float64) { addNormalPortable(dst, p, sigma) }
func mirror(up, down, mean, sigma []float64, p place) { mirrorPortable(up, down, mean, sigma, p) }
