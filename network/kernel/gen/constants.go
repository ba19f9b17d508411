package main

import (
	"cmp"
	"slices"
)

// A constant from memory is a load for each operation, and a core does two in a cycle.
// AVX-512 has registers to spare for some.

// keepConstants loads the constants that body uses into the registers from first on: the
// most used ones, if there are not enough. In what body writes when it is called
// again, they stand for the constants.
func (c *code) keepConstants(first int, body func()) {
	if !c.wide {
		return
	}
	length, labels := c.text.Len(), c.labels
	c.uses = map[konst]int{}
	body()
	c.text.Truncate(length)
	c.labels = labels
	var order []konst
	for k := range c.uses {
		order = append(order, k)
	}
	slices.SortFunc(order, func(a, b konst) int {
		return cmp.Or(c.uses[b]-c.uses[a], cmp.Compare(a, b))
	})
	c.uses = nil
	c.kept = map[konst]int{}
	for i, k := range order[:min(len(order), 32-first)] {
		c.p("VBROADCASTS@ %s, %s", string(k), c.v(first+i))
		c.kept[k] = first + i
	}
}

// constant is an operand for k, and whether it is a register.
func (c *code) constant(k konst) (operand string, register bool) {
	if c.uses != nil {
		c.uses[k]++
	}
	if i, ok := c.kept[k]; ok {
		return c.v(i), true
	}
	return string(k), false
}

// eachKept is each for the usual number of vectors, on AVX-512 with per registers each
// and the constants of body in the others. AVX2 has none to spare.
func (c *code) eachKept(n, offset string, per int, body func(vec)) {
	per = pick(c.target, per, narrow)
	c.keepConstants(c.unroll()*per, func() { body(vec{block{c, c.unroll(), offset, -1}, per}) })
	c.each(n, offset, c.unroll(), func(b block) { body(vec{b, per}) })
	c.kept = nil
}
