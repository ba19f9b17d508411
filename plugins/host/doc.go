// Package host is joust's side of optimizers in other processes.
package host
