// Package host runs plugins: it starts their processes, asks what they serve, and
// makes optimizers of it that behave as those in this process do.
package host
