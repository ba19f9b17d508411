package main

// normalTail64 and normalTail32 are those of activations_normal.go.
var normalTail64 = []float64{
	-7.262419810409579e-10, -2.5220994578780736e-09, 1.91827702037334e-09,
	1.961961086135556e-08, 1.3280797787310328e-08, -8.540841815685125e-08,
	-1.549649174224745e-07, 2.7180452962592834e-07, 1.0215540371961016e-06,
	-6.296965605815823e-07, -5.9201733230161025e-06, 7.166663245221031e-07,
	3.5144686053003464e-05, -1.9082584797734333e-06, -0.000231094935169459,
	0.00013334431240964574, 0.0016308184575887011, -0.003479692367393595,
	-0.007540188966726791, 0.06039657489093656, -0.18652185795965726,
	0.38713740074221453, -0.6078966419718921, 0.7552851304157515,
}

var normalTail32 = []float32{
	-5.155659e-05, -0.00023179868, 0.0001710546, 0.0016452193, -0.0034893174, -0.007545268,
	0.06039753, -0.18652128, 0.38713735, -0.6078967, 0.75528514,
}

// normal is normal of activations_normal.go, of z in register 6, with |z| in 7: Phi
// in 10, and the bell in 9.
func (e vec) normal() {
	e.op("VMULP@", 7, 7, 8)
	e.move(7, 9)
	e.op("VFMSUB213P@", 8, 7, 9)
	e.op("VMULP@", e.num(-0.5, -0.5), 8, 0)
	e.exp(true)
	e.op("VMULP@", e.num(-0.5, -0.5), 9, 9)
	e.op("VFMADD213P@", 1, 1, 9)

	e.op("VADDP@", e.num(4, 4), 7, 8)
	e.set(3, e.one())
	e.op("VDIVP@", 8, 3, 3)
	e.set(4, e.num(-8, -8))
	e.op("VFMADD213P@", e.one(), 3, 4)
	e.op("VADDP@", e.one(), 4, 2)
	e.set(5, e.num(-4, -4))
	e.op("VFMADD213P@", 7, 5, 2) // a - 4(t+1)
	e.op("VFNMADD231P@", 7, 4, 2)
	e.op("VFMADD231P@", 2, 3, 4)
	e.horner(5, 4, normalTail64, normalTail32)
	e.op("VDIVP@", 8, 5, 5)
	e.op("VMULP@", 9, 5, 5)
	e.set(10, e.one())
	e.op("VSUBP@", 5, 10, 10)
	e.compare(less, e.num(0, 0), 6)
	e.choose(5, 10)
}

const inverseSqrt2Pi = 0.398942280401432677939946059934381868475858631164934657665925829670

func (e vec) normalMax() konst { return e.num(39, 15) }

// gelu is gelu of activations_normal.go.
func (e vec) gelu() int {
	e.atLeast(e.num(-39, -15), 0, 1)
	e.move(0, 6)
	e.op("VANDP@", e.allButSign(), 0, 7)
	e.atMost(e.normalMax(), 7, 1)
	e.normal()
	e.op("VMULP@", 6, 10, 10)
	return 10
}

func (e vec) geluSlope() int {
	e.atLeast(e.num(-39, -15), 0, 1)
	e.atMost(e.normalMax(), 0, 1)
	e.move(0, 6)
	e.op("VANDP@", e.allButSign(), 0, 7)
	e.normal()
	e.op("VMULP@", e.num(inverseSqrt2Pi, inverseSqrt2Pi), 9, 9)
	e.op("VFMADD213P@", 10, 6, 9)
	return 9
}
