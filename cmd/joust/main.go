package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/bench/models"
	"github.com/joust-bench/joust/bench/tasks"
	"github.com/joust-bench/joust/optimizers/builtin"
)

func main() {
	os.Exit(execute(context.Background(), bench.Lists{
		Tasks: tasks.All(), Models: models.All(), Optimizers: builtin.All(),
	}))
}

// execute runs the command line, prints an error if there is one, once, and
// returns the exit status.
func execute(ctx context.Context, l bench.Lists) int {
	err := newRootCommand(l).ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	// An error in a file starts with its place, as editors look for it.
	if msg := strings.ReplaceAll(err.Error(), "\n", "; "); located.MatchString(msg) {
		fmt.Fprintln(os.Stderr, msg)
	} else {
		fmt.Fprintln(os.Stderr, "joust: "+msg)
	}
	if e, ok := errors.AsType[*exitError](err); ok {
		return e.status
	}
	return exitFailed
}
