package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/joust-bench/joust"

// ours says which packages of this module each of them may import. A pattern
// that ends in /... matches the packages below, too. The first that matches a
// package is its rule; a package without a rule is a violation, so that a new
// one is placed in the diagram on purpose, and so is a rule without a package.
var ours = []struct {
	pkg string
	may []string
}{
	{"cmd/...", []string{"..."}},

	{"optimizers", nil},
	{"optimizers/noise", nil},
	{"optimizers/noise/gen", nil},
	{"optimizers/opttest", []string{"optimizers", "optimizers/noise"}},
	{"optimizers/builtin", []string{"optimizers", "optimizers/gradient", "optimizers/search", "optimizers/genetic", "optimizers/evolution", "optimizers/swarm", "optimizers/combine"}},
	{"optimizers/combine", []string{"optimizers", "optimizers/noise"}},
	{"optimizers/gradient", []string{"optimizers", "optimizers/noise", "network/kernel"}},
	{"optimizers/search", []string{"optimizers", "optimizers/noise", "network/kernel"}},
	{"optimizers/genetic", []string{"optimizers", "optimizers/noise", "network/kernel"}},
	{"optimizers/evolution", []string{"optimizers", "optimizers/noise", "network/kernel"}},
	{"optimizers/swarm", []string{"optimizers", "optimizers/noise", "network/kernel"}},

	{"network", []string{"network/kernel", "network/activation", "network/initializer", "network/loss"}},
	{"network/kernel", nil},
	{"network/kernel/...", []string{"network/kernel"}},
	{"network/activation", []string{"network/kernel"}},
	{"network/initializer", nil},
	{"network/loss", []string{"network/kernel"}},
	{"network/pretrain", []string{"network", "network/kernel", "network/activation", "network/initializer", "network/loss"}},
	{"network/netcheck", []string{"network", "network/kernel", "network/activation", "network/initializer", "network/loss"}},
	{"network/probe", []string{"network", "network/kernel", "network/activation", "network/initializer", "network/loss"}},
	{"network/paths", []string{"network", "network/kernel", "network/activation", "network/initializer", "network/loss"}},

	{"internal/pythontest", nil},
	{"plugins/...", []string{"optimizers/...", "plugins/..."}},

	{"bench", []string{"optimizers", "optimizers/noise", "network/..."}},
	{"bench/data", []string{"bench", "optimizers", "optimizers/noise", "network/..."}},
	{"bench/stats", []string{"bench", "optimizers", "optimizers/noise", "network/..."}},
	{"bench/store", []string{"bench", "optimizers", "network/..."}},
	{"bench/tasks", []string{"bench", "bench/data", "optimizers", "optimizers/noise", "network/..."}},
	{"bench/models", []string{"bench", "bench/data", "optimizers", "optimizers/noise", "network/..."}},
	{"bench/report", []string{"bench", "bench/stats", "optimizers", "network/..."}},
	{"bench/scaling", []string{"bench", "bench/stats", "optimizers", "optimizers/gradient", "network/..."}},
}

// theirs says who may import what is not ours: every dependency has a place.
// The standard library is free, but for what is listed.
var theirs = []struct {
	prefix string
	may    []string
}{
	{"database/sql", []string{"bench/store"}},
	{"modernc.org/sqlite", []string{"bench/store"}},
	{"github.com/MaxHalford/eaopt", []string{"optimizers/genetic"}},
	{"github.com/hashicorp/", []string{"plugins/..."}},
	{"google.golang.org/", []string{"plugins/..."}},
	{"github.com/spf13/", []string{"cmd/..."}},
	{"charm.land/", []string{"cmd/..."}},
	{"github.com/charmbracelet/", []string{"cmd/..."}},
	{"github.com/goccy/go-yaml", []string{"cmd/...", "bench/models", "plugins/manifest"}},
	{"gonum.org/v1/", []string{"optimizers/gradient", "optimizers/search", "optimizers/evolution", "network/...", "bench/...", "cmd/..."}},
	{"github.com/sbinet/npyio", []string{"bench/data", "cmd/..."}},
	{"golang.org/x/sys/", []string{"network/kernel", "optimizers/noise", "plugins/host", "cmd/..."}},
	{"golang.org/x/term", []string{"cmd/..."}},
}

func matches(pattern, pkg string) bool {
	tree, ok := strings.CutSuffix(pattern, "...")
	if !ok {
		return pkg == pattern
	}
	return strings.HasPrefix(pkg+"/", tree)
}

func anyMatches(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, pkg) })
}

// violations lists the imports that the rules do not allow. The keys are
// packages of this module without its path, the values what they import.
func violations(imports map[string][]string) []string {
	var bad []string
	for _, pkg := range slices.Sorted(maps.Keys(imports)) {
		rule := slices.IndexFunc(ours, func(r struct {
			pkg string
			may []string
		},
		) bool {
			return matches(r.pkg, pkg)
		})
		if rule < 0 {
			bad = append(bad, fmt.Sprintf("%s: has no rule, want one in this test", pkg))
			continue
		}
		for _, imp := range imports[pkg] {
			if own, ok := strings.CutPrefix(imp, module+"/"); ok {
				if !anyMatches(ours[rule].may, own) {
					bad = append(bad, fmt.Sprintf("%s: imports %s, may import %q", pkg, own, ours[rule].may))
				}
				continue
			}
			known := !strings.Contains(strings.Split(imp, "/")[0], ".") // the standard library
			for _, t := range theirs {
				if strings.HasPrefix(imp, t.prefix) {
					known = true
					if !anyMatches(t.may, pkg) {
						bad = append(bad, fmt.Sprintf("%s: imports %s, which only %q may", pkg, imp, t.may))
					}
				}
			}
			if !known {
				bad = append(bad, fmt.Sprintf("%s: imports %s, a dependency without a rule", pkg, imp))
			}
		}
	}
	return bad
}

// TestImports holds the packages to the diagram in the README. It reads the
// sources itself, rather than through the go command, so that the test cache
// sees when they change.
func TestImports(t *testing.T) {
	root := os.DirFS("../..")
	imports := make(map[string][]string)
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		src, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := path.Dir(name)
		imports[pkg] = slices.Clip(imports[pkg])
		for _, spec := range f.Imports {
			p, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if !slices.Contains(imports[pkg], p) {
				imports[pkg] = append(imports[pkg], p)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(imports["cmd/joust"]) == 0 || len(imports["optimizers"]) == 0 {
		t.Fatalf("found packages %q, want all of the module", slices.Sorted(maps.Keys(imports)))
	}
	for _, v := range violations(imports) {
		t.Error(v)
	}
	for _, p := range unmatched(slices.Collect(maps.Keys(imports))) {
		t.Errorf("%s: a rule for it, or what may be imported where, names no package", p)
	}
}

// unmatched lists the patterns of the rules that match none of the packages.
func unmatched(pkgs []string) []string {
	var patterns []string
	for _, r := range ours {
		patterns = append(append(patterns, r.pkg), r.may...)
	}
	for _, r := range theirs {
		patterns = append(patterns, r.may...)
	}
	slices.Sort(patterns)
	return slices.DeleteFunc(slices.Compact(patterns), func(p string) bool {
		return slices.ContainsFunc(pkgs, func(pkg string) bool { return matches(p, pkg) })
	})
}

// TestUnmatchedRules shows that a rule without a package is found.
func TestUnmatchedRules(t *testing.T) {
	var pkgs []string
	for _, r := range ours {
		if name, _ := strings.CutSuffix(r.pkg, "/..."); name != "bench/store" {
			pkgs = append(pkgs, name)
		}
	}
	pkgs = append(pkgs, "plugins/host", "plugins/manifest") // which rules of dependencies name
	if got, want := unmatched(pkgs), []string{"bench/store"}; !slices.Equal(got, want) {
		t.Errorf("without a package, unmatched rules %q, want %q", got, want)
	}
}

// TestImportsCatchesEachViolation shows that the rules can fail.
func TestImportsCatchesEachViolation(t *testing.T) {
	for _, tt := range []struct {
		pkg, imp string
		ok       bool
	}{
		{"optimizers", module + "/network", false},
		{"optimizers/gradient", module + "/network", false},
		{"optimizers/gradient", module + "/bench", false},
		{"optimizers/gradient", module + "/optimizers/genetic", false},
		{"optimizers/gradient", module + "/plugins", false},
		{"optimizers", module + "/optimizers/builtin", false},
		{"network", module + "/optimizers", false},
		{"network/probe", module + "/bench", false},
		{"network", module + "/network/probe", false},
		{"network/kernel", module + "/network", false},
		{"plugins", module + "/network", false},
		{"plugins/host", module + "/bench", false},
		{"bench", module + "/plugins", false},
		{"bench", module + "/optimizers/builtin", false},
		{"bench", module + "/bench/tasks", false},
		{"bench/data", module + "/bench/tasks", false},
		{"bench/report", module + "/bench/store", false},
		{"bench/store", module + "/cmd/joust", false},
		{"brandnew", "fmt", false},
		{"optimizers/search", "github.com/MaxHalford/eaopt", false},
		{"bench/report", "database/sql", false},
		{"bench/report", "database/sql/driver", false},
		{"cmd/joust", "modernc.org/sqlite", false},
		{"bench", "google.golang.org/grpc", false},
		{"bench/report", "github.com/hashicorp/go-plugin", false},
		{"bench/report", "github.com/spf13/cobra", false},
		{"bench/report", "charm.land/lipgloss/v2", false},
		{"optimizers/search", "github.com/goccy/go-yaml", false},
		{"optimizers", "gonum.org/v1/gonum/mat", false},
		{"cmd/joust", "github.com/somebody/left-pad", false},

		{"optimizers", module + "/network/kernel", false},

		{"optimizers/evolution", module + "/network/kernel", true},
		{"cmd/joust", module + "/bench/store", true},
		{"bench/tasks", module + "/bench/data", true},
		{"bench/report", module + "/bench/stats", true},
		{"bench", module + "/network/probe", true},
		{"bench/store", "modernc.org/sqlite", true},
		{"optimizers/genetic", "github.com/MaxHalford/eaopt", true},
		{"optimizers/gradient", "gonum.org/v1/gonum/optimize", true},
		{"plugins/host", "google.golang.org/grpc", true},
		{"optimizers", "encoding/json", true},
	} {
		if got := violations(map[string][]string{tt.pkg: {tt.imp}}); (len(got) == 0) != tt.ok {
			t.Errorf("%s importing %s: violations %q, want allowed: %v", tt.pkg, tt.imp, got, tt.ok)
		}
	}
}
