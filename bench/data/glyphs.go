package data

// A knot is a point of a stroke in the unit square, x to the right and y down.
// The pen goes through the first and the last and turns sharply at corners; the
// others pull it towards them.
type knot struct {
	x, y   float64
	corner bool
}

// A stroke is what is drawn without lifting the pen. It is made of quadratic
// Bezier curves, one for each knot that is not a corner, which meet half-way
// between two such knots: between corners, a quadratic B-spline. A closed one
// has no ends and no corners.
type stroke struct {
	knots  []knot
	closed bool
}

// glyphs are the digits 0 to 9, as they are written by hand.
var glyphs = [10][]stroke{
	{{closed: true, knots: []knot{{.36, .13, false}, {.64, .13, false}, {.78, .50, false}, {.64, .87, false}, {.36, .87, false}, {.22, .50, false}}}},
	{{knots: []knot{{.36, .32, true}, {.53, .17, true}, {.53, .83, true}}}},
	{{knots: []knot{{.28, .32, true}, {.32, .11, false}, {.71, .11, false}, {.76, .43, false}, {.27, .83, true}, {.76, .83, true}}}},
	{{knots: []knot{{.29, .24, true}, {.41, .11, false}, {.73, .13, false}, {.75, .43, false}, {.46, .47, true}, {.80, .50, false}, {.78, .87, false}, {.41, .90, false}, {.27, .75, true}}}},
	{
		{knots: []knot{{.57, .17, true}, {.25, .59, true}, {.76, .59, true}}},
		{knots: []knot{{.61, .38, true}, {.59, .85, true}}},
	},
	{{knots: []knot{{.72, .17, true}, {.36, .17, true}, {.32, .46, true}, {.50, .38, false}, {.78, .43, false}, {.78, .87, false}, {.41, .89, false}, {.27, .76, true}}}},
	{{knots: []knot{{.64, .17, true}, {.38, .25, false}, {.22, .61, false}, {.31, .89, false}, {.69, .89, false}, {.78, .50, false}, {.43, .46, false}, {.30, .66, true}}}},
	{{knots: []knot{{.26, .18, true}, {.74, .18, true}, {.54, .48, false}, {.45, .84, true}}}},
	{{closed: true, knots: []knot{{.50, .48, false}, {.73, .36, false}, {.69, .11, false}, {.31, .11, false}, {.27, .36, false}, {.50, .48, false}, {.78, .62, false}, {.75, .90, false}, {.25, .90, false}, {.22, .62, false}}}},
	{{knots: []knot{{.69, .36, true}, {.64, .13, false}, {.29, .11, false}, {.27, .54, false}, {.61, .55, false}, {.70, .32, true}, {.68, .84, true}}}},
}
