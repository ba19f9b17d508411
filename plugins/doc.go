// Package plugins serves optimizers to a joust in another process.
package plugins
