package opttest_test

import (
	"os"
	"strings"
	"testing"

	"github.com/joust-bench/joust/optimizers/opttest"
)

// The optimizer that CONTRIBUTING.md shows keeps the contract.
func TestGuideOptimizerKeepsTheContract(t *testing.T) { opttest.Run(t, OnePlusOne) }

// What CONTRIBUTING.md shows is what is compiled and tested here.
func TestGuideShowsTheCompiledOptimizer(t *testing.T) {
	guide, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("oneplusone_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(guide), "```go\n")
	code, _, found := strings.Cut(code, "```\n")
	if want := strings.Replace(string(source), "package opttest_test", "package search", 1); !found || code != want {
		t.Errorf("CONTRIBUTING.md shows\n%s\nwant the text of oneplusone_test.go, in package search", code)
	}
}
