package data

import "math"

// The spirals have 97 points each, and turn three times.
const spiralPoints = 97

// Spirals returns the 194 points of the two spirals (Lang & Witbrock 1988,
// Learning to tell two spirals apart, Proc. Connectionist Models Summer
// School), scaled by 1/6.5 so that the outermost has radius 1. Points 2i and
// 2i+1, i = 0 to 96, are
//
//	r = (104-i)/104, phi = i pi/16: (r sin phi, r cos phi), class 0,
//
// and its negative, class 1.
func Spirals() Set {
	var s Set
	for i := range spiralPoints {
		s.appendSpirals(float64(i))
	}
	return s
}

// SpiralsBetween returns points of the same spirals between those of
// [Spirals]: steps-1 of them, evenly spaced in i, between any two neighbours
// on an arm, 2*96*(steps-1) in all.
func SpiralsBetween(steps int) Set {
	var s Set
	for i := range spiralPoints - 1 {
		for k := 1; k < steps; k++ {
			s.appendSpirals(float64(i) + float64(k)/float64(steps))
		}
	}
	return s
}

// appendSpirals appends the point at i of both arms.
func (s *Set) appendSpirals(i float64) {
	r := (104 - i) / 104
	sin, cos := math.Sincos(i * math.Pi / 16)
	s.X = append(s.X, r*sin, r*cos, -r*sin, -r*cos)
	s.Labels = append(s.Labels, 0, 1)
	s.N += 2
}
