package opttest

import (
	"fmt"
	"math"
	"slices"

	"github.com/joust-bench/joust/optimizers/noise"
)

// A Function is a test function of Dim variables, with a minimum of 0 at
// Optimum, whose coordinates have mixed signs: x*_i = (-1)^i (1 + i/n), with i
// from 0. With z = x - x*, the functions are
//
//	sphere             sum of z_i²
//	ellipsoid          sum of 10^(6i/(n-1)) z_i²
//	rotated-ellipsoid  the ellipsoid of R z, with a fixed random rotation R
//	rosenbrock         sum of 100 (y_i² - y_(i+1))² + (y_i - 1)², with y = z + 1
//	rastrigin          sum of z_i² + 10 (1 - cos 2 pi z_i)
type Function struct {
	Name    string
	Dim     int
	Optimum []float64

	rotation [][]float64
	z, d     []float64 // scratch: where in the function, and its gradient there
}

// Functions are the names that [NewFunction] knows.
func Functions() []string {
	return []string{"sphere", "ellipsoid", "rotated-ellipsoid", "rosenbrock", "rastrigin"}
}

// NewFunction returns the function of a name in n > 1 variables. It panics on a
// name that it does not know.
func NewFunction(name string, n int) *Function {
	if !slices.Contains(Functions(), name) {
		panic(fmt.Sprintf("opttest: no function %q", name))
	}
	f := &Function{Name: name, Dim: n, z: make([]float64, n), d: make([]float64, n)}
	for i := range n {
		x := 1 + float64(i)/float64(n)
		if i%2 == 1 {
			x = -x
		}
		f.Optimum = append(f.Optimum, x)
	}
	if name == "rotated-ellipsoid" {
		f.rotation = rotation(n)
	}
	return f
}

// Loss is the value at x. If grad, of length Dim, is not nil, the gradient is
// written to it. Loss is not safe for concurrent use.
func (f *Function) Loss(x, grad []float64) float64 {
	for i := range f.z {
		f.z[i] = x[i] - f.Optimum[i]
	}
	if f.rotation == nil {
		return f.at(f.z, grad)
	}
	y := make([]float64, f.Dim)
	for i, row := range f.rotation {
		y[i] = dot(row, f.z)
	}
	if grad == nil {
		return f.at(y, nil)
	}
	loss := f.at(y, f.d)
	clear(grad)
	for i, row := range f.rotation {
		for j, r := range row {
			grad[j] += r * f.d[i]
		}
	}
	return loss
}

func (f *Function) at(z, grad []float64) float64 {
	n, loss := len(z), 0.0
	if grad == nil {
		grad = f.d
	}
	switch f.Name {
	case "sphere":
		for i, v := range z {
			loss += v * v
			grad[i] = 2 * v
		}
	case "ellipsoid", "rotated-ellipsoid":
		for i, v := range z {
			a := math.Pow(10, 6*float64(i)/float64(n-1))
			loss += a * v * v
			grad[i] = 2 * a * v
		}
	case "rosenbrock":
		clear(grad)
		for i := range n - 1 {
			y, next := z[i]+1, z[i+1]+1
			bend := y*y - next
			loss += 100*bend*bend + (y-1)*(y-1)
			grad[i] += 400*bend*y + 2*(y-1)
			grad[i+1] -= 200 * bend
		}
	case "rastrigin":
		for i, v := range z {
			loss += v*v + 10*(1-math.Cos(2*math.Pi*v))
			grad[i] = 2*v + 20*math.Pi*math.Sin(2*math.Pi*v)
		}
	}
	return loss
}

// rotation is an orthogonal matrix: normal numbers by Gram and Schmidt.
func rotation(n int) [][]float64 {
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = make([]float64, n)
		noise.Normal(rows[i], 20, 0, uint32(i))
		// Twice, because once loses digits (Giraud et al. 2005,
		// doi:10.1007/s00211-005-0615-4).
		for range 2 {
			for _, q := range rows[:i] {
				p := dot(q, rows[i])
				for j := range q {
					rows[i][j] -= p * q[j]
				}
			}
		}
		length := math.Sqrt(dot(rows[i], rows[i]))
		for j := range rows[i] {
			rows[i][j] /= length
		}
	}
	return rows
}

func dot(x, y []float64) float64 {
	sum := 0.0
	for i, v := range x {
		sum += v * y[i]
	}
	return sum
}
