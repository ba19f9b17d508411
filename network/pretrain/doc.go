// Package pretrain makes better starting weights for a network from inputs without
// targets.
package pretrain
