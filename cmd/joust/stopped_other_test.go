//go:build !unix

package main

import "errors"

// stopped would stop this process.
func stopped() error { return errors.ErrUnsupported }
